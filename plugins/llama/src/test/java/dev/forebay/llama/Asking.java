package dev.forebay.llama;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a backend, and reads what it says. */
record Asking(EventLoopStage stage, Backend backend) {

  /** What came back: a failure, or an outcome and all bytes. */
  record Said(@Nullable Throwable failure, @Nullable Outcome outcome, String bytes, int chunks) {
    JsonObject json() {
      return new JsonObject(bytes);
    }

    /** The content of all events together. */
    String text() {
      StringBuilder text = new StringBuilder();
      for (JsonObject event : events()) {
        for (Object choice : event.getJsonArray("choices")) {
          JsonObject delta = ((JsonObject) choice).getJsonObject("delta");
          text.append(delta == null ? "" : delta.getString("content", ""));
        }
      }
      return text.toString();
    }

    String finishReason() {
      List<JsonObject> events = events();
      String reason = "";
      for (JsonObject event : events) {
        for (Object choice : event.getJsonArray("choices")) {
          reason =
              ((JsonObject) choice).getString("finish_reason") == null
                  ? reason
                  : ((JsonObject) choice).getString("finish_reason");
        }
      }
      return reason;
    }

    List<JsonObject> events() {
      List<JsonObject> events = new ArrayList<>();
      for (String block : bytes.split("\n\n")) {
        if (!block.equals("data: [DONE]")) {
          events.add(new JsonObject(block.substring("data: ".length())));
        }
      }
      return events;
    }
  }

  static JsonObject chat(String content) {
    return new JsonObject()
        .put("model", "tiny")
        .put("temperature", 0)
        .put("max_tokens", 16)
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", content)));
  }

  Said ask(JsonObject body) {
    return ask(Operation.CHAT, body);
  }

  Said ask(Operation operation, JsonObject body) {
    return ask(operation, body.toBuffer(), Boolean.TRUE.equals(body.getValue("stream")));
  }

  Said ask(Operation operation, Buffer body, boolean stream) {
    Call call = Call.root(stage.requestTimeline());
    Future<InferenceResponse> head =
        stage.await(() -> backend.serve(request(operation, body, stream, call)));
    try {
      return head.failed() ? new Said(head.cause(), null, "", 0) : read(head.result().tokens());
    } finally {
      call.end();
    }
  }

  Said read(TokenStream stream) {
    Buffer all = Buffer.buffer();
    int chunks = 0;
    while (true) {
      Future<Chunk> next = stage.await(stream::next);
      if (next.failed()) {
        return new Said(next.cause(), null, all.toString(), chunks);
      }
      all.appendBuffer(next.result().data());
      chunks++;
      if (next.result().last()) {
        return new Said(null, stage.await(stream::outcome).result(), all.toString(), chunks);
      }
    }
  }

  static InferenceRequest request(Operation operation, Buffer body, boolean stream, Call call) {
    RequestInfo chat =
        RequestInfo.chat("r1", "tiny", Caller.at("192.0.2.1"), call.timeline().nanos());
    RequestInfo info =
        chat.withOperation(operation).withStream(stream).withPrompt(0, null, chat.prefix());
    return new InferenceRequest(info, body, call, Attempt.FIRST);
  }
}
