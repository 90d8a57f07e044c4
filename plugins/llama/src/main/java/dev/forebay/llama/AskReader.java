package dev.forebay.llama;

import dev.forebay.dialect.JsonSource;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Status;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the body of a request, and refuses all that the engine must not be given: a native call has
 * no second line of defence.
 */
final class AskReader {

  private static final int MAX_MESSAGES = 10_000;
  private static final int MAX_INPUTS = 256;
  private static final int MAX_STOPS = 16;
  private static final int MAX_STOP = 1000;
  private static final int MAX_BIASES = 1024;
  private static final int MAX_TOP_K = 1_000_000;

  /** What changes an answer in OpenAI's API, and would be ignored here. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "tools",
          "functions",
          "logprobs",
          "top_logprobs",
          "suffix",
          "echo",
          "grammar",
          "audio",
          "dimensions");

  private static final JsonArray TEXT_ONLY = new JsonArray().add("text");

  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  private final JsonObject body;

  private AskReader(JsonObject body) {
    this.body = body;
  }

  /**
   * Reads a body.
   *
   * @throws Failure 400 with one line that says what is wrong
   */
  static Ask read(Operation operation, Buffer bytes) {
    try {
      return new AskReader(JsonSource.object(bytes)).ask(operation);
    } catch (DecodeException | ClassCastException e) {
      throw wrong("the body is no JSON object (expected: one, in UTF-8)");
    }
  }

  /** The failure for a request that is wrong. */
  static Failure wrong(String message) {
    return Failure.of(Status.CALLER_FAULT, 400, "bad_request", message);
  }

  private Ask ask(Operation operation) {
    UNSUPPORTED.forEach(name -> unsupported(name, body.getValue(name)));
    if (!(body.getValue("modalities") instanceof JsonArray kinds && kinds.equals(TEXT_ONLY))) {
      unsupported("modalities", body.getValue("modalities"));
    }
    Object encoding = body.getValue("encoding_format");
    if (encoding != null && !"float".equals(encoding) && !"base64".equals(encoding)) {
      throw wrong("encoding_format: expected float or base64");
    }
    Integer n = whole("n", 1, Integer.MAX_VALUE);
    if (n != null && n != 1) {
      throw wrong("n: " + n + " (expected: 1, with a local model)");
    }
    int newer = bound("max_completion_tokens");
    int older = bound("max_tokens");
    boolean usage =
        body.getValue("stream_options") instanceof JsonObject stream
            && Boolean.TRUE.equals(stream.getValue("include_usage"));
    return new Ask(
        operation == Operation.CHAT ? messages() : List.of(),
        operation == Operation.CHAT ? List.of() : texts(operation),
        Math.max(newer, older),
        sampling(),
        usage,
        "base64".equals(encoding),
        body.getValue("model") instanceof String model ? model : null);
  }

  /** A bound on the answer; 0 for none, which llama.cpp writes as -1. */
  private int bound(String name) {
    Integer value = whole(name, -1, Integer.MAX_VALUE);
    if (value != null && value == 0) {
      throw wrong(name + ": 0 (expected: at least 1, or -1 for no bound)");
    }
    return value == null ? 0 : Math.max(0, value);
  }

  private static void unsupported(String name, @Nullable Object value) {
    boolean nothing =
        value == null
            || Boolean.FALSE.equals(value)
            || "".equals(value)
            || (value instanceof JsonArray list && list.isEmpty());
    if (!nothing) {
      throw Failure.of(
          Status.CALLER_FAULT, 400, "unsupported", name + ": not supported by a local model");
    }
  }

  private List<Engine.Message> messages() {
    if (!(body.getValue("messages") instanceof JsonArray list)
        || list.isEmpty()
        || list.size() > MAX_MESSAGES) {
      throw wrong("messages: expected an array of 1 to " + MAX_MESSAGES + " messages");
    }
    List<Engine.Message> messages = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      if (!(list.getValue(i) instanceof JsonObject message)
          || !(message.getValue("role") instanceof String role)
          || !ROLES.contains(role)) {
        throw wrong("messages[" + i + "].role: expected one of system, user, assistant, tool");
      }
      unsupported("messages[" + i + "].tool_calls", message.getValue("tool_calls"));
      String content = content(i, message.getValue("content"));
      messages.add(new Engine.Message(role.equals("developer") ? "system" : role, content));
    }
    return messages;
  }

  private static String content(int at, @Nullable Object content) {
    if (content instanceof String text) {
      return clean(text);
    }
    StringBuilder joined = new StringBuilder();
    if (content instanceof JsonArray parts) {
      for (Object part : parts) {
        if (!(part instanceof JsonObject piece)
            || !"text".equals(piece.getValue("type"))
            || !(piece.getValue("text") instanceof String text)) {
          throw wrong("messages[" + at + "].content: expected text, with a local model");
        }
        joined.append(text);
      }
      return clean(joined.toString());
    }
    throw wrong("messages[" + at + "].content: expected text");
  }

  private List<String> texts(Operation operation) {
    String name = operation == Operation.EMBEDDING ? "input" : "prompt";
    int most = operation == Operation.EMBEDDING ? MAX_INPUTS : 1;
    Object value = body.getValue(name);
    JsonArray list = value instanceof JsonArray many ? many : new JsonArray().add(value);
    if (list.isEmpty() || list.size() > most) {
      throw wrong(
          name
              + ": "
              + list.size()
              + " texts (expected: "
              + (most == 1 ? "" : "1 to ")
              + most
              + ")");
    }
    List<String> texts = new ArrayList<>();
    for (Object text : list) {
      if (!(text instanceof String plain)) {
        throw wrong(name + ": expected text");
      }
      String cleaned = clean(plain);
      if (operation == Operation.EMBEDDING && cleaned.isEmpty()) {
        throw wrong(name + ": empty (expected: text)");
      }
      texts.add(cleaned);
    }
    return texts;
  }

  private Engine.Sampling sampling() {
    return new Engine.Sampling(
        number("temperature", 0, 2),
        number("top_p", 0, 1),
        number("min_p", 0, 1),
        whole("top_k", 0, MAX_TOP_K),
        whole("seed", Integer.MIN_VALUE, Integer.MAX_VALUE),
        number("frequency_penalty", -2, 2),
        number("presence_penalty", -2, 2),
        stops(),
        grammar(),
        biases());
  }

  private List<String> stops() {
    Object value = body.getValue("stop");
    if (value == null) {
      return List.of();
    }
    JsonArray list = value instanceof JsonArray many ? many : new JsonArray().add(value);
    List<String> stops = new ArrayList<>();
    for (Object stop : list) {
      if (!(stop instanceof String text) || text.isEmpty() || text.length() > MAX_STOP) {
        throw wrong("stop: expected texts of 1 to " + MAX_STOP + " characters");
      }
      stops.add(clean(text));
    }
    if (stops.size() > MAX_STOPS) {
      throw wrong("stop: " + stops.size() + " texts (expected: at most " + MAX_STOPS + ")");
    }
    return stops;
  }

  private @Nullable String grammar() {
    Object value = body.getValue("response_format");
    if (value == null) {
      return null;
    }
    String type =
        value instanceof JsonObject format && format.getValue("type") instanceof String text
            ? text
            : "";
    return switch (type) {
      case "text" -> null;
      case "json_object" -> SchemaGrammar.anyObject();
      case "json_schema" -> {
        if (!(((JsonObject) value).getValue("json_schema") instanceof JsonObject named)
            || !(named.getValue("schema") instanceof JsonObject schema)) {
          throw wrong("response_format.json_schema.schema: expected a JSON schema");
        }
        yield SchemaGrammar.of(schema);
      }
      default -> throw wrong("response_format.type: expected text, json_object or json_schema");
    };
  }

  private Map<Integer, Float> biases() {
    Object value = body.getValue("logit_bias");
    if (value == null) {
      return Map.of();
    }
    if (!(value instanceof JsonObject biases) || biases.size() > MAX_BIASES) {
      throw wrong("logit_bias: expected an object of at most " + MAX_BIASES + " tokens");
    }
    Map<Integer, Float> map = new LinkedHashMap<>();
    for (Map.Entry<String, Object> bias : biases) {
      try {
        int token = Integer.parseInt(bias.getKey());
        map.put(token, checked("logit_bias", bias.getValue(), -100, 100));
      } catch (NumberFormatException e) {
        throw wrong("logit_bias: expected numbers of tokens");
      }
    }
    return map;
  }

  private @Nullable Float number(String name, double least, double most) {
    Object value = body.getValue(name);
    return value == null ? null : checked(name, value, least, most);
  }

  private static float checked(String name, Object value, double least, double most) {
    if (value instanceof Number number
        && number.doubleValue() >= least
        && number.doubleValue() <= most) {
      return number.floatValue();
    }
    throw wrong(name + ": expected a number from " + least + " to " + most);
  }

  private @Nullable Integer whole(String name, long least, long most) {
    Object value = body.getValue(name);
    if (value == null) {
      return null;
    }
    if ((value instanceof Integer || value instanceof Long)
        && ((Number) value).longValue() >= least
        && ((Number) value).longValue() <= most) {
      return ((Number) value).intValue();
    }
    throw wrong(name + ": expected a whole number from " + least + " to " + most);
  }

  /** Without halves of surrogate pairs, and without NUL, at which C ends a text. */
  private static String clean(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return new String(bytes, StandardCharsets.UTF_8).replace("\0", "");
  }
}
