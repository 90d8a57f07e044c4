package dev.forebay.jobs;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Job;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Tells of ends of jobs: {@code webhook-id} is the job's id, so that a receiver knows what it has
 * been told before; {@code webhook-signature} signs id, time and body.
 */
final class CallbackSender {

  private static final int GONE = 410;
  private static final int OK = 200;
  private static final int REDIRECT = 300;
  private static final long FIRST_PAUSE_MILLIS = 5_000;
  private static final long BUSY_PAUSE_MILLIS = 60_000;

  /** Callbacks to one host at once: one that does not answer must not hold up the others. */
  private static final int MOST_TO_HOST = 32;

  private final Callbacks options;
  private final Poster poster;
  private final Timeline timeline;
  private final Set<String> underWay = new HashSet<>();
  private final Map<String, Integer> byHost = new HashMap<>();

  /** Posts; the status of the answer. */
  @FunctionalInterface
  interface Poster {
    Future<Integer> post(HttpAddress to, Headers headers, Buffer body, Duration timeout);
  }

  CallbackSender(Callbacks options, Poster poster, Timeline timeline) {
    this.options = options;
    this.poster = poster;
    this.timeline = timeline;
  }

  /**
   * Tells of a job that is over; not now if it is being told of, or its host is given as many as
   * may be at once.
   *
   * @return when to try again, in milliseconds since 1970 UTC; {@link Long#MAX_VALUE} if never: it
   *     was heard, the receiver wants no more, or it is too late
   */
  Future<Long> send(Job job) {
    long now = timeline.epochMillis();
    long age = now - job.endedMillis();
    Future<Integer> posted;
    String host;
    try {
      HttpAddress to = options.address(Facts.callback(job.request().facts()));
      host = to.host();
      if (underWay.contains(job.id()) || byHost.getOrDefault(host, 0) >= MOST_TO_HOST) {
        return Future.succeededFuture(now + BUSY_PAUSE_MILLIS);
      }
      Buffer body = body(job);
      String seconds = Long.toString(now / 1_000);
      Headers headers =
          Headers.of("content-type", "application/json")
              .with("webhook-id", job.id())
              .with("webhook-timestamp", seconds)
              .with("webhook-signature", "v1," + signature(options.key(), job.id(), seconds, body));
      posted = poster.post(to, headers, body, options.timeout());
    } catch (IllegalArgumentException e) {
      return Future.succeededFuture(Long.MAX_VALUE); // the host is not allowed any more
    }
    underWay.add(job.id());
    byHost.merge(host, 1, Integer::sum);
    return posted
        .onComplete(told -> left(job.id(), host))
        .otherwise(0)
        .map(
            status -> {
              boolean heard = status >= OK && status < REDIRECT;
              boolean late = age > options.within().toMillis();
              return heard || status == GONE || late
                  ? Long.MAX_VALUE
                  : now + Math.max(FIRST_PAUSE_MILLIS, age);
            });
  }

  private void left(String id, String host) {
    underWay.remove(id);
    byHost.computeIfPresent(host, (same, count) -> count == 1 ? null : count - 1);
  }

  private static Buffer body(Job job) {
    return new JsonObject()
        .put("type", "job." + job.state())
        .put("timestamp", job.endedMillis() / 1_000)
        .put("data", JobJson.of(job))
        .toBuffer();
  }

  /** Of a callback, in base64. */
  static String signature(byte[] key, String id, String seconds, Buffer body) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update((id + "." + seconds + ".").getBytes(StandardCharsets.UTF_8));
      return Base64.getEncoder().encodeToString(mac.doFinal(body.getBytes()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e); // each JDK has it
    }
  }
}
