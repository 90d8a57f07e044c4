package dev.forebay.redis;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.SharedCache;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Answers in a Redis. A key is {@code PREFIX:VERSION:32 hexadecimal digits}, without a hash tag:
 * every command touches one key, so keys need not lie together, and the whole key spreads them
 * evenly over the slots of a Cluster.
 *
 * <p>Encoding may run beside the timeline. What was put or forgotten in the meantime wins.
 */
final class RedisCache implements SharedCache {

  /** Above this size, encoding and decoding would hold up an event loop. */
  private static final int ASIDE_BYTES = 32 << 10;

  /** Bound on the values whose writes are under way, in bytes. */
  private static final long MOST_WRITTEN_BYTES = 64L << 20;

  private final Redis options;
  private final RedisStore store;
  private final Bounded bounded;
  private final AnswerFormat format;
  private final News news;
  private final RandomGenerator random;
  private final Timeline timeline;
  private final LookupBound lookups;
  private final long writeNanos;
  private final Map<PromptKey, Object> encoding = new HashMap<>();
  private final Counter hits;
  private final Counter misses;
  private final Counter stored;
  private final Counter tooLarge;
  private final Counter unreadable;
  private long writtenBytes;

  RedisCache(Redis options, RedisStore store, PluginContext context) {
    this.options = options;
    this.store = store;
    this.bounded = new Bounded(options, store, context);
    this.format = new AnswerFormat(options.compressOver());
    this.news = new News(options.prefix(), store, context);
    this.random = context.random();
    this.timeline = context.timeline();
    this.lookups = new LookupBound(options.timeout().toNanos());
    this.writeNanos = options.socketTimeout().toNanos();
    this.hits = context.counter("hits");
    this.misses = context.counter("misses");
    this.stored = context.counter("stored");
    this.tooLarge = context.counter("too_large");
    this.unreadable = context.counter("unreadable");
    EvictionPolicy.check(store, context);
  }

  /** The least: an answer may leave earlier by the jitter. */
  @Override
  public Duration keeps() {
    return Duration.ofMillis(Math.round(options.ttl().toMillis() * (1 - options.ttlJitter())));
  }

  @Override
  public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
    String name = name(key);
    return bounded
        .lookUp(name, lookups.nanos(), () -> store.get(name).compose(value -> read(key, value)))
        .map(
            found -> {
              found.kind.increment();
              return found.answer;
            })
        .onComplete(found -> looked(key, found.result()));
  }

  private void looked(PromptKey key, @Nullable CachedAnswer answer) {
    if (answer == null) {
      lookups.missed(key, timeline.nanos());
    } else {
      lookups.found(key);
    }
  }

  private Future<Found> read(PromptKey key, @Nullable Buffer value) {
    if (value == null) {
      return Future.succeededFuture(new Found(null, misses));
    }
    return value.length() > ASIDE_BYTES
        ? store.aside(() -> found(format.decode(key, value)))
        : Future.succeededFuture(found(format.decode(key, value)));
  }

  private Found found(@Nullable CachedAnswer answer) {
    return new Found(answer, answer == null ? unreadable : hits);
  }

  @Override
  public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
    lookups.stored(key, timeline.nanos());
    if (answer.bytes() > AnswerFormat.MOST_BYTES) {
      tooLarge.increment();
      return remove(key);
    }
    if (answer.bytes() <= ASIDE_BYTES) {
      encoding.remove(key);
      return write(key, format.encode(key, answer));
    }
    if (writtenBytes + answer.bytes() > MOST_WRITTEN_BYTES) {
      return bounded.overfull();
    }
    Object turn = new Object();
    encoding.put(key, turn);
    writtenBytes += answer.bytes();
    return store
        .aside(() -> format.encode(key, answer))
        .eventually(
            () -> {
              writtenBytes -= answer.bytes();
              return Future.succeededFuture();
            })
        .compose(
            value ->
                encoding.remove(key, turn) ? write(key, value) : Future.<Void>succeededFuture());
  }

  private Future<Void> write(PromptKey key, Buffer value) {
    if (value.length() > options.maxValue()) {
      tooLarge.increment();
      return remove(key); // an older answer must not outlive a newer one that finds no room
    }
    if (writtenBytes + value.length() > MOST_WRITTEN_BYTES) {
      return bounded.overfull();
    }
    return bounded
        .write(name(key), writeNanos, () -> set(key, value))
        .onSuccess(done -> stored.increment())
        .compose(done -> announce(key));
  }

  private Future<Void> set(PromptKey key, Buffer value) {
    writtenBytes += value.length();
    return store
        .set(name(key), value, ttlMillis())
        .eventually(
            () -> {
              writtenBytes -= value.length();
              return Future.succeededFuture();
            });
  }

  @Override
  public Future<Void> invalidate(PromptKey key) {
    return remove(key);
  }

  private Future<Void> remove(PromptKey key) {
    encoding.remove(key);
    String name = name(key);
    return bounded
        .read(name, writeNanos, () -> store.remove(name)) // also if the server is full
        .compose(done -> announce(key));
  }

  private Future<Void> announce(PromptKey key) {
    String name = name(key);
    return options.announce()
        ? bounded.read(name, writeNanos, () -> news.tell(key, name))
        : Future.succeededFuture();
  }

  @Override
  public Registration watch(Watcher watcher) {
    return news.watch(watcher);
  }

  /** Lets go of the connections; the answers stay where they are. */
  @Override
  public Future<Void> close() {
    return bounded.close();
  }

  private long ttlMillis() {
    double share = 1 - options.ttlJitter() * random.nextDouble();
    return Math.max(1, Math.round(options.ttl().toMillis() * share));
  }

  private String name(PromptKey key) {
    return options.prefix() + ":" + AnswerFormat.VERSION + ":" + key;
  }

  /** What was read, and what it counts as for those who still wait: too late, it is neither. */
  private record Found(@Nullable CachedAnswer answer, Counter kind) {}
}
