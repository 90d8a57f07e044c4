package dev.forebay.dialect;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a streamed answer that broke off: the request that asks for it, with the beginning as
 * its last message, and the events of the rest as the caller would have got them from the first
 * server. It is made of the events that the caller has. An answer of text can be continued if it is
 * the only one of its request. Tool calls, reasoning, probabilities, and answers of a given form
 * (JSON) cannot: a server would begin them again.
 */
public final class Continuation {

  /** Members of requests whose answers cannot be continued, and the values that do not matter. */
  private static final Map<String, List<String>> ONLY =
      Map.ofEntries(
          Map.entry("n", List.of("1")),
          Map.entry("best_of", List.of("1")),
          Map.entry("logprobs", List.of("false")),
          Map.entry("echo", List.of("false")),
          Map.entry("suffix", List.of("\"\"")),
          Map.entry("function_call", List.of("\"auto\"", "\"none\"")),
          Map.entry("tool_choice", List.of("\"auto\"", "\"none\"")),
          Map.entry("audio", List.of()),
          Map.entry("modalities", List.of("[\"text\"]")),
          Map.entry("response_format", List.of("{\"type\":\"text\"}")),
          Map.entry("structured_outputs", List.of()),
          Map.entry("guided_json", List.of()),
          Map.entry("guided_regex", List.of()),
          Map.entry("guided_choice", List.of()),
          Map.entry("guided_grammar", List.of()),
          Map.entry("grammar", List.of()),
          Map.entry("regex", List.of()),
          Map.entry("ebnf", List.of()),
          Map.entry("structural_tag", List.of()),
          Map.entry("top_logprobs", List.of("0")),
          Map.entry("n_probs", List.of("0")),
          Map.entry("json_schema", List.of()),
          Map.entry("continue_final_message", List.of("false")),
          Map.entry("add_generation_prompt", List.of("true")));

  /** Members that the rest of an answer changes. */
  private static final List<String> CHANGED =
      List.of(
          "messages", "prompt", "max_tokens", "max_completion_tokens", "n_predict", "min_tokens");

  private static final Buffer NULL = Buffer.buffer("null");

  /** The longest value that is compared with those that do not matter, in bytes. */
  private static final int MAX_VALUE = 256;

  /** Bytes of the last message that are looked at; a longer one is none of the assistant's. */
  private static final int MAX_MESSAGE = 64 << 10;

  /** Characters at the beginning of an answer by which one that begins again is known. */
  private static final int BEGINNING = 12;

  /** What the events of one answer have in common. */
  private static final List<String> COMMON =
      List.of("id", "created", "model", "system_fingerprint", "service_tier");

  private final boolean chat;
  private final JsonObject common = new JsonObject();
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder rest = new StringBuilder();
  private int tokens;

  /** A continuation of an answer of which nothing has been read. */
  public Continuation(Operation operation) {
    this.chat = operation == Operation.CHAT;
  }

  /**
   * Reads the next event that the caller has.
   *
   * @return false if the answer cannot be continued
   */
  public boolean read(Buffer event) {
    JsonObject json = event.length() > StreamParser.MAX_AT_ONCE ? null : Events.json(event);
    if (json == null || !(json.getValue("choices") instanceof JsonArray choices)) {
      return false;
    }
    for (String name : COMMON) {
      if (json.containsKey(name) && !common.containsKey(name)) {
        common.put(name, json.getValue(name));
      }
    }
    for (Object each : choices) {
      if (!(each instanceof JsonObject choice) || !read(choice)) {
        return false;
      }
    }
    return true;
  }

  private boolean read(JsonObject choice) {
    boolean only = !(choice.getValue("index") instanceof Number index) || index.intValue() == 0;
    Object reason = choice.getValue("finish_reason");
    boolean ended = reason != null && !reason.equals("") && !reason.equals("null");
    boolean plain = only && !ended && choice.getValue("logprobs") == null;
    if (!chat) {
      return plain && add(choice.getValue("text"));
    }
    if (!plain || !(choice.getValue("delta") instanceof JsonObject delta)) {
      return false;
    }
    for (String name : delta.fieldNames()) {
      Object value = delta.getValue(name);
      boolean known = name.equals("role") || name.equals("content") || empty(value);
      if (!known || (name.equals("content") && !add(value))) {
        return false;
      }
    }
    return true;
  }

  private static boolean empty(@Nullable Object value) {
    return value == null
        || value.equals("")
        || (value instanceof JsonArray array && array.isEmpty())
        || (value instanceof JsonObject object && object.isEmpty());
  }

  private boolean add(@Nullable Object said) {
    if (said instanceof String more) {
      text.append(more);
    }
    return said == null || said instanceof String;
  }

  /**
   * The request for what is left, after all events were read.
   *
   * @param asked the request of which the caller has a part of the answer
   * @param given tokens of that part
   * @return null if the answer cannot be continued, or is as long as the caller allows. A request
   *     without a body, such as that of a trace, has none here.
   */
  public @Nullable InferenceRequest request(InferenceRequest asked, int given) {
    tokens = given;
    rest.setLength(0);
    RequestInfo info = asked.info();
    int bound = info.maxOutputTokens();
    if (bound > 0 && bound <= given) {
      return null;
    }
    RequestInfo rest =
        info.withPrompt(info.promptTokens() + given, info.promptKey(), info.prefix())
            .withMaxOutputTokens(bound > 0 ? bound - given : bound);
    if (asked.body().length() == 0) {
      return asked.with(rest);
    }
    JsonBody body = JsonBody.of(asked);
    if (body == null || !continuable(body)) {
      return null;
    }
    body = chat ? message(body) : prompt(body);
    for (String name : List.of("max_tokens", "max_completion_tokens", "n_predict")) {
      body = body == null ? null : lowered(body, name, true);
    }
    body = body == null ? null : lowered(body, "min_tokens", false);
    return body == null ? null : body.in(asked.with(rest));
  }

  private static boolean continuable(JsonBody body) {
    for (Map.Entry<String, List<String>> only : ONLY.entrySet()) {
      int member = body.find(only.getKey(), 0);
      if (member >= 0) {
        Buffer bytes = body.value(member);
        String value = bytes.length() > MAX_VALUE ? "" : bytes.toString().replaceAll("\\s", "");
        if ((!value.equals("null") && !only.getValue().contains(value))
            || twice(body, only.getKey(), member)) {
          return false;
        }
      }
    }
    return CHANGED.stream().noneMatch(name -> twice(body, name, body.find(name, 0)));
  }

  /** Whether servers may differ about which of two members counts. */
  private static boolean twice(JsonBody body, String name, int member) {
    return member >= 0 && body.find(name, member + 1) >= 0;
  }

  private @Nullable JsonBody message(JsonBody body) {
    int bracket = endOfMessages(body);
    if (bracket < 0 || !endsWithAnothers(body, bracket)) {
      return null;
    }
    String message = ",{\"role\":\"assistant\",\"content\":" + Json.encode(text.toString()) + "}";
    return body.with(bracket, bracket, message.getBytes(StandardCharsets.UTF_8));
  }

  /** Whether the last message is not the assistant's: its answer would have begun with that. */
  private static boolean endsWithAnothers(JsonBody body, int bracket) {
    Buffer bytes = body.bytes();
    int end = bracket;
    while (Character.isWhitespace(bytes.getByte(end - 1))) {
      end--;
    }
    if (bytes.getByte(end - 1) != '}') {
      return false; // no message
    }
    int begin = beginOfObject(bytes, end, Math.max(0, end - MAX_MESSAGE));
    JsonBody last = begin < 0 ? null : JsonBody.read(bytes.getBuffer(begin, end));
    int role = last == null ? -1 : last.find("role", 0);
    return begin < 0
        || (last != null
            && role >= 0
            && !twice(last, "role", role)
            && !last.value(role).toString().equals("\"assistant\""));
  }

  /** The first byte of the object that ends before a place; -1 if it is before a bound. */
  private static int beginOfObject(Buffer bytes, int end, int bound) {
    int depth = 0;
    boolean text = false;
    for (int at = end - 1; at >= bound; at--) {
      byte octet = bytes.getByte(at);
      if (octet == '"' && !escaped(bytes, at)) {
        text = !text;
      } else if (!text) {
        depth += octet == '}' ? 1 : octet == '{' ? -1 : 0;
        if (depth == 0) {
          return at;
        }
      }
    }
    return -1;
  }

  private static boolean escaped(Buffer bytes, int at) {
    int first = at;
    while (bytes.getByte(first - 1) == '\\') {
      first--;
    }
    return (at - first) % 2 == 1;
  }

  /** The place of the bracket that ends the messages; -1 if there is none. */
  private static int endOfMessages(JsonBody body) {
    int member = body.find("messages", 0);
    int last = member < 0 ? -1 : body.places().end(member) - 1;
    return last < 0 || body.bytes().getByte(last) != ']' ? -1 : last;
  }

  private @Nullable JsonBody prompt(JsonBody body) {
    int member = body.find("prompt", 0);
    if (member < 0) {
      return null;
    }
    int quote = body.places().end(member) - 1;
    if (body.bytes().getByte(quote) != '"') {
      return null; // a list of prompts, or of tokens
    }
    String encoded = Json.encode(text.toString());
    byte[] more = encoded.substring(1, encoded.length() - 1).getBytes(StandardCharsets.UTF_8);
    return body.with(quote, quote, more);
  }

  /**
   * The body with a bound on the answer that is less by what the caller has.
   *
   * @param upper whether the answer is complete once nothing is left of the bound
   * @return null if the answer is complete, or if the bound cannot be read
   */
  private @Nullable JsonBody lowered(JsonBody body, String name, boolean upper) {
    int member = body.find(name, 0);
    Buffer bytes = member < 0 ? NULL : body.value(member);
    String value = bytes.length() > MAX_VALUE ? "" : bytes.toString();
    if (value.equals("null")) {
      return body;
    }
    try {
      int left = Math.max(0, Integer.parseInt(value) - tokens);
      return upper && left == 0
          ? null
          : body.withValue(member, Integer.toString(left).getBytes(StandardCharsets.UTF_8));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /**
   * Reads an event at the beginning of the rest: a server that cannot continue may begin the answer
   * again.
   *
   * @return whether the next event is needed to tell
   */
  public boolean undecided(Buffer event) {
    String beginning = beginning();
    if (beginning.isEmpty()) {
      return false;
    }
    String said = said(event);
    rest.append(said);
    if (said.isEmpty()) {
      return false; // nothing to compare
    }
    return rest.length() < BEGINNING && beginning.startsWith(rest.toString());
  }

  /** The text of an event; empty if it has none, or is too large to be read at once. */
  private static String said(Buffer event) {
    JsonObject json = event.length() > StreamParser.MAX_AT_ONCE ? null : Events.json(event);
    if (json == null
        || !(json.getValue("choices") instanceof JsonArray choices)
        || choices.isEmpty()
        || !(choices.getValue(0) instanceof JsonObject choice)) {
      return "";
    }
    Object said =
        choice.getValue("delta") instanceof JsonObject delta
            ? delta.getValue("content")
            : choice.getValue("text");
    return said instanceof String text ? text : "";
  }

  /** Whether the events that were read begin the answer again. */
  public boolean beginsAgain() {
    String beginning = beginning();
    return !beginning.isEmpty() && rest.indexOf(beginning) == 0;
  }

  /** The beginning of the answer; empty if it is too short, or comes again in it, to tell. */
  private String beginning() {
    String beginning = text.length() < 2 * BEGINNING ? "" : text.substring(0, BEGINNING);
    return text.indexOf(beginning, 1) < 0 ? beginning : "";
  }

  /**
   * An event of the rest as one of the first answer: with its id, without a role, and with the
   * usage of both. One that is too large to be read at once stays as it is.
   */
  public Buffer event(Buffer later) {
    JsonObject json = later.length() > StreamParser.MAX_AT_ONCE ? null : Events.json(later);
    if (json == null || !(json.getValue("choices") instanceof JsonArray choices)) {
      return later; // the end marker, an error
    }
    for (Object each : choices) {
      if (each instanceof JsonObject choice
          && choice.getValue("delta") instanceof JsonObject delta) {
        delta.remove("role");
      }
    }
    COMMON.stream().filter(name -> !common.containsKey(name)).forEach(json::remove);
    common.forEach(each -> json.put(each.getKey(), each.getValue()));
    if (json.getValue("usage") instanceof JsonObject usage) {
      add(usage, "prompt_tokens", -tokens);
      add(usage, "prompt_cache_miss_tokens", -tokens);
      add(usage, "completion_tokens", tokens);
      if (usage.getValue("prompt_tokens") instanceof Number prompt) {
        bound(usage, "prompt_cache_hit_tokens", prompt.longValue());
        if (usage.containsKey("total_tokens")
            && usage.getValue("completion_tokens") instanceof Number completion) {
          usage.put("total_tokens", prompt.longValue() + completion.longValue());
        }
        if (usage.getValue("prompt_tokens_details") instanceof JsonObject details) {
          bound(details, "cached_tokens", prompt.longValue());
        }
      }
    }
    return Events.event(json);
  }

  private static void add(JsonObject usage, String name, int more) {
    if (usage.getValue(name) instanceof Number number) {
      usage.put(name, Math.max(0, number.longValue() + more));
    }
  }

  /** What was cached of the prompt is a part of it. */
  private static void bound(JsonObject usage, String name, long most) {
    if (usage.getValue(name) instanceof Number number && number.longValue() > most) {
      usage.put(name, most);
    }
  }
}
