package dev.forebay.replay.warm;

import dev.forebay.net.HttpClients;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A running gateway: its callers' port to ask, its administration to see how busy it is. */
public final class GatewayTarget implements Target, AutoCloseable {

  private static final int CONNECT_MILLIS = 5_000;
  private static final Duration ANSWER_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration STATE_TIMEOUT = Duration.ofSeconds(10);

  /** Requests under way at which a gateway without a limit counts as fully used. */
  private static final double UNLIMITED = 8;

  private static final String RUNS = " (expected: it runs)";
  private static final Set<Integer> BUSY = Set.of(408, 429, 503, 504);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClients.create(vertx, new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS));
  private final URI gateway;
  private final URI administration;
  private final URI state;
  private final @Nullable String key;
  private final @Nullable String token;

  /**
   * A gateway.
   *
   * @param gateway its URL
   * @param administration the URL of its administration
   * @param key API key to ask with; null for none
   * @param token the administration's; null for none
   */
  public GatewayTarget(
      URI gateway, URI administration, @Nullable String key, @Nullable String token) {
    this.gateway = gateway;
    this.administration = administration;
    this.state = administration.resolve("/state");
    this.key = key;
    this.token = token;
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
    Response response = administration(HttpMethod.GET, state);
    if (response.status() != 200) {
      throw new IOException(state + ": status " + response.status() + " (expected: 200)");
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
    Response response = response(request);
    if (BUSY.contains(response.status())) {
      return Answer.BUSY;
    }
    if (!response.complete()) {
      return Answer.FAILED;
    }
    return kept(response.cache() == null ? "" : response.cache());
  }

  private Response response(WarmupRequest request) throws IOException, InterruptedException {
    RequestOptions target =
        to(HttpMethod.POST, gateway.resolve(request.operation().path()))
            .putHeader("content-type", "application/json")
            .putHeader("x-forebay-priority", "batch");
    if (key != null) {
      target.putHeader("authorization", "Bearer " + key);
    }
    return send("gateway", target, Buffer.buffer(request.body()), ANSWER_TIMEOUT);
  }

  /**
   * The newest dead letters of the gateway, the newest first.
   *
   * @param most at most so many
   * @param bodies whether they come with their bodies, if these were kept
   */
  public List<JsonObject> letters(int most, boolean bodies)
      throws IOException, InterruptedException {
    URI list = administration.resolve("/dead-letters?most=" + most + "&bodies=" + bodies);
    Response response = administration(HttpMethod.GET, list);
    if (response.status() == 404) {
      throw new IOException("the gateway keeps no dead letters (expected: a stage dead-letters)");
    } else if (response.status() != 200) {
      String status = "status " + response.status() + " (expected: 200)";
      throw new IOException(list + ": " + error(response, status));
    }
    try {
      return response.body().lines().map(JsonObject::new).toList();
    } catch (DecodeException e) {
      throw new IOException(list + ": not the dead letters of a gateway", e);
    }
  }

  /** Asks; null if there was a complete answer, else what came instead. */
  public @Nullable String refusal(WarmupRequest request) throws IOException, InterruptedException {
    Response response = response(request);
    return response.complete()
        ? null
        : response.status() == 200
            ? "the answer broke off"
            : "status " + response.status() + ": " + error(response, "no message");
  }

  /** Forgets a dead letter; false if the gateway has it no more. */
  public boolean drop(String letter) throws IOException, InterruptedException {
    String path = "/dead-letters/" + URLEncoder.encode(letter, StandardCharsets.UTF_8);
    URI one = administration.resolve(path);
    Response response = administration(HttpMethod.DELETE, one);
    if (response.status() != 204 && response.status() != 404) {
      throw new IOException(one + ": status " + response.status() + " (expected: 204)");
    }
    return response.status() == 204;
  }

  /**
   * Asks the administration.
   *
   * @param path with its query
   * @param body null for none
   * @return what it answers; empty if that is nothing
   * @throws IllegalArgumentException if it refuses the question, with its reason
   * @throws IOException if it does not answer
   */
  public JsonObject administer(HttpMethod method, String path, @Nullable JsonObject body)
      throws IOException, InterruptedException {
    RequestOptions target = to(method, administration.resolve(path));
    if (token != null) {
      target.putHeader("authorization", "Bearer " + token);
    }
    if (body != null) {
      target.putHeader("content-type", "application/json");
    }
    Buffer bytes = body == null ? Buffer.buffer() : body.toBuffer();
    Response response = send("administration", target, bytes, STATE_TIMEOUT);
    try {
      JsonObject answer =
          response.body().isEmpty() ? new JsonObject() : new JsonObject(response.body());
      if (response.status() < 300) {
        return answer;
      }
      String why = answer.getJsonObject("error", new JsonObject()).getString("message", "");
      if (response.status() < 500) {
        throw new IllegalArgumentException(path + ": " + response.status() + ": " + why);
      }
      throw new IOException(path + ": " + response.status() + ": " + why);
    } catch (DecodeException e) {
      throw new IOException(path + ": status " + response.status() + ", and no JSON", e);
    }
  }

  /**
   * Asks the administration about jobs.
   *
   * @param path of the administration, such as {@code /jobs}
   * @return the body of its answer
   * @throws IOException if it is not reached, or answers anything but 200: with its own words
   */
  public String jobs(HttpMethod method, String path) throws IOException, InterruptedException {
    URI uri = administration.resolve(path);
    Response response = administration(method, uri);
    if (response.status() != 200) {
      throw new IOException(method + " " + uri + ": " + said(response));
    }
    return response.body();
  }

  private static String said(Response response) {
    try {
      JsonObject error = new JsonObject(response.body()).getJsonObject("error");
      return error.getString("code").equals("not_found")
          ? "the gateway has no jobs (expected: a section jobs)"
          : error.getString("message");
    } catch (RuntimeException e) {
      return "status " + response.status() + " (expected: 200)";
    }
  }

  /** What an error says. */
  private static String error(Response response, String otherwise) {
    try {
      String message = new JsonObject(response.body()).getJsonObject("error").getString("message");
      return message == null ? otherwise : message;
    } catch (RuntimeException e) {
      return otherwise;
    }
  }

  /** What the mark of an answer says; a gateway without a cache makes none. */
  static Answer kept(String mark) {
    return switch (mark) {
      case "hit", "stale" -> Answer.HIT;
      case "miss", "joined" -> Answer.STORED;
      default -> Answer.BYPASSED;
    };
  }

  private Response administration(HttpMethod method, URI uri)
      throws IOException, InterruptedException {
    RequestOptions target = to(method, uri);
    if (token != null) {
      target.putHeader("authorization", "Bearer " + token);
    }
    Response response = send("administration", target, Buffer.buffer(), STATE_TIMEOUT);
    if (response.status() == 401) {
      throw new IOException(
          uri + ": status 401 (expected: the administration's token: --token-env)");
    }
    return response;
  }

  private static RequestOptions to(HttpMethod method, URI uri) {
    return new RequestOptions().setMethod(method).setAbsoluteURI(uri.toString());
  }

  /** Asks on an event loop, so that the answer finds its reader, and waits for it here. */
  private Response send(String what, RequestOptions target, Buffer body, Duration timeout)
      throws IOException, InterruptedException {
    Promise<Response> answer = Promise.promise();
    vertx.runOnContext(
        nothing ->
            http.request(target)
                .compose(
                    request ->
                        request
                            .send(body)
                            .compose(GatewayTarget::read)
                            .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                            .onFailure(late -> request.reset()))
                .onComplete(answer));
    try {
      return answer.future().toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String where = what + " " + target.getHost() + ":" + target.getPort() + ": ";
      throw new IOException(where + told(cause, timeout) + RUNS, cause);
    }
  }

  /** Why nobody answered, as people say it: messages go on with addresses, after a colon. */
  private static String told(Throwable cause, Duration timeout) {
    if (cause instanceof UnknownHostException) {
      return "unknown host";
    } else if (cause instanceof TimeoutException) {
      return "no answer within " + timeout.toSeconds() + " s";
    }
    String message = String.valueOf(cause.getMessage());
    return message.replaceFirst("(?s):.*", "").toLowerCase(Locale.ROOT);
  }

  private static Future<Response> read(HttpClientResponse response) {
    String cache = response.getHeader("x-forebay-cache");
    return response.body().map(body -> new Response(response.statusCode(), cache, body.toString()));
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
    vertx.close();
  }

  private record Response(int status, @Nullable String cache, String body) {
    boolean complete() {
      return status == 200 && !body.contains("\ndata: {\"error\"");
    }
  }
}
