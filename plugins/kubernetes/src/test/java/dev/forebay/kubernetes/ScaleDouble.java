package dev.forebay.kubernetes;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The API server of a cluster, as far as the scale of one Deployment goes: it notes each call,
 * keeps versions, and answers what the test says instead.
 */
final class ScaleDouble {

  private static final String SCALE = "/apis/apps/v1/namespaces/ai/deployments/llm/scale";

  private final Vertx vertx;
  private final HttpServer server;
  private final List<String> calls = Collections.synchronizedList(new ArrayList<>());
  private final Deque<Integer> answers = new ArrayDeque<>();
  private int replicas;
  private int version = 1;
  private boolean broken;
  private boolean unmeasured;
  private int refused;
  private @Nullable String text;

  ScaleDouble(Vertx vertx, int replicas) {
    this.vertx = vertx;
    this.replicas = replicas;
    server = vertx.createHttpServer().requestHandler(this::answer);
    KubernetesTest.done(server.listen(0, "127.0.0.1"));
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /** The calls so far, but for those that only read. */
  List<String> written() {
    return List.copyOf(calls).stream().filter(call -> !call.startsWith("GET")).toList();
  }

  synchronized int replicas() {
    return replicas;
  }

  synchronized void broken(boolean now) {
    broken = now;
  }

  /** Whether the metrics API fails. */
  synchronized void unmeasured(boolean now) {
    unmeasured = now;
  }

  /** How many calls it refused while it was broken. */
  synchronized int refused() {
    return refused;
  }

  /** Answers the next writes with these statuses; a conflict has somebody else write before. */
  synchronized void next(Integer... statuses) {
    answers.addAll(List.of(statuses));
  }

  /** Answers each call with this text and status 200; with {@code null}, as it should. */
  synchronized void answers(@Nullable String instead) {
    text = instead;
  }

  private void answer(HttpServerRequest request) {
    request.body().onSuccess(body -> answer(request, body));
  }

  private synchronized void answer(HttpServerRequest request, Buffer body) {
    String method = request.method().name();
    if (broken) {
      refused++;
      request.response().setStatusCode(503).end();
      return;
    }
    String instead = text;
    if (instead != null) {
      respond(request.response(), instead);
      return;
    }
    if (request.path().contains("/pods")) {
      pods(request, body);
      return;
    }
    if (!request.path().equals(SCALE)) {
      request.response().setStatusCode(404).end();
      return;
    }
    calls.add(method + (method.equals("PUT") ? " " + wanted(body) : ""));
    if (method.equals("PUT")) {
      Integer status = answers.poll();
      version += status != null && status == 409 ? 1 : 0;
      boolean stale = !version(body).equals("" + version);
      if (status != null || stale) {
        request.response().setStatusCode(status == null ? 409 : status).end();
        return;
      }
      replicas = wanted(body);
      version++;
    }
    request.response().end(scale().toBuffer());
  }

  /** The whole of it, or its first letter and then one more each second, for a text of dots. */
  private void respond(HttpServerResponse response, String instead) {
    if (!instead.startsWith(".")) {
      response.end(instead);
      return;
    }
    response.setChunked(true).write(".");
    long timer = vertx.setPeriodic(1_000, tick -> response.write("."));
    response.closeHandler(closed -> vertx.cancelTimer(timer));
  }

  private void pods(HttpServerRequest request, Buffer body) {
    if (request.method().name().equals("PATCH")) {
      String pod = request.path().replaceFirst(".*/", "");
      calls.add(
          "PATCH "
              + pod
              + " "
              + request.getHeader("content-type")
              + " "
              + body.toJsonObject().getJsonObject("metadata").getJsonObject("annotations"));
      request.response().end("{}");
      return;
    }
    if (unmeasured) {
      request.response().setStatusCode(503).end();
      return;
    }
    JsonObject usage = new JsonObject().put("cpu", "350m").put("memory", "64Mi");
    JsonObject pod =
        new JsonObject()
            .put("metadata", new JsonObject().put("name", "pod-0"))
            .put("timestamp", "1970-01-01T00:00:00Z")
            .put("containers", new JsonArray().add(new JsonObject().put("usage", usage)));
    request.response().end(new JsonObject().put("items", new JsonArray().add(pod)).toBuffer());
  }

  private static int wanted(Buffer body) {
    return body.toJsonObject().getJsonObject("spec").getInteger("replicas");
  }

  private static String version(Buffer body) {
    return body.toJsonObject().getJsonObject("metadata").getString("resourceVersion");
  }

  private JsonObject scale() {
    return new JsonObject()
        .put("kind", "Scale")
        .put("metadata", new JsonObject().put("name", "llm").put("resourceVersion", "" + version))
        .put("spec", new JsonObject().put("replicas", replicas))
        .put("status", new JsonObject().put("selector", "app=llm"));
  }
}
