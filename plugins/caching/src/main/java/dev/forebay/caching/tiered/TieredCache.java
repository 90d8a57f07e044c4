package dev.forebay.caching.tiered;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Registration;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.spi.policy.SharedCache;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Local, then remote, then a miss; writes go through to both.
 *
 * <p>What keeps the local tier right: an answer that comes from the remote tier is kept locally
 * only if nobody, here or at another gateway, has written its key since the remote tier was asked.
 * Else an answer that was on its way when it was invalidated would come to stay. Where news of
 * other gateways may have been missed, the local tier is emptied: its keys are changed by another
 * salt, so that nothing from before is found again, and what is left makes room in its turn. That
 * needs no {@code clear} of caches.
 *
 * <p>Lookups of one key that are under way at the remote tier are one lookup.
 */
final class TieredCache implements ResponseCache {

  private static final int MOST_LOOKUPS = 10_000;
  private static final long SALT = 0x9E3779B97F4A7C15L;

  private final ResponseCache local;
  private final ResponseCache remote;
  private final Map<PromptKey, Lookup> lookups = new HashMap<>();
  private final Map<PromptKey, Integer> writes = new HashMap<>();
  private final Counter localHits;
  private final Counter remoteHits;
  private final Counter misses;
  private final Counter failures;
  private final Counter changes;
  private final Counter emptied;
  private final Registration watching;
  private long salt;

  TieredCache(ResponseCache local, ResponseCache remote, PluginContext context) {
    this.local = local;
    this.remote = remote;
    this.localHits = context.counter("local_hits");
    this.remoteHits = context.counter("remote_hits");
    this.misses = context.counter("misses");
    this.failures = context.counter("failures");
    this.changes = context.counter("changed_elsewhere");
    this.emptied = context.counter("local_emptied");
    this.watching =
        remote instanceof SharedCache shared ? shared.watch(new News()) : Registration.NONE;
  }

  @Override
  public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
    Future<@Nullable CachedAnswer> near = tried(() -> local.get(salted(key), request));
    if (near.succeeded() && near.result() != null) {
      localHits.increment();
      return near;
    }
    return near.transform(
        found -> {
          if (found.succeeded() && found.result() != null) {
            localHits.increment();
            return near;
          }
          return far(key, request);
        });
  }

  @Override
  public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
    return write(
        key,
        () ->
            Future.join(
                    tried(() -> local.put(salted(key), request, answer)),
                    tried(() -> remote.put(key, request, answer)))
                .mapEmpty());
  }

  @Override
  public Future<Void> invalidate(PromptKey key) {
    return write(
        key, () -> Future.join(forget(key), tried(() -> remote.invalidate(key))).mapEmpty());
  }

  /** What the one has forgotten is asked for at the other. */
  @Override
  public @Nullable Duration keeps() {
    Duration near = local.keeps();
    Duration far = remote.keeps();
    return near == null || far == null ? null : near.compareTo(far) > 0 ? near : far;
  }

  @Override
  public Future<Void> close() {
    watching.cancel();
    return Future.join(tried(local::close), tried(remote::close)).mapEmpty();
  }

  /** Asks the remote tier, once for all who ask at a time. */
  private Future<@Nullable CachedAnswer> far(PromptKey key, InferenceRequest request) {
    Lookup running = lookups.get(key);
    if (running != null) {
      return running.found.future();
    }
    if (lookups.size() >= MOST_LOOKUPS) {
      return tried(() -> remote.get(key, request));
    }
    Lookup lookup = new Lookup(!writes.containsKey(key));
    lookups.put(key, lookup);
    tried(() -> remote.get(key, request))
        .onComplete(
            result -> {
              lookups.remove(key, lookup);
              CachedAnswer answer = result.succeeded() ? result.result() : null;
              (result.failed() ? failures : answer == null ? misses : remoteHits).increment();
              if (answer != null && lookup.keep) {
                tried(() -> local.put(salted(key), request, answer));
              }
              lookup.found.complete(result.result(), result.cause());
            });
    return lookup.found.future();
  }

  /** Lookups that overlap a write may see what was there before: they must not fill. */
  private Future<Void> write(PromptKey key, Supplier<Future<Void>> writing) {
    writes.merge(key, 1, Integer::sum);
    outdate(key);
    return tried(writing)
        .eventually(
            () -> {
              writes.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
              outdate(key);
              return Future.succeededFuture();
            });
  }

  private void outdate(PromptKey key) {
    Lookup overlapping = lookups.remove(key);
    if (overlapping != null) {
      overlapping.keep = false;
    }
  }

  private Future<Void> forget(PromptKey key) {
    return tried(() -> local.invalidate(salted(key)));
  }

  private PromptKey salted(PromptKey key) {
    return new PromptKey(key.high() ^ salt, key.low());
  }

  private static <V extends @Nullable Object> Future<V> tried(Supplier<Future<V>> action) {
    try {
      return action.get();
    } catch (RuntimeException | LinkageError e) {
      return Future.failedFuture(e);
    }
  }

  /** A question to the remote tier that is under way. */
  private static final class Lookup {
    private final Promise<@Nullable CachedAnswer> found = Promise.promise();
    private boolean keep;

    Lookup(boolean keep) {
      this.keep = keep;
    }
  }

  /** What other gateways did. */
  private final class News implements SharedCache.Watcher {
    @Override
    public void changed(PromptKey key) {
      changes.increment();
      outdate(key);
      forget(key);
    }

    @Override
    public void missed() {
      emptied.increment();
      lookups.values().forEach(lookup -> lookup.keep = false);
      lookups.clear();
      salt += SALT;
    }
  }
}
