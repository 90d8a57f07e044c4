package dev.forebay.consul;

import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A Consul agent of one service, as far as blocking queries go: it holds a query with the present
 * index back until something changes or its wait is over, wakes some up for nothing, and can forget
 * its indexes, lose its leader, cut connections, and refuse tokens. What it decides on a query and
 * what a test changes exclude each other: no query is held back on what has just become old.
 */
final class ConsulDouble {

  static final String TOKEN = "7f0e6a1c-acl";

  private final HttpServer server;
  private final Vertx vertx;
  private final AtomicLong open = new AtomicLong();
  private final SplittableRandom random = new SplittableRandom(1);
  private final List<HttpServerRequest> held = new ArrayList<>();
  final List<String> queries = java.util.Collections.synchronizedList(new ArrayList<>());
  private JsonArray services = new JsonArray();
  private long index = 10;
  private boolean leaderless;
  private @Nullable String garbage;

  ConsulDouble(Vertx vertx) {
    this.vertx = vertx;
    this.server =
        vertx
            .createHttpServer()
            .connectionHandler(
                connection -> {
                  open.incrementAndGet();
                  connection.closeHandler(closed -> open.decrementAndGet());
                })
            .requestHandler(this::answer);
    ConsulTest.done(server.listen(0, "127.0.0.1"));
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  long asked() {
    return queries.size();
  }

  long open() {
    return open.get();
  }

  /** Has so many instances, of which the second has weight 4. */
  synchronized List<Instance> has(int count) {
    JsonArray all = new JsonArray();
    List<Instance> told = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      double weight = i == 1 ? 4 : 1;
      all.add(
          new JsonObject()
              .put("Node", new JsonObject().put("Node", "n" + i).put("Address", "10.0.0." + i))
              .put(
                  "Service",
                  new JsonObject()
                      .put("ID", "llm")
                      .put("Service", "llm")
                      .put("Address", i % 2 == 0 ? "" : "10.1.0." + i)
                      .put("Port", 8000 + i)
                      .put("Weights", new JsonObject().put("Passing", (int) weight))));
      String address = (i % 2 == 0 ? "10.0.0." : "10.1.0.") + i;
      told.add(new Instance("llm@n" + i, address, 8000 + i, weight, 0));
    }
    change(all, index + 1);
    return told;
  }

  /** An agent that was started anew: its indexes begin again. */
  synchronized void forget() {
    change(services, 2);
  }

  synchronized void leaderless(boolean now) {
    leaderless = now;
    wake();
  }

  synchronized void garbage(@Nullable String body) {
    garbage = body;
    wake();
  }

  /** Answers all queries that are held back, though nothing has changed. */
  synchronized void wake() {
    held.forEach(this::reply);
    held.clear();
  }

  /** Cuts the connections of all queries that are held back. */
  synchronized void cut() {
    held.forEach(request -> request.connection().close());
    held.clear();
  }

  /** Whether it holds a query back now. */
  synchronized boolean holding() {
    return !held.isEmpty();
  }

  /** Registers another instance, at a port that may be none. */
  synchronized void registers(String id, int port) {
    JsonArray all = services.copy();
    all.add(
        new JsonObject()
            .put("Node", new JsonObject().put("Node", "n9").put("Address", "10.0.0.9"))
            .put("Service", new JsonObject().put("ID", id).put("Port", port)));
    change(all, index + 1);
  }

  private synchronized void change(JsonArray all, long at) {
    services = all;
    index = at;
    wake();
  }

  private synchronized void answer(HttpServerRequest request) {
    queries.add(request.uri());
    if (!TOKEN.equals(request.getHeader("X-Consul-Token"))) {
      request.response().setStatusCode(403).end("Permission denied: token " + TOKEN);
      return;
    }
    String after = request.getParam("index");
    if (after == null || Long.parseLong(after) < index || leaderless) {
      reply(request);
      return;
    }
    held.add(request);
    long millis = Long.parseLong(request.getParam("wait").replace("s", "")) * 1000;
    vertx.setTimer(millis + random.nextLong(millis / 16), late -> waited(request));
  }

  private synchronized void waited(HttpServerRequest request) {
    if (held.remove(request)) {
      reply(request);
    }
  }

  private void reply(HttpServerRequest request) {
    if (request.response().ended() || request.response().closed()) {
      return;
    }
    if (leaderless) {
      request.response().setStatusCode(500).end("No cluster leader");
      return;
    }
    String odd = garbage;
    request
        .response()
        .putHeader("X-Consul-Index", Long.toString(index))
        .end(odd == null ? services.encode() : odd);
  }

  Future<Void> close() {
    return server.close();
  }
}
