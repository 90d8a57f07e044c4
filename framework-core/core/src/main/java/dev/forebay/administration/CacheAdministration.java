package dev.forebay.administration;

import dev.forebay.core.caching.HotRequest;
import dev.forebay.edge.http.CacheKeyOptions;
import dev.forebay.edge.http.PromptKeys;
import dev.forebay.gateway.Gateway;
import dev.forebay.spi.Failure;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What those who run a gateway do with its caches: {@code GET /cache/hot?limit=N} exports the
 * hottest requests in the lines that {@code forebay warm} reads, and {@code POST /cache/invalidate}
 * takes such lines and forgets the answers to them.
 *
 * <p>The lines hold prompts. They are there only where the option {@code hot-requests} asks for
 * them, are shown to those only who show the administration's token, and are never logged.
 */
final class CacheAdministration {

  private static final int DEFAULT_LIMIT = 1000;
  private static final int BATCH = 64;
  private static final int MAX_LIMIT = 10_000;
  private static final long MAX_BODY_BYTES = 64L << 20;

  private final Gateway gateway;
  private final PromptKeys promptKeys;
  private final CacheKeyOptions keyOptions;

  CacheAdministration(Gateway gateway, PromptKeys promptKeys, CacheKeyOptions keyOptions) {
    this.gateway = gateway;
    this.promptKeys = promptKeys;
    this.keyOptions = keyOptions;
  }

  /** Adds its routes. */
  void add(HttpRoutes routes) {
    routes.add(Listener.ADMINISTRATION, HttpRoute.get("/cache/hot", this::hot));
    routes.add(
        Listener.ADMINISTRATION,
        HttpRoute.post("/cache/invalidate", MAX_BODY_BYTES, this::invalidate));
  }

  private Future<RouteAnswer> hot(RouteRequest request) {
    if (!request.trusted()) {
      return Future.failedFuture(RouteRequest.untrusted());
    }
    List<String> given = request.query().getOrDefault("limit", List.of());
    String asked = given.isEmpty() ? "" + DEFAULT_LIMIT : String.join(" and ", given);
    int limit;
    try {
      limit = Integer.parseInt(asked);
    } catch (NumberFormatException e) {
      limit = -1;
    }
    if (limit < 1 || limit > MAX_LIMIT) {
      return refused("limit: " + asked + " (expected: 1 to " + MAX_LIMIT + ")");
    }
    List<HotRequest> hottest = gateway.hottest(limit);
    return Vertx.currentContext()
        .executeBlocking(() -> lines(hottest))
        .map(lines -> RouteAnswer.of(200, "application/x-ndjson", lines));
  }

  /** Written on a worker: they may be 64 MiB. */
  private static Buffer lines(List<HotRequest> requests) {
    Buffer lines = Buffer.buffer();
    requests.forEach(request -> lines.appendBuffer(line(request)).appendString("\n"));
    return lines;
  }

  private static Buffer line(HotRequest request) {
    return new JsonObject()
        .put("operation", request.operation().name().toLowerCase(Locale.ROOT))
        .put("tenant", request.tenant())
        .put("count", request.count())
        .put("body", request.body().toString())
        .toBuffer();
  }

  /** The lines are read on a worker: they may be 64 MiB. */
  private Future<RouteAnswer> invalidate(RouteRequest request) {
    return Vertx.currentContext()
        .executeBlocking(() -> keys(request.body()))
        .recover(e -> refused(String.valueOf(e.getMessage())))
        .compose(keys -> invalidated(keys).transform(done -> answer(keys.size(), done)));
  }

  private static Future<RouteAnswer> answer(int invalidated, AsyncResult<Void> done) {
    JsonObject body =
        new JsonObject().put("invalidated", invalidated).put("complete", done.succeeded());
    return Future.succeededFuture(RouteAnswer.json(done.succeeded() ? 200 : 502, body.toBuffer()));
  }

  private List<PromptKey> keys(Buffer lines) {
    List<PromptKey> keys = new ArrayList<>();
    int number = 0;
    for (String line : text(lines).split("\n")) {
      number++;
      try {
        if (!line.isBlank()) {
          keys.add(key(new JsonObject(line)));
        }
      } catch (IllegalArgumentException | DecodeException | ClassCastException e) {
        String why = e instanceof IllegalArgumentException ? ": " + e.getMessage() : "";
        throw new IllegalArgumentException("line " + number + why + " (expected: a request)", e);
      }
    }
    return keys;
  }

  private static String text(Buffer lines) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(lines.getBytes()))
          .toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the body is not valid UTF-8 (expected: lines of JSON)", e);
    }
  }

  /** Some at a time, since a store bounds what it is asked at once; all, also where some fail. */
  private Future<Void> invalidated(List<PromptKey> keys) {
    Future<Void> all = Future.succeededFuture();
    for (int from = 0; from < keys.size(); from += BATCH) {
      List<PromptKey> batch = keys.subList(from, Math.min(keys.size(), from + BATCH));
      all =
          all.transform(
              before ->
                  Future.join(batch.stream().map(gateway::invalidate).toList())
                      .<Void>mapEmpty()
                      .transform(now -> before.succeeded() ? settled(now) : settled(before)));
    }
    return all;
  }

  private static Future<Void> settled(AsyncResult<Void> result) {
    return result.succeeded() ? Future.succeededFuture() : Future.failedFuture(result.cause());
  }

  private PromptKey key(JsonObject line) {
    Object body = line.getValue("body");
    if (body == null) {
      throw new IllegalArgumentException("body: missing");
    }
    return promptKeys.key(
        line.getString("operation", "chat"),
        line.getString("tenant", "default"),
        body instanceof String text ? Buffer.buffer(text) : ((JsonObject) body).toBuffer(),
        keyOptions);
  }

  private static <T> Future<T> refused(String why) {
    return Future.failedFuture(Failure.of(Status.CALLER_FAULT, 400, "invalid_request", why));
  }
}
