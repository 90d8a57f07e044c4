package dev.forebay.replay.warm;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A running gateway: its callers' port to ask, its administration to see how busy it is. */
public final class GatewayTarget implements Target, AutoCloseable {

  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration STATE_TIMEOUT = Duration.ofSeconds(10);

  /** Requests under way at which a gateway without a limit counts as fully used. */
  private static final double UNLIMITED = 8;

  private static final Set<Integer> BUSY = Set.of(408, 429, 503, 504);

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI gateway;
  private final URI state;
  private final @Nullable String key;

  /**
   * A gateway.
   *
   * @param gateway its URL
   * @param administration the URL of its administration
   * @param key API key to ask with; null for none
   */
  public GatewayTarget(URI gateway, URI administration, @Nullable String key) {
    this.gateway = gateway;
    this.state = administration.resolve("/state");
    this.key = key;
  }

  @Override
  public String start() throws IOException, InterruptedException {
    return String.valueOf(state().getValue("start"));
  }

  @Override
  public double load() throws IOException, InterruptedException {
    return load(state());
  }

  private JsonObject state() throws IOException, InterruptedException {
    HttpResponse<String> response =
        send(HttpRequest.newBuilder(state).timeout(STATE_TIMEOUT).GET().build(), "administration");
    if (response.statusCode() != 200) {
      throw new IOException(state + ": status " + response.statusCode() + " (expected: 200)");
    }
    try {
      return new JsonObject(response.body());
    } catch (DecodeException e) {
      throw new IOException(state + ": not the state of a gateway", e);
    }
  }

  /**
   * The fullest of a gateway's limits; without any, its open requests. Whoever waits in a queue
   * makes it full.
   */
  static double load(JsonObject state) {
    double fullest = 0;
    boolean limited = false;
    for (Map.Entry<String, Object> stage : state.getJsonObject("stages", new JsonObject())) {
      if (stage.getValue() instanceof JsonObject part
          && part.getValue("limit") instanceof Number limit) {
        limited = true;
        double inFlight = part.getDouble("inFlight", 0.0);
        double waiting = part.getDouble("queued", 0.0) + part.getDouble("waiting", 0.0);
        fullest = Math.max(fullest, inFlight / Math.max(1, limit.doubleValue()));
        fullest = waiting > 0 ? Math.max(1, fullest) : fullest;
      }
    }
    return limited ? fullest : state.getDouble("open", 0.0) / UNLIMITED;
  }

  @Override
  public Answer ask(WarmupRequest request) throws IOException, InterruptedException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(gateway.resolve(request.operation().path()))
            .timeout(ANSWER_TIMEOUT)
            .header("content-type", "application/json")
            .header("x-forebay-priority", "batch")
            .POST(HttpRequest.BodyPublishers.ofString(request.body()));
    if (key != null) {
      builder.header("authorization", "Bearer " + key);
    }
    HttpResponse<String> response = send(builder.build(), "gateway");
    if (BUSY.contains(response.statusCode())) {
      return Answer.BUSY;
    }
    if (response.statusCode() != 200 || response.body().contains("\ndata: {\"error\"")) {
      return Answer.FAILED;
    }
    return kept(response.headers().firstValue("x-forebay-cache").orElse(""));
  }

  /** What the mark of an answer says; a gateway without a cache makes none. */
  static Answer kept(String mark) {
    return switch (mark) {
      case "hit", "stale" -> Answer.HIT;
      case "miss", "joined" -> Answer.STORED;
      default -> Answer.BYPASSED;
    };
  }

  private HttpResponse<String> send(HttpRequest request, String what)
      throws IOException, InterruptedException {
    try {
      return http.send(request, HttpResponse.BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IOException(
          what + " " + request.uri() + ": " + e.getClass().getSimpleName() + " (expected: it runs)",
          e);
    }
  }

  @Override
  public void pause(long millis) throws InterruptedException {
    Thread.sleep(millis);
  }

  @Override
  public long nowMillis() {
    return System.nanoTime() / 1_000_000;
  }

  @Override
  public void close() {
    http.close();
  }
}
