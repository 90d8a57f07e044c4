package dev.forebay.cli;

import dev.forebay.config.Registry;
import dev.forebay.replay.live.Upstream;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import io.vertx.core.Vertx;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The upstream of a live run, for {@code compare --mode live}: tells the addresses of its
 * emulators, then answers each line of standard input with its figures, until the end of it.
 */
@Command(
    name = "live-upstream",
    description = "The emulated upstream of compare --mode live.",
    hidden = true)
final class LiveUpstreamCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "SCENARIO", description = "the scenario")
  private String scenario = "";

  @Parameters(index = "1", paramLabel = "COMBINATION", description = "whose servers are emulated")
  private String combination = "";

  @Parameters(index = "2", paramLabel = "FORMAT:PATH", description = "the trace")
  private String trace = "";

  @Parameters(index = "3", paramLabel = "SEED", description = "of the faults")
  private long seed;

  @Mixin private PluginJars plugins = new PluginJars();

  @Override
  public Integer call() throws InterruptedException, IOException {
    Registry registry = plugins.registry(spec.commandLine().getErr());
    Scenario read = ScenarioReader.read(scenario, registry, System::getenv);
    Combination chosen =
        read.combinations().stream()
            .filter(known -> known.name().equals(combination))
            .findFirst()
            .orElseThrow(() -> new WrongInput("combination: " + combination));
    Trace requests = TraceFormats.open(trace, TraceFormats.ALL, seed);
    Vertx vertx = Vertx.vertx();
    try {
      Upstream upstream = Running.await(Upstream.start(vertx, chosen.blueprint(), requests, seed));
      say("upstream " + upstream.urls().encode());
      BufferedReader asked =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      while (asked.readLine() != null) {
        say("figures " + Running.await(upstream.figures()).encode());
      }
      return Main.OK;
    } finally {
      vertx.close();
    }
  }

  private void say(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
