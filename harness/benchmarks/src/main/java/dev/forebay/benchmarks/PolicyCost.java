package dev.forebay.benchmarks;

import dev.forebay.caching.lru.Lru;
import dev.forebay.conformance.Requests;
import dev.forebay.limiting.fixed.Fixed;
import dev.forebay.limiting.gradient2.Gradient2;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.queuing.fifo.Fifo;
import dev.forebay.queuing.priority.Priority;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.spi.policy.Ticket;
import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to limit, to queue and to look up. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class PolicyCost {

  private static final RateLimiter.Amount AMOUNT = new RateLimiter.Amount(1, 500, 0);
  private static final int CALLERS = 1024;
  private static final int QUEUED = 100;
  private static final int ENTRIES = 1024;

  private final Bench context = new Bench();
  private final List<RequestInfo> requests = Bench.requests(CALLERS);
  private final RateLimiter known =
      TokenBucket.per(Per.IP).withRate(900).withBurst(1_000_000).create(context);
  private final RateLimiter bucket =
      TokenBucket.per(Per.IP).withRate(1000).withBurst(1000).create(context);
  private final ConcurrencyLimiter fixed = Fixed.limit(64).create(context);
  private final ConcurrencyLimiter gradient = Gradient2.defaults().create(context);
  private final RequestQueue fifo = filled(Fifo.capacity(ENTRIES).create(context));
  private final RequestQueue priority = filled(Priority.capacity(ENTRIES).create(context));
  private final ResponseCache cache = Lru.entries(ENTRIES).create(context);
  private final CachedAnswer answer = Bench.answer();
  private final InferenceRequest request = Requests.any();
  private int turn;

  /** Fills the cache. */
  public PolicyCost() {
    for (int i = 0; i < ENTRIES; i++) {
      cache.put(Bench.key(i), request, answer);
    }
  }

  /** A token bucket for each of 1,024 callers that take more than flows in: a decision. */
  @Benchmark
  public Future<RateLimiter.Decision> tokenBucketThatIsKnown() {
    context.pass(1_000);
    return known.acquire(next(), AMOUNT);
  }

  /** A decision about callers whose buckets are full again, and gone, before they come back. */
  @Benchmark
  public Future<RateLimiter.Decision> tokenBucket() {
    context.pass(10_000);
    return bucket.acquire(next(), AMOUNT);
  }

  /** A fixed limit: a permit taken and given back. */
  @Benchmark
  public Object fixedLimit() {
    return permit(fixed);
  }

  /** A limit that learns: a permit taken and given back with an outcome. */
  @Benchmark
  public Object gradient2() {
    context.pass(10_000);
    return permit(gradient);
  }

  /** A queue of 100 in order of arrival: one more, and one less. */
  @Benchmark
  public @Nullable Ticket fifo() {
    return through(fifo);
  }

  /** A queue of 100 in three priorities: one more, and one less. */
  @Benchmark
  public @Nullable Ticket priority() {
    return through(priority);
  }

  /** An answer that is there. */
  @Benchmark
  public Future<@Nullable CachedAnswer> lruHit() {
    return cache.get(Bench.key(turn++ & (ENTRIES - 1)), request);
  }

  /** An answer that is not there. */
  @Benchmark
  public Future<@Nullable CachedAnswer> lruMiss() {
    return cache.get(Bench.key(ENTRIES + turn++), request);
  }

  /** A new answer, which drives another out. */
  @Benchmark
  public Future<Void> lruPut() {
    return cache.put(Bench.key(ENTRIES + turn++), request, answer);
  }

  private RequestInfo next() {
    return requests.get(turn++ & (CALLERS - 1));
  }

  private static Object permit(ConcurrencyLimiter limiter, RequestInfo request) {
    ConcurrencyLimiter.Decision decision = limiter.acquire(request);
    if (decision instanceof ConcurrencyLimiter.Admitted admitted) {
      admitted.permit().release(Bench.OK);
      return decision;
    }
    throw new IllegalStateException(limiter + ": " + decision);
  }

  private Object permit(ConcurrencyLimiter limiter) {
    return permit(limiter, next());
  }

  private @Nullable Ticket through(RequestQueue queue) {
    queue.offer(new Ticket(next(), 0, Long.MAX_VALUE));
    return queue.poll(ticket -> true);
  }

  private RequestQueue filled(RequestQueue queue) {
    for (int i = 0; i < QUEUED; i++) {
      queue.offer(new Ticket(requests.get(i), 0, Long.MAX_VALUE));
    }
    return queue;
  }
}
