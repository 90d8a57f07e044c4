package dev.forebay.conformance;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** A cache that breaks each rule. */
final class BrokenCaches {

  private BrokenCaches() {}

  interface Small extends ResponseCacheContract {
    @Override
    default long memoryBoundBytes() {
      return ReferenceCache.MOST_BYTES;
    }
  }

  /** Fails where there is nothing to forget. */
  @AlsoFails("K5")
  static final class K1 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                public Future<Void> invalidate(PromptKey key) {
                  boolean known = answers.containsKey(key);
                  super.invalidate(key);
                  return known
                      ? Future.succeededFuture()
                      : Future.failedFuture(new IllegalStateException("no such key"));
                }
              });
    }
  }

  /** Loses what an answer cost. */
  @AlsoFails({"K6", "K10"})
  static final class K2 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                public Future<Void> put(
                    PromptKey key, InferenceRequest request, CachedAnswer answer) {
                  return super.put(
                      key,
                      request,
                      new CachedAnswer(
                          answer.servedBy(),
                          answer.status(),
                          answer.headers(),
                          answer.chunks(),
                          Usage.NONE,
                          answer.storedAtMillis(),
                          answer.times()));
                }
              });
    }
  }

  /** Half a key. */
  static final class K3 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                Object key(PromptKey key) {
                  return key.low();
                }
              });
    }
  }

  /** The key's object is the key. */
  static final class K4 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                Object key(PromptKey key) {
                  return new Same(key);
                }
              });
    }
  }

  private record Same(PromptKey key) {
    @Override
    @SuppressWarnings("ReferenceEquality") // the mistake that the rule is about
    public boolean equals(@Nullable Object other) {
      return other instanceof Same same && same.key == key;
    }

    @Override
    public int hashCode() {
      return key.hashCode();
    }
  }

  /** Does not forget. */
  static final class K5 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                public Future<Void> put(
                    PromptKey key, InferenceRequest request, CachedAnswer answer) {
                  super.invalidate(key);
                  return super.put(key, request, answer);
                }

                @Override
                public Future<Void> invalidate(PromptKey key) {
                  return Future.succeededFuture();
                }
              });
    }
  }

  /** Keeps the first. */
  static final class K6 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                public Future<Void> put(
                    PromptKey key, InferenceRequest request, CachedAnswer answer) {
                  return answers.containsKey(key)
                      ? Future.succeededFuture()
                      : super.put(key, request, answer);
                }
              });
    }
  }

  /** Counts entries only. */
  static final class K7 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                long mostBytes() {
                  return Long.MAX_VALUE;
                }
              });
    }
  }

  /** Counts bytes in, and forgets to count them out. */
  static final class K8 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                public Future<Void> put(
                    PromptKey key, InferenceRequest request, CachedAnswer answer) {
                  return bytes + answer.bytes() > MOST_BYTES
                      ? Future.succeededFuture()
                      : super.put(key, request, answer);
                }

                @Override
                void left(CachedAnswer gone) {}
              });
    }
  }

  /** Keeps answers for ever. */
  static final class K9 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                @Override
                boolean old(CachedAnswer answer) {
                  return false;
                }
              });
    }
  }

  /** Gives answers only to the request that it stored one for last. */
  static final class K10 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                private String last = "";

                @Override
                public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
                  return request.info().id().equals(last)
                      ? super.get(key, request)
                      : Future.succeededFuture(null);
                }

                @Override
                public Future<Void> put(
                    PromptKey key, InferenceRequest request, CachedAnswer answer) {
                  last = request.info().id();
                  return super.put(key, request, answer);
                }
              });
    }
  }

  /** Can be closed once. */
  static final class K11 implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(
          context ->
              new ReferenceCache(context) {
                private boolean closed;

                @Override
                public Future<Void> close() {
                  boolean before = closed;
                  closed = true;
                  return before
                      ? Future.failedFuture(new IllegalStateException("closed"))
                      : Future.succeededFuture();
                }
              });
    }
  }

  /** A cache that holds every rule. */
  static final class Good implements Small {
    @Override
    public Plugin<ResponseCache> plugin() {
      return ReferenceCache.plugin(ReferenceCache::new);
    }
  }
}
