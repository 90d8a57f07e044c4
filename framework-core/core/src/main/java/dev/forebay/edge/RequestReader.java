package dev.forebay.edge;

import dev.forebay.spi.CacheMode;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestTraits;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes of a request's head and body what policies may see: all from parsed fields. */
final class RequestReader {

  private static final int MAX_NAME = 256;
  private static final long MAX_DEADLINE_MILLIS = 86_400_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final EdgeOptions options;
  private final PromptKeys promptKeys;
  private final CallerAddress addresses;

  RequestReader(EdgeOptions options, PromptKeys promptKeys) {
    this.options = options;
    this.promptKeys = promptKeys;
    this.addresses = new CallerAddress(options.proxies());
  }

  /**
   * Reads a request.
   *
   * @param address of who is connected: the caller, or a proxy that speaks for it
   * @param key what the caller presented; null where the gateway is open
   * @throws BadRequest with one line that says what is wrong
   */
  RequestInfo read(
      String id,
      Operation operation,
      String address,
      Keys.@Nullable Key key,
      MultiMap headers,
      Buffer body,
      long arrivedNanos) {
    Json.Parsed parsed = Json.read(body);
    Map<String, Object> fields = parsed.fields();
    String model = model(fields, key);
    require(fields, promptField(operation));
    boolean stream = flag(fields, "stream");
    Caller caller =
        new Caller(
            addresses.of(address, headers),
            key == null ? "" : key.id,
            key == null ? "default" : key.tenant,
            name(fields.get("user")),
            name(headers.get(HeaderNames.SESSION)));
    PromptText text = promptKeys.text(operation, model, fields);
    PromptKey promptKey =
        parsed.duplicates() ? null : promptKeys.key(operation, caller, fields, options.cacheKey());
    return new RequestInfo(
        id,
        operation,
        model,
        stream,
        caller,
        priority(headers.get(HeaderNames.PRIORITY), key),
        text.tokens(),
        maxOutputTokens(fields),
        promptKey,
        text.prefix(),
        cacheMode(headers.get(HeaderNames.CACHE)),
        traits(fields),
        arrivedNanos,
        deadline(headers.get(HeaderNames.DEADLINE), arrivedNanos));
  }

  private static String model(Map<String, Object> fields, Keys.@Nullable Key key) {
    if (!(fields.get("model") instanceof String model) || model.isBlank()) {
      throw BadRequest.invalid("model", "model: missing (expected: the name of a model)");
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

  private static void require(Map<String, Object> fields, String name) {
    Object value = fields.get(name);
    if (value == null || Json.NULL.equals(value)) {
      throw BadRequest.invalid(name, name + ": missing (expected: the prompt)");
    }
    if (name.equals("messages") && !(value instanceof List)) {
      throw BadRequest.invalid(name, "messages: no array (expected: an array of messages)");
    }
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

  private static int maxOutputTokens(Map<String, Object> fields) {
    int newer = tokens(fields, "max_completion_tokens");
    int older = tokens(fields, "max_tokens");
    return newer > 0 ? newer : older;
  }

  private static int tokens(Map<String, Object> fields, String name) {
    Object value = fields.getOrDefault(name, Json.NULL);
    if (Json.NULL.equals(value) || value instanceof Json.Odd) {
      return 0;
    }
    if (value instanceof Number number && number.doubleValue() >= 0) {
      return (int) Math.min(Integer.MAX_VALUE, number.doubleValue());
    }
    throw BadRequest.invalid(name, name + ": expected a number of tokens, at least 0");
  }

  private int priority(@Nullable String asked, Keys.@Nullable Key key) {
    int allowed = key == null ? RequestInfo.STANDARD : key.priority;
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

  private static RequestTraits traits(Map<String, Object> fields) {
    double temperature =
        fields.get("temperature") instanceof Number number ? number.doubleValue() : Double.NaN;
    boolean tools = offered(fields.get("tools")) || offered(fields.get("functions"));
    boolean usage =
        fields.get("stream_options") instanceof Map<?, ?> how
            && Boolean.TRUE.equals(how.get("include_usage"));
    return new RequestTraits(temperature, tools, usage);
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
