package dev.forebay.kubernetes;

import dev.forebay.spi.policy.Instance;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The API server of a cluster with one service, as far as EndpointSlices go: pages of lists,
 * watches from a version on, bookmarks, versions that are gone, watches that break. Two endpoints
 * are in each slice.
 */
final class ClusterDouble {

  private record Event(long version, JsonObject json) {}

  private final HttpServer server;
  private final AtomicLong open = new AtomicLong();
  final List<String> queries = Collections.synchronizedList(new ArrayList<>());
  final List<String> tokens = Collections.synchronizedList(new ArrayList<>());
  private final Map<String, JsonObject> slices = new TreeMap<>();
  private final List<Event> history = new ArrayList<>();
  private final List<HttpServerResponse> watches = new ArrayList<>();
  private long version = 100;
  private long oldest;
  private int pageSize = 500;
  private boolean broken;

  ClusterDouble(Vertx vertx) {
    server =
        vertx
            .createHttpServer()
            .connectionHandler(
                connection -> {
                  open.incrementAndGet();
                  connection.closeHandler(closed -> open.decrementAndGet());
                })
            .requestHandler(this::answer);
    KubernetesTest.done(server.listen(0, "127.0.0.1"));
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

  /** Has so many pods, all of them ready. */
  synchronized List<Instance> has(int count) {
    Map<String, JsonArray> wanted = new TreeMap<>();
    List<Instance> told = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      wanted
          .computeIfAbsent("llm-" + i / 2, name -> new JsonArray())
          .add(endpoint("pod-" + i, "10.0.0." + i, true));
      told.add(new Instance("pod-" + i, "10.0.0." + i, 8000, 1, 0));
    }
    for (Map.Entry<String, JsonObject> slice : Map.copyOf(slices).entrySet()) {
      if (!wanted.containsKey(slice.getKey())) {
        slices.remove(slice.getKey());
        event("DELETED", slice.getValue());
      }
    }
    wanted.forEach(this::slice);
    return told;
  }

  static JsonObject endpoint(String pod, String address, boolean ready) {
    return new JsonObject()
        .put("addresses", new JsonArray().add(address))
        .put("conditions", new JsonObject().put("ready", ready))
        .put("targetRef", new JsonObject().put("kind", "Pod").put("name", pod));
  }

  /** Sets the endpoints of a slice. */
  synchronized void slice(String name, JsonArray endpoints) {
    JsonObject before = slices.get(name);
    if (before != null && before.getJsonArray("endpoints").equals(endpoints)) {
      return;
    }
    JsonObject slice =
        new JsonObject()
            .put("metadata", new JsonObject().put("name", name))
            .put("addressType", "IPv4")
            .put(
                "ports",
                new JsonArray()
                    .add(new JsonObject().put("name", "http").put("port", 8000))
                    .add(new JsonObject().put("name", "metrics").put("port", 9000)))
            .put("endpoints", endpoints);
    slices.put(name, slice);
    event(before == null ? "ADDED" : "MODIFIED", slice);
  }

  /** Lists come in pages of so many slices. */
  synchronized void pages(int size) {
    pageSize = size;
  }

  /** Forgets what happened up to now: whoever watches from an older version is too late. */
  synchronized void compact() {
    oldest = version;
    history.clear();
  }

  /** Something else in the cluster has changed: watchers get a bookmark. */
  synchronized long bookmark() {
    version++;
    JsonObject object =
        new JsonObject()
            .put("metadata", new JsonObject().put("resourceVersion", Long.toString(version)));
    send(new JsonObject().put("type", "BOOKMARK").put("object", object));
    return version;
  }

  /** Tells watchers that their version is gone, inside of the watch. */
  synchronized void gone() {
    send(
        new JsonObject()
            .put("type", "ERROR")
            .put("object", new JsonObject().put("kind", "Status").put("code", 410)));
  }

  /** Cuts the watches, in the middle of an event. */
  synchronized void cut() {
    for (HttpServerResponse watch : List.copyOf(watches)) {
      watch.write("{\"type\":\"MODI").onComplete(written -> watch.reset());
    }
    watches.clear();
  }

  /** Says something odd to watchers. */
  synchronized void say(String line) {
    watches.forEach(watch -> watch.write(line + "\n"));
  }

  synchronized void broken(boolean now) {
    broken = now;
    if (now) {
      cut();
    }
  }

  synchronized int watching() {
    return watches.size();
  }

  private void event(String type, JsonObject slice) {
    version++;
    slice.getJsonObject("metadata").put("resourceVersion", Long.toString(version));
    JsonObject json = new JsonObject().put("type", type).put("object", slice.copy());
    history.add(new Event(version, json));
    send(json);
  }

  private void send(JsonObject json) {
    watches.forEach(watch -> watch.write(json.encode() + "\n"));
  }

  private synchronized void answer(HttpServerRequest request) {
    queries.add(request.uri());
    tokens.add(String.valueOf(request.getHeader("authorization")));
    if (broken) {
      request.response().setStatusCode(503).end("apiserver is shutting down");
    } else if (request.getParam("watch") == null) {
      list(request);
    } else {
      watch(request);
    }
  }

  private void list(HttpServerRequest request) {
    String from = request.getParam("continue");
    int begin = from == null ? 0 : Integer.parseInt(from);
    List<JsonObject> all = List.copyOf(slices.values());
    int end = Math.min(all.size(), begin + pageSize);
    JsonObject metadata = new JsonObject().put("resourceVersion", Long.toString(version));
    if (end < all.size()) {
      metadata.put("continue", Integer.toString(end));
    }
    JsonArray items = new JsonArray();
    all.subList(begin, end).forEach(items::add);
    request.response().end(new JsonObject().put("metadata", metadata).put("items", items).encode());
  }

  private void watch(HttpServerRequest request) {
    long from = Long.parseLong(request.getParam("resourceVersion"));
    if (from < oldest) {
      request.response().setStatusCode(410).end("{\"code\":410}");
      return;
    }
    HttpServerResponse response = request.response().setChunked(true);
    response.writeHead();
    history.stream()
        .filter(event -> event.version() > from)
        .forEach(event -> response.write(event.json().encode() + "\n"));
    watches.add(response);
    response.closeHandler(closed -> forget(response));
  }

  private synchronized void forget(HttpServerResponse response) {
    watches.remove(response);
  }
}
