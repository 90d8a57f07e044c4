package dev.forebay.consul;

import dev.forebay.spi.Instance;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A Consul agent of one service, as far as blocking queries go: it holds a query with the present
 * index back until something changes or its wait is over, wakes some up for nothing, and can forget
 * its indexes, lose its leader, and refuse tokens. Its state is touched on its event loop only.
 */
final class ConsulDouble {

  static final String TOKEN = "7f0e6a1c-acl";

  private final HttpServer server;
  private final Vertx vertx;
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong open = new AtomicLong();
  private final List<Runnable> held = new ArrayList<>();
  final List<String> queries = java.util.Collections.synchronizedList(new ArrayList<>());
  private volatile JsonArray services = new JsonArray();
  private volatile long index = 10;
  private volatile boolean leaderless;
  private volatile @Nullable String garbage;

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
    return asked.get();
  }

  long open() {
    return open.get();
  }

  /** Has so many instances, of which the second has weight 4. */
  List<Instance> has(int count) {
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
  void forget() {
    change(services, 2);
  }

  void leaderless(boolean now) {
    leaderless = now;
    wake();
  }

  void garbage(@Nullable String body) {
    garbage = body;
    wake();
  }

  /** Answers all queries that are held back, though nothing has changed. */
  void wake() {
    synchronized (held) {
      held.forEach(one -> vertx.runOnContext(nothing -> one.run()));
      held.clear();
    }
  }

  private void change(JsonArray all, long at) {
    services = all;
    index = at;
    wake();
  }

  private void answer(HttpServerRequest request) {
    asked.incrementAndGet();
    queries.add(request.uri());
    if (!TOKEN.equals(request.getHeader("X-Consul-Token"))) {
      request.response().setStatusCode(403).end("Permission denied: token " + TOKEN);
      return;
    }
    String after = request.getParam("index");
    boolean holds = after != null && Long.parseLong(after) >= index && !leaderless;
    if (!holds) {
      reply(request);
      return;
    }
    Runnable reply = () -> reply(request);
    synchronized (held) {
      held.add(reply);
    }
    long seconds = Long.parseLong(request.getParam("wait").replace("s", ""));
    vertx.setTimer(
        seconds * 1000 + seconds * 1000 / 16,
        late -> {
          synchronized (held) {
            held.remove(reply);
          }
          reply.run();
        });
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
