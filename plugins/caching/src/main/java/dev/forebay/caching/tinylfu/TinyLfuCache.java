package dev.forebay.caching.tinylfu;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Caffeine, made to run on the gateway's timeline: its maintenance runs in the call that causes it,
 * its clock is the timeline's, and it schedules nothing.
 *
 * <p>Caffeine has one bound, a sum of weights of 31 bits. An answer weighs its share of the bytes,
 * rounded up, and at least its share of the answers, so that both bounds hold: the whole is as many
 * times that least weight as there may be answers.
 */
final class TinyLfuCache implements ResponseCache {

  private final Cache<PromptKey, CachedAnswer> answers;
  private final Duration ttl;
  private final long maxEntryBytes;
  private final int leastWeight;
  private final int maxWeight;
  private final double weightPerByte;
  private final Counter hits;
  private final Counter misses;
  private final Counter stored;
  private final Counter evictions;
  private final Counter expired;
  private final Counter tooLarge;
  private long bytes;

  TinyLfuCache(TinyLfu options, PluginContext context) {
    this.ttl = options.ttl();
    this.maxEntryBytes = Math.min(options.maxEntryBytes(), options.maxBytes());
    this.leastWeight = Integer.MAX_VALUE / options.maxEntries();
    this.maxWeight = leastWeight * options.maxEntries();
    this.weightPerByte = (double) maxWeight / options.maxBytes();
    this.hits = context.counter("hits");
    this.misses = context.counter("misses");
    this.stored = context.counter("stored");
    this.evictions = context.counter("evictions");
    this.expired = context.counter("expired");
    this.tooLarge = context.counter("too_large");
    this.answers =
        Caffeine.newBuilder()
            .executor(Runnable::run)
            .ticker(() -> context.timeline().nanos())
            .expireAfterWrite(options.ttl())
            .maximumWeight(maxWeight)
            .weigher((PromptKey key, CachedAnswer answer) -> weight(answer))
            .removalListener(this::left)
            .build();
    context.gauge("entries", () -> answers.estimatedSize());
    context.gauge("bytes", () -> bytes);
  }

  private int weight(CachedAnswer answer) {
    long share = (long) (weightPerByte * answer.bytes()) + 1;
    return (int) Math.min(maxWeight, Math.max(leastWeight, share));
  }

  private void left(@Nullable PromptKey key, @Nullable CachedAnswer gone, RemovalCause cause) {
    bytes -= gone == null ? 0 : gone.bytes();
    if (cause == RemovalCause.SIZE) {
      evictions.increment();
    } else if (cause == RemovalCause.EXPIRED) {
      expired.increment();
    }
  }

  @Override
  public Duration keeps() {
    return ttl;
  }

  @Override
  public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
    CachedAnswer found = answers.getIfPresent(key);
    (found == null ? misses : hits).increment();
    return Future.succeededFuture(found);
  }

  @Override
  public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
    if (answer.bytes() > maxEntryBytes) {
      answers.invalidate(key); // an older answer must not outlive a newer one that finds no room
      tooLarge.increment();
      return Future.succeededFuture();
    }
    bytes += answer.bytes();
    answers.put(key, answer);
    answers.cleanUp();
    stored.increment();
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> invalidate(PromptKey key) {
    answers.invalidate(key);
    return Future.succeededFuture();
  }
}
