package dev.forebay.replay.live;

import dev.forebay.replay.run.Callers;
import dev.forebay.replay.run.Lengths;
import dev.forebay.replay.run.Objective;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the client is told to send: warm-up, and without a pause after it the requests of a trace.
 *
 * @param trace whose requests are sent
 * @param lengths their right answers
 * @param objective when callers leave
 * @param callers how they try again
 * @param warmUp how long the warm-up takes, before the first arrival
 * @param emulated whether the upstream's answers carry their identity
 * @param asked the model that every request asks for; null for that of the trace
 */
record LivePlan(
    Trace trace,
    Lengths lengths,
    Objective objective,
    Callers callers,
    Duration warmUp,
    boolean emulated,
    @Nullable String asked) {

  /** The model of requests that name none, as in virtual time. */
  private static final String SIMULATED = "simulated";

  /** The tenant of warm-up requests, so that they use up nobody's limit. */
  private static final String WARMING = "(warm-up)";

  private static final double LEAST_WARM_RATE = 20;
  private static final double MOST_WARM_RATE = 100;
  private static final int WARM_TOKENS = 64;
  private static final int WARM_ANSWER = 8;
  private static final long WARM_PATIENCE = Duration.ofSeconds(2).toNanos();

  /** A key for each tenant. */
  SortedMap<String, String> keys() {
    SortedMap<String, String> keys = new TreeMap<>();
    keys.put(WARMING, "live-warm-up");
    for (TraceRequest request : trace.requests()) {
      keys.computeIfAbsent(tenant(request), absent -> "live-" + keys.size());
    }
    return keys;
  }

  /** The model that a request asks for. */
  static String model(TraceRequest request) {
    String named = request.model();
    return named == null ? SIMULATED : named;
  }

  private String modelOf(TraceRequest request) {
    return asked == null ? model(request) : asked;
  }

  private static String tenant(TraceRequest request) {
    return request.tenant() == null ? "default" : request.tenant();
  }

  /** Requests of the warm-up: its rate rises from none to about that of the trace. */
  int warmUps() {
    double rate = Double.isInfinite(trace.meanRate()) ? 0 : trace.meanRate();
    double kept = Math.max(LEAST_WARM_RATE, Math.min(MOST_WARM_RATE, rate));
    return (int) (kept * warmUp.toSeconds() / 2);
  }

  /**
   * Writes it.
   *
   * @param url of the gateway
   */
  void write(Path file, String url) {
    SortedMap<String, String> keys = keys();
    try (BufferedWriter lines = Files.newBufferedWriter(file)) {
      line(
          lines,
          new JsonObject()
              .put("url", url + "/v1/chat/completions")
              .put("retries", callers.retries())
              .put("firstPause", callers.firstPause().toNanos())
              .put("longestPause", callers.longestPause().toNanos())
              .put("jitter", callers.jitter()));
      int warm = warmUps();
      for (int i = 0; i < warm; i++) {
        long at = (long) (warmUp.toNanos() * (Math.sqrt((i + 0.5) / warm) - 1));
        line(lines, warming(i, at, keys.get(WARMING)));
      }
      for (TraceRequest request : trace.requests()) {
        line(lines, turn(request, keys.get(tenant(request))));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void line(BufferedWriter lines, JsonObject json) throws IOException {
    lines.write(json.encode());
    lines.write('\n');
  }

  private JsonObject warming(int index, long at, @Nullable String key) {
    return new JsonObject()
        .put("id", "w" + index)
        .put("at", at)
        .put("patience", WARM_PATIENCE)
        .put("key", key)
        .put("priority", 1)
        .put("model", modelOf(trace.requests().get(0)))
        .put("stream", true)
        .put("tokens", WARM_TOKENS)
        .put("prompt", "warm-up " + index + " ")
        .put("prefix", new JsonArray())
        .put("most", WARM_ANSWER);
  }

  private JsonObject turn(TraceRequest request, @Nullable String key) {
    boolean unknown = request.promptId() == TraceRequest.UNKNOWN_PROMPT;
    JsonArray prefix = new JsonArray();
    for (int i = 0; i < request.prefix().size(); i++) {
      prefix.add(request.prefix().get(i));
    }
    String user = request.user();
    return new JsonObject()
        .put("id", Lengths.id(request.index(), 0))
        .put("at", request.arrivalNanos())
        .put("session", request.session())
        .put("think", request.thinkNanos())
        .put("patience", objective.patienceNanos(request))
        .put("key", key)
        .put("address", address(user == null ? tenant(request) : user))
        .put("user", user)
        .put("priority", request.priority())
        .put("model", modelOf(request))
        .put("stream", request.stream())
        .put("tokens", request.promptTokens())
        .put("prompt", (unknown ? "r" + request.index() : "p" + request.promptId()) + " ")
        .put("prefix", prefix)
        .put("block", trace.blockTokens())
        // A real upstream is told how long the answer of the trace was: it cannot know.
        .put("most", emulated ? 0 : lengths.of(request.index()))
        .put("expected", emulated ? lengths.identity(request.index()).id() : null);
  }

  /** An address of its own for each name, of a private network. */
  private static String address(String name) {
    int hash = name.hashCode();
    return "10." + ((hash >>> 16) & 255) + "." + ((hash >>> 8) & 255) + "." + (hash & 255);
  }
}
