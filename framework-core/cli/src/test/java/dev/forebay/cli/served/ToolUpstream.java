package dev.forebay.cli.served;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An upstream that calls the first tool that it is offered, and says what the tool said when it is
 * told; in the form that OpenAI documents, whole and streamed.
 */
final class ToolUpstream implements AutoCloseable {

  private static final String ARGUMENTS = "{\"city\": \"Graz\"}";

  private final Vertx vertx = Vertx.vertx();
  private final List<String> bodies = new CopyOnWriteArrayList<>();
  private final HttpServer server;

  ToolUpstream() {
    server =
        Served.await(vertx.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"));
  }

  String url() {
    return "http://127.0.0.1:" + server.actualPort();
  }

  /** The bodies that came, as they came. */
  List<String> bodies() {
    return bodies;
  }

  private void answer(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body -> {
              bodies.add(body.toString());
              JsonObject asked = body.toJsonObject();
              String toolSaid = toolSaid(asked);
              boolean stream = asked.getBoolean("stream", false);
              request
                  .response()
                  .putHeader("content-type", stream ? "text/event-stream" : "application/json")
                  .end(stream ? streamed(asked) : whole(asked, toolSaid).encode());
            });
  }

  private static String toolSaid(JsonObject asked) {
    JsonArray messages = asked.getJsonArray("messages");
    JsonObject last = messages.getJsonObject(messages.size() - 1);
    return last.getString("role").equals("tool") ? String.valueOf(last.getValue("content")) : "";
  }

  private static String tool(JsonObject asked) {
    return asked.getJsonArray("tools").getJsonObject(0).getJsonObject("function").getString("name");
  }

  private static JsonObject whole(JsonObject asked, String toolSaid) {
    JsonObject message = new JsonObject().put("role", "assistant");
    if (toolSaid.isEmpty()) {
      JsonObject function = new JsonObject().put("name", tool(asked)).put("arguments", ARGUMENTS);
      message.putNull("content").put("tool_calls", new JsonArray().add(call(function)));
    } else {
      message.put("content", "It is " + toolSaid);
    }
    JsonObject choice =
        new JsonObject()
            .put("index", 0)
            .put("message", message)
            .put("finish_reason", toolSaid.isEmpty() ? "tool_calls" : "stop");
    return answer("chat.completion", choice)
        .put(
            "usage",
            new JsonObject()
                .put("prompt_tokens", 9)
                .put("completion_tokens", 4)
                .put("total_tokens", 13));
  }

  /** The arguments come in pieces, as models write them. */
  private static String streamed(JsonObject asked) {
    JsonObject begin = new JsonObject().put("name", tool(asked)).put("arguments", "");
    String first =
        event(
            new JsonObject()
                .put("role", "assistant")
                .putNull("content")
                .put("tool_calls", new JsonArray().add(call(begin))),
            null);
    StringBuilder events = new StringBuilder(first);
    for (int i = 0; i < ARGUMENTS.length(); i += 5) {
      String part = ARGUMENTS.substring(i, Math.min(i + 5, ARGUMENTS.length()));
      JsonObject piece =
          new JsonObject().put("index", 0).put("function", new JsonObject().put("arguments", part));
      events.append(event(new JsonObject().put("tool_calls", new JsonArray().add(piece)), null));
    }
    events.append(event(new JsonObject(), "tool_calls")).append("data: [DONE]\n\n");
    return events.toString();
  }

  private static String event(JsonObject delta, @org.jspecify.annotations.Nullable String finish) {
    JsonObject choice =
        new JsonObject().put("index", 0).put("delta", delta).put("finish_reason", finish);
    return "data: " + answer("chat.completion.chunk", choice).encode() + "\n\n";
  }

  private static JsonObject answer(String object, JsonObject choice) {
    return new JsonObject()
        .put("id", "chatcmpl-1")
        .put("object", object)
        .put("created", 1767571200)
        .put("model", Served.MODEL)
        .put("choices", new JsonArray().add(choice));
  }

  private static JsonObject call(JsonObject function) {
    return new JsonObject()
        .put("index", 0)
        .put("id", "call_1")
        .put("type", "function")
        .put("function", function);
  }

  @Override
  public void close() {
    Served.await(vertx.close());
  }
}
