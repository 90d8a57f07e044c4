package dev.forebay.redis;

import dev.forebay.conformance.Answers;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Callers of a cache on an event loop, each with a key of its own: a caller stores its answer,
 * looks it up some times with a millisecond between, and begins again, whatever becomes of that.
 */
final class StoreLoad {

  private static final int LOOKUPS_PER_WRITE = 4;
  private static final long REST_NANOS = 1_000_000;

  private final EventLoopStage stage;
  private final ResponseCache cache;
  private final int callers;
  private final BitSet hit = new BitSet();
  private volatile boolean stopped;
  private final AtomicLong lookups = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong longestLookupNanos = new AtomicLong();
  private final AtomicLong longestWriteNanos = new AtomicLong();

  StoreLoad(EventLoopStage stage, ResponseCache cache, int callers) {
    this.stage = stage;
    this.cache = cache;
    this.callers = callers;
  }

  void start() {
    stage
        .requestTimeline()
        .execute(
            () -> {
              for (int caller = 0; caller < callers; caller++) {
                store(caller);
              }
            });
  }

  void stop() {
    stopped = true;
  }

  private static CachedAnswer answer(int caller) {
    return Answers.of("answer " + caller, 1);
  }

  private void store(int caller) {
    long began = stage.requestTimeline().nanos();
    cache
        .put(Requests.key(caller), Requests.any(), answer(caller))
        .onComplete(
            done -> {
              longestWriteNanos.accumulateAndGet(
                  stage.requestTimeline().nanos() - began, Math::max);
              next(caller, LOOKUPS_PER_WRITE);
            });
  }

  private void lookUp(int caller, int left) {
    long began = stage.requestTimeline().nanos();
    cache
        .get(Requests.key(caller), Requests.any())
        .onComplete(
            found -> {
              longestLookupNanos.accumulateAndGet(
                  stage.requestTimeline().nanos() - began, Math::max);
              lookups.incrementAndGet();
              note(caller, found.failed(), found.result());
              next(caller, left - 1);
            });
  }

  private void note(int caller, boolean failed, @Nullable CachedAnswer found) {
    if (failed) {
      failures.incrementAndGet();
    } else if (found != null && found.equals(answer(caller))) {
      hit.set(caller);
    } else if (found != null) {
      wrong.incrementAndGet();
    }
  }

  private void next(int caller, int left) {
    if (!stopped) {
      stage.requestTimeline().after(REST_NANOS, () -> step(caller, left));
    }
  }

  private void step(int caller, int left) {
    if (left == 0) {
      store(caller);
    } else {
      lookUp(caller, left);
    }
  }

  /** Forgets who had a hit so far. */
  void forgetHits() {
    stage.await(
        () -> {
          hit.clear();
          return Future.succeededFuture();
        });
  }

  /** Whether every caller had a hit; on the home. */
  Future<Boolean> allHit() {
    return Future.succeededFuture(hit.cardinality() == callers);
  }

  long lookups() {
    return lookups.get();
  }

  /** Lookups that found no store: misses for a gateway. */
  long failures() {
    return failures.get();
  }

  /** Answers of somebody else. */
  long wrong() {
    return wrong.get();
  }

  long longestLookupMillis() {
    return longestLookupNanos.get() / 1_000_000;
  }

  long longestWriteMillis() {
    return longestWriteNanos.get() / 1_000_000;
  }

  @Override
  public String toString() {
    return lookups.get()
        + " lookups, "
        + failures.get()
        + " of them without a store; the longest took "
        + longestLookupMillis()
        + " ms, the longest write "
        + longestWriteMillis()
        + " ms";
  }
}
