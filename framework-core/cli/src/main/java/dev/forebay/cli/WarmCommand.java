package dev.forebay.cli;

import dev.forebay.replay.trace.TraceFormats;
import dev.forebay.replay.warm.GatewayTarget;
import dev.forebay.replay.warm.Warmup;
import dev.forebay.replay.warm.WarmupList;
import dev.forebay.replay.warm.WarmupProgress;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Fills the cache of a running gateway, in the time that it has nothing else to do. */
@Command(
    name = "warm",
    description =
        "Fills the cache of a running gateway from a list of requests or from a trace: paced, and"
            + " only while the gateway has idle capacity.",
    footer = {
      "",
      "LIST has a request on each line:"
          + " {\"operation\":\"chat\",\"tenant\":\"default\",\"body\":{...}}, as",
      "GET /cache/hot of the gateway's administration exports it. Of a trace, each prompt whose",
      "identity is known is asked once, the most frequent first; its words are made up.",
      "What is done is noted in a file, so that a run that was stopped goes on from there; if"
          + " the",
      "gateway was started since, it begins again.",
      "Example: curl -s 127.0.0.1:8081/cache/hot > hot.jsonl && forebay warm hot.jsonl"
    })
final class WarmCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", arity = "0..1", paramLabel = "LIST", description = "the requests")
  private @Nullable Path list;

  @Option(names = "--trace", paramLabel = "FORMAT:PATH", description = "a trace, instead of a list")
  private @Nullable String trace;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "ask no more than N requests (of a trace: read no more)")
  private int limit = TraceFormats.ALL;

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description = "model to ask for the prompts of a trace")
  private @Nullable String model;

  @Mixin private AskingOptions asking = new AskingOptions();

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "ask only the requests of a tenant: the one that the key belongs to")
  private @Nullable String tenant;

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "2",
      description = "requests per second, at most (default: ${DEFAULT-VALUE})")
  private double rate = 2;

  @Option(
      names = "--idle-below",
      paramLabel = "SHARE",
      defaultValue = "0.5",
      description =
          "ask only while less than this share of the gateway's limits is in use and nobody waits"
              + " in a queue (default: ${DEFAULT-VALUE})")
  private double idleBelow = 0.5;

  @Option(
      names = "--max-wait",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description =
          "stop where the gateway has had no idle capacity for so long (default: ${DEFAULT-VALUE})")
  private long maxWaitSeconds = 600;

  @Option(
      names = "--progress",
      paramLabel = "FILE",
      description = "where to note what is done (default: LIST.warmed, or forebay.warmed)")
  private @Nullable Path progress;

  @Override
  public Integer call() throws IOException, InterruptedException {
    check();
    WarmupList requests = requests();
    Path noted =
        progress == null ? Path.of((list == null ? "forebay" : list) + ".warmed") : progress;
    PrintWriter err = spec.commandLine().getErr();
    Warmup.Figures figures;
    try (GatewayTarget target = asking.target()) {
      WarmupProgress done = WarmupProgress.open(noted, requests.identity(), target.start());
      figures =
          new Warmup(requests, target, done, rate, idleBelow, maxWaitSeconds * 1000)
              .run((at, of) -> bar(err, at, of));
    }
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        String.format(
            Locale.ROOT,
            "warmed: %d asked, %d of them already there, %d not kept, %d failed, %d done before, %d"
                + " left; waited %.1f s for idle capacity",
            figures.asked(),
            figures.hits(),
            figures.bypassed(),
            figures.failed(),
            figures.before(),
            figures.left(),
            figures.waitedSeconds()));
    out.flush();
    if (figures.left() > 0) {
      err.println(
          "warm: the gateway was busy for "
              + maxWaitSeconds
              + " s (expected: idle capacity; --max-wait waits longer, and a further run goes on"
              + " from here)");
      err.flush();
    }
    return figures.failed() > 0 || figures.left() > 0 ? Main.FAILED : Main.OK;
  }

  private void check() {
    if ((list == null) == (trace == null)) {
      throw wrong("LIST: expected either a list or --trace");
    }
    if (trace != null && model == null) {
      throw wrong("--model: missing (expected: the model to ask for the prompts of a trace)");
    }
    if (!(rate > 0 && rate <= 10_000)) {
      throw wrong("--rate: " + rate + " (expected: above 0, to 10000)");
    }
    if (!(idleBelow > 0 && idleBelow <= 1)) {
      throw wrong("--idle-below: " + idleBelow + " (expected: above 0, to 1)");
    }
    if (maxWaitSeconds < 0 || maxWaitSeconds > 31_536_000) {
      throw wrong("--max-wait: " + maxWaitSeconds + " (expected: 0 to 31536000)");
    }
    if (limit < 1) {
      throw wrong("--limit: " + limit + " (expected: at least 1)");
    }
  }

  private WarmupList requests() throws IOException {
    if (list != null) {
      return WarmupList.read(list, tenant, limit);
    }
    return WarmupList.of(
        TraceFormats.open(String.valueOf(trace), limit, 1), String.valueOf(model), tenant);
  }

  private ParameterException wrong(String line) {
    return new ParameterException(spec.commandLine(), line);
  }

  private static void bar(PrintWriter err, int at, int of) {
    if (Terminal.present()) {
      err.print(ProgressBar.line(at, of, "warmed") + (at == of ? "\n" : ""));
      err.flush();
    }
  }
}
