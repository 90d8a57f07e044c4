package dev.forebay.discovery.processes;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.EndpointSource;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Servers that run as child processes of the gateway, all by one command. An autoscaler may change
 * how many: the section {@code scaling} finds it as the target of the pool.
 *
 * @param command the program and its arguments
 * @param environment variables beside those of the gateway
 * @param id what the ids of the members begin with; a number follows
 * @param initial members at the start
 * @param health path that answers 200 once a server takes requests
 * @param startTimeout after which a server that is not healthy is stopped
 * @param stopTimeout after which a server that does not end is killed
 * @param backoff pause before a server that ended by itself is replaced
 * @param cores that a server may use, for its share of the CPU
 */
@RecordBuilder
@Doc(
    "Servers as child processes of the gateway, all by one command. The section scaling may change"
        + " how many there are.")
public record Processes(
    @Doc("program and arguments; {host} and {port} stand for the address of a server") @NotEmpty
        List<String> command,
    @Doc("variables beside those of the gateway") @Default("{}") Map<String, String> environment,
    @Doc("what the ids of the members begin with; a number follows") @Default("process") String id,
    @Doc("members at the start") @Default("1") @Range(min = 0, max = 1000) @Unit("members")
        int initial,
    @Doc("path that answers 200 once a server takes requests") @Default("/health") String health,
    @Doc("after which a server that is not healthy is stopped, and another is started")
        @Default("120s")
        @Range(min = 0.1, max = 3600)
        Duration startTimeout,
    @Doc("after which a server that does not end is killed")
        @Default("10s")
        @Range(min = 0, max = 3600)
        Duration stopTimeout,
    @Doc("pause before a server that ended by itself is replaced")
        @Default("1s")
        @Range(min = 0.01, max = 3600)
        Duration backoff,
    @Doc("cores that a server may use: its share of the CPU is of these")
        @Default("1")
        @Range(min = 0.01, max = 1024)
        double cores)
    implements Plugin<EndpointSource>, ProcessesBuilder.With {

  /** Copies, and checks. */
  public Processes {
    command = List.copyOf(command);
    environment = Map.copyOf(environment);
    if (command.stream().noneMatch(word -> word.contains("{port}"))) {
      throw new IllegalArgumentException(
          "command: no {port} (expected: {port} in the place of its port)");
    }
  }

  /** One server to begin with. */
  public static Processes of(List<String> command) {
    return Options.defaults(Processes.class, Map.entry("command", command));
  }

  @Override
  public EndpointSource create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "processes: there is no network here (expected: a gateway on Vert.x)"));
    return new ProcessesSource(this, vertx, context);
  }
}
