package dev.forebay.cli;

import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceStatistics;
import dev.forebay.replay.trace.TraceStatistics.Burstiness;
import dev.forebay.replay.trace.TraceStatistics.Lengths;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A trace and its statistics, for people and for programs. */
record TraceDescription(Trace trace, TraceStatistics statistics) {

  /** A line per figure. */
  String text() {
    List<String> lines = new ArrayList<>();
    line(lines, "trace", "%s%s", trace.format(), trace.path() == null ? "" : ":" + trace.path());
    line(lines, "requests", "%,d", statistics.requests());
    line(lines, "span", "%,.0f s", statistics.spanSeconds());
    line(lines, "mean rate", "%.2f requests/s", statistics.meanRate());
    Burstiness recorded = statistics.recorded();
    if (recorded != null) {
      burstiness(lines, " as recorded", recorded);
    }
    burstiness(lines, recorded == null ? "" : " as replayed (spread)", statistics.arrivals());
    lengths(lines, "input tokens", statistics.promptTokens());
    lengths(lines, "output tokens", statistics.outputTokens());
    repeats(lines);
    shares(lines);
    line(lines, "carries", "%s", labels(trace.carries()));
    if (!trace.synthetic().isEmpty()) {
      line(lines, "synthetic", "%s", labels(trace.synthetic()));
    }
    trace.notes().forEach(note -> line(lines, "note", "%s", note));
    return String.join(System.lineSeparator(), lines);
  }

  /** The same figures as one object; what the trace does not carry is null. */
  JsonObject json() {
    return new JsonObject()
        .put("format", trace.format())
        .put("path", trace.path())
        .put("requests", statistics.requests())
        .put("spanSeconds", finite(statistics.spanSeconds()))
        .put("meanRate", finite(statistics.meanRate()))
        .put("arrivals", json(statistics.arrivals()))
        .put("recordedArrivals", json(statistics.recorded()))
        .put("promptTokens", json(statistics.promptTokens()))
        .put("outputTokens", json(statistics.outputTokens()))
        .put("prefixes", prefixes())
        .put("exactRepeats", finite(statistics.exactRepeats()))
        .put("tenants", tenants())
        .put("sessions", sessions())
        .put("carries", names(trace.carries()))
        .put("synthetic", names(trace.synthetic()))
        .put("notes", new JsonArray(trace.notes()));
  }

  private void repeats(List<String> lines) {
    TraceStatistics.Prefixes prefixes = statistics.prefixes();
    if (prefixes != null) {
      line(
          lines,
          "prefix reuse",
          "%.1f %% of prompt tokens with an unbounded cache",
          100 * prefixes.reusedTokens());
      line(
          lines,
          "shared prefixes",
          "%.1f %% of requests share a block with an earlier one, %.1f %% two or more",
          100 * prefixes.firstBlockShared(),
          100 * prefixes.twoBlocksShared());
    }
    if (!Double.isNaN(statistics.exactRepeats())) {
      line(lines, "exact repeats", "%.1f %% of requests", 100 * statistics.exactRepeats());
    }
  }

  private void shares(List<String> lines) {
    TraceStatistics.Tenants tenants = statistics.tenants();
    if (tenants != null) {
      line(
          lines,
          "tenants",
          "%,d; the largest sends %.1f %%, the ten largest %.1f %%",
          tenants.count(),
          100 * tenants.largest(),
          100 * tenants.tenLargest());
    }
    TraceStatistics.Sessions sessions = statistics.sessions();
    if (sessions != null) {
      line(
          lines,
          "sessions",
          "%,d of %.1f turns; %.1f %% of requests are later turns",
          sessions.count(),
          sessions.meanTurns(),
          100 * sessions.requests());
    }
  }

  private static void burstiness(List<String> lines, String which, Burstiness arrivals) {
    line(lines, "inter-arrival CV", "%s%s", figure(arrivals.cv()), which);
    line(
        lines,
        "variance/mean",
        "%s / %s / %s of counts in 1 / 10 / 60 s%s",
        figure(arrivals.perSecond()),
        figure(arrivals.per10Seconds()),
        figure(arrivals.perMinute()),
        which);
  }

  private static String figure(double value) {
    return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "-";
  }

  private static void lengths(List<String> lines, String name, Lengths lengths) {
    line(
        lines,
        name,
        "mean %.0f, p50 %.0f, p99 %.0f, max %d",
        lengths.mean(),
        lengths.p50(),
        lengths.p99(),
        lengths.max());
  }

  private static void line(List<String> lines, String name, String format, Object... values) {
    lines.add(
        String.format(Locale.ROOT, "%-17s", name) + String.format(Locale.ROOT, format, values));
  }

  private static @Nullable JsonObject json(@Nullable Burstiness arrivals) {
    return arrivals == null
        ? null
        : new JsonObject()
            .put("cv", finite(arrivals.cv()))
            .put("varianceOverMean1s", finite(arrivals.perSecond()))
            .put("varianceOverMean10s", finite(arrivals.per10Seconds()))
            .put("varianceOverMean60s", finite(arrivals.perMinute()));
  }

  private static JsonObject json(Lengths lengths) {
    return new JsonObject()
        .put("mean", lengths.mean())
        .put("p50", lengths.p50())
        .put("p99", lengths.p99())
        .put("max", lengths.max());
  }

  private @Nullable JsonObject prefixes() {
    TraceStatistics.Prefixes prefixes = statistics.prefixes();
    return prefixes == null
        ? null
        : new JsonObject()
            .put("reusedTokens", prefixes.reusedTokens())
            .put("firstBlockShared", prefixes.firstBlockShared())
            .put("twoBlocksShared", prefixes.twoBlocksShared());
  }

  private @Nullable JsonObject tenants() {
    TraceStatistics.Tenants tenants = statistics.tenants();
    return tenants == null
        ? null
        : new JsonObject()
            .put("count", tenants.count())
            .put("largest", tenants.largest())
            .put("tenLargest", tenants.tenLargest());
  }

  private @Nullable JsonObject sessions() {
    TraceStatistics.Sessions sessions = statistics.sessions();
    return sessions == null
        ? null
        : new JsonObject()
            .put("count", sessions.count())
            .put("meanTurns", sessions.meanTurns())
            .put("laterTurns", sessions.requests());
  }

  /** JSON has no infinity and no NaN: null stands for what cannot be said. */
  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String labels(Set<Carries> fields) {
    return fields.stream().map(Carries::label).collect(Collectors.joining(", "));
  }

  private static JsonArray names(Set<Carries> fields) {
    JsonArray names = new JsonArray();
    fields.forEach(field -> names.add(field.name().toLowerCase(Locale.ROOT)));
    return names;
  }
}
