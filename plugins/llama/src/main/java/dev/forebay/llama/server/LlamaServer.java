package dev.forebay.llama.server;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.policy.Backend;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A server to run as a child process.
 *
 * @param id unique in the pool
 * @param command program and arguments; {@code {port}} and {@code {host}} are filled in
 * @param models models that it offers; empty where it takes any
 * @param environment further variables of its environment
 * @param health path that answers 200 once it can take requests
 * @param startTimeout how long a start may take; then it is stopped, and tried again
 * @param backoff pause before a restart; doubles with each failure in a row
 * @param maxBackoff the longest pause
 * @param standby whether a second process waits, ready to take over
 * @param stopTimeout how long it may take to end when asked; then it is killed
 */
@RecordBuilder
@Doc(
    "Any server with an OpenAI-compatible API (llama-server, Ollama, vLLM) as a child process: on"
        + " loopback and a free port, restarted when it ends, with its output in the gateway's"
        + " log.")
public record LlamaServer(
    @Doc("Name of the endpoint, unique in its pool.") String id,
    @Doc(
            "Program and arguments. {port} and {host} are filled in: llama-server, -m, model.gguf,"
                + " --host, {host}, --port, {port}.")
        List<String> command,
    @Doc("Models that it offers; empty where it takes any.") @Default("[]") List<String> models,
    @Doc("Further variables of its environment.") @Default("{}") @Secret
        Map<String, String> environment,
    @Doc("Path that answers 200 once it can take requests.") @Default("/health") String health,
    @Doc("How long a start may take; then it is stopped, and tried again.")
        @Default("300s")
        @Range(min = 0.1, max = 3600)
        Duration startTimeout,
    @Doc("Pause before a restart; doubles with each failure in a row.")
        @Default("1s")
        @Range(min = 0.01, max = 600)
        Duration backoff,
    @Doc("The longest pause before a restart.") @Default("60s") @Range(min = 0.01, max = 3600)
        Duration maxBackoff,
    @Doc("Whether a second process waits, ready to take over.") @Default("false") boolean standby,
    @Doc("How long it may take to end when asked; then it is killed.")
        @Default("5s")
        @Range(min = 0, max = 600)
        Duration stopTimeout)
    implements Plugin<Backend>, LlamaServerBuilder.With {

  /** Checks and copies. */
  public LlamaServer {
    command = List.copyOf(command);
    models = List.copyOf(models);
    environment = Map.copyOf(environment);
    if (command.stream().noneMatch(word -> word.contains("{port}"))) {
      throw new IllegalArgumentException("command: no {port} (expected: where the port goes)");
    }
    if (!health.startsWith("/")) {
      throw new IllegalArgumentException("health: " + health + " (expected: a path, from /)");
    }
  }

  /** A server with everything else at its default. */
  public static LlamaServer of(String id, List<String> command) {
    return Options.defaults(LlamaServer.class, Map.entry("id", id), Map.entry("command", command));
  }

  @Override
  public Backend create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "llama-server: there is no network here (expected: a gateway on Vert.x)"));
    return new LlamaServerBackend(this, vertx, context);
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "LlamaServer[" + id + "]";
  }
}
