package dev.forebay.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;

/**
 * The upstream of the soak: streams at a fixed rate, as long as {@code max_tokens} says. To the
 * user {@code slow} its events are large, so that who reads slowly falls behind. Like a model, it
 * waits where its caller does not read.
 */
final class Talker {

  /** The user whose events are large. */
  static final String SLOW = "slow";

  private static final String EVENT =
      "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1767571200,"
          + "\"model\":\"bench\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},"
          + "\"finish_reason\":null}]}\n\n";
  private static final Buffer SMALL = Buffer.buffer(EVENT.formatted(" forebay"));
  private static final Buffer LARGE = Buffer.buffer(EVENT.formatted("forebay ".repeat(2000)));
  private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");

  private Talker() {}

  /** Bytes of an event. */
  static int eventBytes(boolean slow) {
    return slow ? LARGE.length() : SMALL.length();
  }

  /** Port of a server whose streams have one event each so many milliseconds. */
  static Future<Integer> start(Vertx vertx, int pauseMillis) {
    return vertx
        .createHttpServer(new HttpServerOptions().setHost("127.0.0.1").setPort(0))
        .requestHandler(
            request ->
                request
                    .body()
                    .onSuccess(body -> answer(vertx, request, body.toJsonObject(), pauseMillis)))
        .listen()
        .map(server -> server.actualPort());
  }

  private static void answer(Vertx vertx, HttpServerRequest request, JsonObject asked, int pause) {
    Buffer event = SLOW.equals(asked.getString("user")) ? LARGE : SMALL;
    HttpServerResponse response = request.response();
    response.putHeader("content-type", "text/event-stream").setChunked(true).write(event);
    int[] left = {asked.getInteger("max_tokens") - 1};
    long timer =
        vertx.setPeriodic(
            pause,
            id -> {
              if (left[0] == 0) {
                vertx.cancelTimer(id);
                response.end(DONE);
              } else if (!response.writeQueueFull()) {
                left[0]--;
                response.write(event);
              }
            });
    response.closeHandler(gone -> vertx.cancelTimer(timer));
  }
}
