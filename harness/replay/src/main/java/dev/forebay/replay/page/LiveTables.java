package dev.forebay.replay.page;

import dev.forebay.replay.live.ClientProof;
import dev.forebay.replay.live.Fidelity;
import dev.forebay.replay.live.LiveCounts;
import dev.forebay.replay.live.LiveReport;
import java.util.List;
import java.util.Locale;

/** What only the page of a live comparison tells: whether it can be believed. */
final class LiveTables {

  private LiveTables() {}

  /** The client in each run, and what each of the processes counted; nothing if none ran. */
  static String proof(LiveReport live) {
    if (live.proofs().isEmpty()) {
      return "";
    }
    return Html.table(
            "The client, and the timers of the upstream",
            List.of(
                "combination",
                "seed",
                "requests",
                "sent late (p99)",
                "median latency",
                "processors",
                "timers late (mean)",
                "tokens by"),
            live.proofs().stream().map(LiveTables::line).toList())
        + Html.list(live.counts().stream().map(LiveCounts::text).toList());
  }

  private static List<Html.Cell> line(ClientProof proof) {
    return Shown.line(
        proof.combination(),
        List.of(
            String.valueOf(proof.seed()),
            String.valueOf(proof.requests()),
            millis(proof.lagMillis()),
            millis(proof.medianMillis()),
            String.format(Locale.ROOT, "%.0f %%", 100 * proof.processorShare()),
            millis(proof.timerLagMillis()),
            proof.tokensFromUsage() ? "usage" : "contents"));
  }

  private static String millis(double millis) {
    return String.format(Locale.ROOT, "%.2f ms", millis);
  }

  /** Each figure in both modes. */
  static String differences(Fidelity both) {
    return Html.element("p", Fidelity.ABOUT)
        + Html.table(
            "The same arrivals in virtual time and live",
            List.of("combination", "column", "virtual", "live", "off", "difference", ""),
            both.lines().stream()
                .map(line -> Shown.line(line.combination(), line.texts()))
                .toList());
  }
}
