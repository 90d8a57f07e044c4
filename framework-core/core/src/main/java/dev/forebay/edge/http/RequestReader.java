package dev.forebay.edge.http;

import dev.forebay.dialect.JsonBody;
import dev.forebay.dialect.JsonSource;
import dev.forebay.edge.BadRequest;
import dev.forebay.edge.identity.CallerAddress;
import dev.forebay.edge.identity.Keys;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest.MemberPlaces;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.RequestInfo.Traits;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Makes of a request's head and body what policies may see: all from parsed fields. */
public final class RequestReader {

  private static final int MAX_NAME = 256;

  /** Characters of a model's name at most: it stands in errors, logs, spans and letters. */
  private static final int MAX_MODEL = 1_000;

  private static final long MAX_DEADLINE_MILLIS = 86_400_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** Where upstreams look for the prompt; those of vLLM and llama.cpp among them. */
  private static final List<String> PROMPTS =
      List.of("messages", "prompt", "input", "prompt_embeds", "content");

  /** What is read here, and decides who answers, how, and what it costs. */
  private static final Set<String> READ =
      Set.of(
          "model",
          "messages",
          "prompt",
          "input",
          "stream",
          "stream_options",
          "max_tokens",
          "max_completion_tokens",
          "max_output_tokens",
          "n",
          "best_of",
          "user",
          "safety_identifier",
          "temperature",
          "tools",
          "functions");

  private static final NavigableSet<String> IN_ANY_CASE = inAnyCase();
  private static final int LONGEST_READ = "max_completion_tokens".length();

  private final EdgeOptions options;
  private final PromptKeys promptKeys;
  private final CallerAddress addresses;

  public RequestReader(EdgeOptions options, PromptKeys promptKeys) {
    this.options = options;
    this.promptKeys = promptKeys;
    this.addresses = new CallerAddress(options.proxies());
  }

  /**
   * A request that was read.
   *
   * @param info what policies may see of it
   * @param places of the members of its body
   */
  public record Read(RequestInfo info, MemberPlaces places) {}

  /**
   * Reads a request.
   *
   * @param address of who is connected: the caller, or a proxy that speaks for it
   * @param key what the caller presented; null where the gateway is open
   * @throws BadRequest with one line that says what is wrong
   */
  public Read read(
      String id,
      Operation operation,
      String address,
      Keys.@Nullable Key key,
      MultiMap headers,
      Buffer body,
      long arrivedNanos) {
    Json.Body read = Json.read(body);
    Map<String, Object> fields = read.fields();
    requireExactNames(fields);
    if (fields.containsKey("stream_options")) {
      requireShortOptions(new JsonBody(body, read.places()));
    }
    String model = model(fields, key);
    requirePrompt(fields, operation);
    boolean stream = flag(fields, "stream");
    Caller caller =
        new Caller(
            addresses.of(address, headers),
            key == null ? "" : key.id(),
            key == null ? "default" : key.tenant(),
            name(fields.get("user")),
            name(RequestHead.single(headers, HeaderNames.SESSION)));
    PromptText text = promptKeys.text(model, fields);
    PromptKey promptKey = promptKeys.key(operation, caller, fields, options.cacheKey());
    RequestInfo info =
        new RequestInfo(
            id,
            operation,
            model,
            stream,
            caller,
            priority(RequestHead.single(headers, HeaderNames.PRIORITY), key),
            text.tokens(),
            maxOutputTokens(fields),
            promptKey,
            text.prefix(),
            cacheMode(RequestHead.single(headers, HeaderNames.CACHE)),
            traits(fields),
            arrivedNanos,
            deadline(RequestHead.single(headers, HeaderNames.DEADLINE), arrivedNanos));
    return new Read(info, read.places());
  }

  /** The caller of a request of which only the head is read. */
  Caller caller(HttpServerRequest request, Keys.@Nullable Key key) {
    String address = request.remoteAddress().hostAddress();
    return new Caller(
        addresses.of(address == null ? "" : address, request.headers()),
        key == null ? "" : key.id(),
        key == null ? "default" : key.tenant(),
        "",
        "");
  }

  private static NavigableSet<String> inAnyCase() {
    NavigableSet<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    names.addAll(READ);
    return names;
  }

  private static String model(Map<String, Object> fields, Keys.@Nullable Key key) {
    Object given = fields.get("model");
    if (!(given instanceof String model) || model.isBlank()) {
      String found = given == null ? "missing" : "no name";
      throw BadRequest.invalid("model", "model: " + found + " (expected: the name of a model)");
    }
    if (model.length() > MAX_MODEL) {
      throw BadRequest.invalid(
          "model",
          "model: " + model.length() + " characters (expected: at most " + MAX_MODEL + ")");
    }
    if (key != null && !key.mayUse(model)) {
      throw new BadRequest(
          403, "model_not_allowed", "model", "model: this key may not use " + quoted(model));
    }
    return model;
  }

  private static String promptField(Operation operation) {
    return switch (operation) {
      case CHAT -> "messages";
      case COMPLETION -> "prompt";
      case EMBEDDING -> "input";
    };
  }

  /**
   * Programs in Go take a member whose name differs in its case only, and so would read another
   * model than the one that was checked here.
   */
  private static void requireExactNames(Map<String, Object> fields) {
    for (String name : fields.keySet()) {
      if (name.length() <= LONGEST_READ && !READ.contains(name) && IN_ANY_CASE.contains(name)) {
        throw BadRequest.invalid(
            Json.shown(name),
            Json.shown(name)
                + ": some programs take it for "
                + IN_ANY_CASE.ceiling(name)
                + " (expected: the exact name)");
      }
    }
  }

  private static void requireShortOptions(JsonBody body) {
    String name = "stream_options";
    int bytes = body.value(body.find(name, 0)).length();
    if (bytes > JsonSource.MAX_STREAM_OPTIONS) {
      String expected = " (expected: at most " + JsonSource.MAX_STREAM_OPTIONS + ")";
      throw BadRequest.invalid(name, name + ": " + bytes + " bytes" + expected);
    }
  }

  /** Which of them it is, and what it holds, is for the upstream to judge. */
  private static void requirePrompt(Map<String, Object> fields, Operation operation) {
    String name = promptField(operation);
    if (PROMPTS.stream().noneMatch(each -> given(fields, each))) {
      throw BadRequest.invalid(name, name + ": missing (expected: the prompt)");
    }
    if (given(fields, "messages") && !(fields.get("messages") instanceof List)) {
      throw BadRequest.invalid("messages", "messages: no array (expected: an array of messages)");
    }
  }

  private static boolean given(Map<String, Object> fields, String name) {
    return !Json.NULL.equals(fields.getOrDefault(name, Json.NULL));
  }

  private static boolean flag(Map<String, Object> fields, String name) {
    Object value = fields.getOrDefault(name, Json.NULL);
    if (Json.NULL.equals(value)) {
      return false;
    }
    if (value instanceof Boolean flag) {
      return flag;
    }
    throw BadRequest.invalid(name, name + ": no boolean (expected: true or false)");
  }

  /** Of all answers together. Several bounds may be there: which one an upstream obeys differs. */
  private static int maxOutputTokens(Map<String, Object> fields) {
    long each =
        Math.max(
            hint(fields, "max_output_tokens"),
            Math.max(hint(fields, "max_completion_tokens"), hint(fields, "max_tokens")));
    long choices = Math.max(1, Math.max(hint(fields, "n"), hint(fields, "best_of")));
    double all = (double) each * choices * prompts(fields.get("prompt"));
    return (int) Math.min(Integer.MAX_VALUE, all);
  }

  /** How many prompts a completion has: each is answered. Token numbers are one prompt. */
  private static int prompts(@Nullable Object prompt) {
    return prompt instanceof List<?> list && !list.isEmpty() && !(list.get(0) instanceof Number)
        ? list.size()
        : 1;
  }

  /** A number that is only a hint here: 0 if it is none, or none that means a bound. */
  private static long hint(Map<String, Object> fields, String name) {
    return fields.get(name) instanceof Number number && number.doubleValue() > 0
        ? (long) Math.min(Integer.MAX_VALUE, number.doubleValue())
        : 0;
  }

  private int priority(@Nullable String asked, Keys.@Nullable Key key) {
    int allowed = key == null ? RequestInfo.STANDARD : key.priority();
    if (asked == null) {
      return allowed;
    }
    try {
      return Math.max(allowed, options.priority(asked.trim()));
    } catch (IllegalArgumentException e) {
      throw BadRequest.invalid(null, "x-forebay-priority: " + e.getMessage());
    }
  }

  private static CacheMode cacheMode(@Nullable String asked) {
    return switch (asked == null ? "" : asked.trim()) {
      case "" -> CacheMode.DEFAULT;
      case "no-store" -> CacheMode.NO_STORE;
      case "no-cache" -> CacheMode.NO_CACHE;
      case "only-if-cached" -> CacheMode.ONLY_IF_CACHED;
      default ->
          throw BadRequest.invalid(
              null,
              "x-forebay-cache: " + asked + " (expected: no-store, no-cache or only-if-cached)");
    };
  }

  private static Traits traits(Map<String, Object> fields) {
    double temperature =
        fields.get("temperature") instanceof Number number ? number.doubleValue() : Double.NaN;
    boolean tools = offered(fields.get("tools")) || offered(fields.get("functions"));
    boolean usage =
        fields.get("stream_options") instanceof Map<?, ?> how
            && Boolean.TRUE.equals(how.get("include_usage"));
    return new Traits(temperature, tools, usage);
  }

  private static boolean offered(@Nullable Object tools) {
    return tools instanceof List<?> list && !list.isEmpty();
  }

  private static long deadline(@Nullable String millis, long arrivedNanos) {
    if (millis == null) {
      return Long.MAX_VALUE;
    }
    try {
      long wait = Long.parseLong(millis.trim());
      if (wait > 0 && wait <= MAX_DEADLINE_MILLIS) {
        return arrivedNanos + wait * NANOS_PER_MILLI;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw BadRequest.invalid(
        null,
        "x-forebay-deadline-ms: " + millis + " (expected: milliseconds from now, 1 to 86400000)");
  }

  private static String name(@Nullable Object value) {
    return value instanceof String text && text.length() <= MAX_NAME ? text : "";
  }

  private static String quoted(String text) {
    return '"' + (text.length() > 100 ? text.substring(0, 100) + "…" : text) + '"';
  }
}
