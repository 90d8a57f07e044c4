package dev.forebay.caching.lru;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A map in the order of last use. Room is made before an answer goes in, so that the accounted
 * bytes are never above the bound. An answer whose time is over leaves when it is asked for, or
 * when its turn to make room comes; until then it takes memory within the bound.
 */
final class LruCache implements ResponseCache {

  private final int maxEntries;
  private final long maxBytes;
  private final long maxEntryBytes;
  private final Duration ttl;
  private final long ttlNanos;
  private final Timeline timeline;
  private final Counter hits;
  private final Counter misses;
  private final Counter stored;
  private final Counter evictions;
  private final Counter expired;
  private final Counter tooLarge;
  private final LinkedHashMap<PromptKey, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  LruCache(Lru options, PluginContext context) {
    this.maxEntries = options.maxEntries();
    this.maxBytes = options.maxBytes();
    this.maxEntryBytes = Math.min(options.maxEntryBytes(), options.maxBytes());
    this.ttl = options.ttl();
    this.ttlNanos = options.ttl().toNanos();
    this.timeline = context.timeline();
    this.hits = context.counter("hits");
    this.misses = context.counter("misses");
    this.stored = context.counter("stored");
    this.evictions = context.counter("evictions");
    this.expired = context.counter("expired");
    this.tooLarge = context.counter("too_large");
    context.gauge("entries", entries::size);
    context.gauge("bytes", () -> bytes);
  }

  @Override
  public Duration keeps() {
    return ttl;
  }

  @Override
  public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
    Entry entry = entries.get(key);
    if (entry != null && timeline.nanos() - entry.storedNanos >= ttlNanos) {
      drop(key);
      expired.increment();
      entry = null;
    }
    (entry == null ? misses : hits).increment();
    return Future.succeededFuture(entry == null ? null : entry.answer);
  }

  @Override
  public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
    drop(key); // an older answer must not outlive a newer one that finds no room
    Entry entry = new Entry(answer, answer.bytes(), timeline.nanos());
    if (entry.bytes > maxEntryBytes) {
      tooLarge.increment();
      return Future.succeededFuture();
    }
    while (entries.size() >= maxEntries || bytes > maxBytes - entry.bytes) {
      bytes -= entries.pollFirstEntry().getValue().bytes;
      evictions.increment();
    }
    entries.put(key, entry);
    bytes += entry.bytes;
    stored.increment();
    return Future.succeededFuture();
  }

  @Override
  public Future<Void> invalidate(PromptKey key) {
    drop(key);
    return Future.succeededFuture();
  }

  private void drop(PromptKey key) {
    Entry entry = entries.remove(key);
    if (entry != null) {
      bytes -= entry.bytes;
    }
  }

  private record Entry(CachedAnswer answer, long bytes, long storedNanos) {}
}
