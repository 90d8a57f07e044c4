package dev.forebay.cli;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import dev.forebay.replay.trace.TraceStatistics;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Describes a trace: span, rate, burstiness, lengths, repeats, what it carries. */
@Command(
    name = "trace",
    description =
        "Describes a trace: span, rate, burstiness, token lengths, repeats, what it carries.",
    footer = {
      "",
      "Formats: azure, mooncake, servegen (servegen:RATES[,LENGTHS]), burstgpt, access-log, jsonl;",
      "gzipped or not.",
      "Example: forebay trace azure:AzureLLMInferenceTrace_conv.csv.gz"
    })
final class TraceCommand implements Callable<Integer> {
  private enum Format {
    table,
    json
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "FORMAT:PATH", description = "the trace")
  private String trace = "";

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "read no more than the first N requests")
  private int limit = TraceFormats.ALL;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "decides what a format leaves open (default: ${DEFAULT-VALUE})")
  private long seed = 1;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Format format = Format.table;

  @Override
  public Integer call() {
    if (limit < 1) {
      throw new ParameterException(
          spec.commandLine(), "--limit: " + limit + " (expected: at least 1)");
    }
    Trace read = TraceFormats.open(trace, limit, seed);
    TraceDescription description = new TraceDescription(read, TraceStatistics.of(read));
    PrintWriter out = spec.commandLine().getOut();
    out.println(format == Format.json ? description.json().encodePrettily() : description.text());
    out.flush();
    return Main.OK;
  }
}
