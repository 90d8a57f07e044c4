package dev.forebay.jobs;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.RequestInfo.Traits;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a job must remember of its request beside the body, as JSON. */
final class Facts {

  /** Bytes of them at most. */
  static final int MOST_BYTES = 64 << 10;

  private static final String CALLBACK = "x-forebay-callback";
  private static final String NOT_BEFORE = "x-forebay-not-before";
  private static final long LATEST_MILLIS = Duration.ofDays(366).toMillis();

  private static final List<String> ASKS_FOR_A_JOB =
      List.of("prefer", "idempotency-key", CALLBACK, NOT_BEFORE);

  private Facts() {}

  static Buffer of(InferenceRequest request) {
    RequestInfo info = request.info();
    Caller caller = info.caller();
    JsonObject json =
        new JsonObject()
            .put("operation", info.operation().name())
            .put("model", info.model())
            .put("stream", info.stream())
            .put("address", caller.address())
            .put("key", caller.keyId())
            .put("tenant", caller.tenant())
            .put("user", caller.user())
            .put("session", caller.session())
            .put("priority", info.priority())
            .put("prompt_tokens", info.promptTokens())
            .put("max_output_tokens", info.maxOutputTokens())
            .put("cache", info.cacheMode().name())
            .put("tools", info.traits().tools())
            .put("usage", info.traits().includeUsage())
            .put("path", request.head().path())
            .put("headers", headers(request.head().headers()));
    if (!Double.isNaN(info.traits().temperature())) {
      json.put("temperature", info.traits().temperature());
    }
    String callback = callback(request);
    if (callback != null) {
      json.put("callback", callback);
    }
    PromptKey key = info.promptKey();
    if (key != null) {
      json.put("prompt_key", new JsonArray().add(key.high()).add(key.low()));
    }
    JsonArray prefix = new JsonArray();
    for (int i = 0; i < info.prefix().size(); i++) {
      prefix.add(info.prefix().get(i));
    }
    return json.put("prefix", prefix).toBuffer();
  }

  /** The caller's headers, without what asked for a job. */
  private static JsonArray headers(Headers headers) {
    JsonArray kept = new JsonArray();
    for (Map.Entry<String, String> header : headers.entries()) {
      String name = header.getKey().toLowerCase(Locale.ROOT);
      if (!ASKS_FOR_A_JOB.contains(name)) {
        kept.add(new JsonArray().add(header.getKey()).add(header.getValue()));
      }
    }
    return kept;
  }

  /**
   * The request again.
   *
   * @param id of this try, unique
   * @param leastUrgent the class that it runs in, unless its own is less urgent
   * @param deadlineNanos of this try, on the call's timeline
   */
  static InferenceRequest request(
      Buffer facts, Buffer body, String id, int leastUrgent, Call call, long deadlineNanos) {
    JsonObject json = new JsonObject(facts);
    RequestInfo info =
        new RequestInfo(
            id,
            Operation.valueOf(json.getString("operation")),
            json.getString("model"),
            json.getBoolean("stream"),
            new Caller(
                json.getString("address"),
                json.getString("key"),
                json.getString("tenant"),
                json.getString("user"),
                json.getString("session")),
            Math.max(leastUrgent, json.getInteger("priority")),
            json.getInteger("prompt_tokens"),
            json.getInteger("max_output_tokens"),
            promptKey(json.getJsonArray("prompt_key")),
            prefix(json.getJsonArray("prefix")),
            CacheMode.valueOf(json.getString("cache")),
            new Traits(
                json.getDouble("temperature", Double.NaN),
                json.getBoolean("tools"),
                json.getBoolean("usage")),
            call.timeline().nanos(),
            deadlineNanos);
    HttpHead head = new HttpHead(json.getString("path"), headers(json.getJsonArray("headers")));
    return new InferenceRequest(info, body, call, Attempt.FIRST).with(head);
  }

  private static @Nullable PromptKey promptKey(@Nullable JsonArray key) {
    return key == null ? null : new PromptKey(key.getLong(0), key.getLong(1));
  }

  private static PrefixHashes prefix(JsonArray hashes) {
    long[] all = new long[hashes.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = hashes.getLong(i);
    }
    return PrefixHashes.of(all);
  }

  private static Headers headers(JsonArray pairs) {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      JsonArray pair = pairs.getJsonArray(i);
      headers.add(Map.entry(pair.getString(0), pair.getString(1)));
    }
    return Headers.copyOf(headers);
  }

  /**
   * Before when a job is not to begin, in milliseconds since 1970 UTC: now if its caller does not
   * say; negative if it says what cannot be.
   */
  static long notBefore(InferenceRequest request, long now) {
    String seconds = request.head().headers().get(NOT_BEFORE);
    if (seconds == null) {
      return now;
    }
    long asked = seconds.matches("[0-9]{1,12}") ? 1_000 * Long.parseLong(seconds) : Long.MAX_VALUE;
    return asked > now + LATEST_MILLIS ? -1 : Math.max(now, asked);
  }

  /** The URL that is told of the end; null if none is. */
  static @Nullable String callback(InferenceRequest request) {
    return request.head().headers().get(CALLBACK);
  }

  /** As {@link #callback(InferenceRequest)}, later; empty if none is. */
  static String callback(Buffer facts) {
    return new JsonObject(facts).getString("callback", "");
  }

  static boolean isStream(Buffer facts) {
    return new JsonObject(facts).getBoolean("stream");
  }

  static String model(Buffer facts) {
    return new JsonObject(facts).getString("model");
  }
}
