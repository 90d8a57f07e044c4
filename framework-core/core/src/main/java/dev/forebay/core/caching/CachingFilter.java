package dev.forebay.core.caching;

import dev.forebay.core.kernel.PendingAnswer;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.SerialFilter;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers from a cache, and lets identical requests in flight share one call.
 *
 * <p>The first request of a key leads: its call upstream is a {@link SharedCall} of its own that
 * ends only when nobody waits for it any more, so that a leader who leaves takes no follower along.
 * Others join, also when the stream has begun, and also who wants the other form of the answer.
 * Only complete OK answers are stored. An answer that is no longer fresh may be given at once while
 * a new one is fetched, or where there is no other.
 */
public final class CachingFilter implements SerialFilter {

  private static final Logger LOG = LoggerFactory.getLogger(CachingFilter.class);
  private static final String MARK = "x-forebay-cache";

  /** What answers on their way may take together if the host has no bound; in bytes. */
  private static final long MAX_RECORDED_BYTES = 64 << 20;

  final MemoryBudget memory;
  private final String name;
  private final ResponseCache cache;
  private final PluginErrors errors;
  private final Bypass bypass;
  private final HotRequests hot;
  private final Counter failures;
  private final Counter timeouts;
  final Cache options;
  final Timeline timeline;
  final RandomGenerator random;
  final RetryBudget budget;
  final Staleness staleness;
  final Counts counts;
  final Map<PromptKey, SharedCall> sharedCalls = new HashMap<>();

  /**
   * A filter around a cache.
   *
   * @param passedHeaders names of headers that change answers, as {@link
   *     dev.forebay.spi.policy.Backend.Facts#passedHeaders()}; from any thread
   * @param budget of a gateway's extra calls, for followers of a shared call that failed
   */
  public CachingFilter(
      ResponseCache cache,
      Cache options,
      Supplier<Set<String>> passedHeaders,
      RetryBudget budget,
      PluginContext context,
      PluginErrors errors) {
    this.name = context.name();
    this.memory =
        context.resource(MemoryBudget.class).orElseGet(() -> new MemoryBudget(MAX_RECORDED_BYTES));
    this.cache = cache;
    this.options = options;
    this.errors = errors;
    this.budget = budget;
    this.timeline = context.timeline();
    this.random = context.random();
    this.bypass = new Bypass(options.cacheable(), passedHeaders, context);
    this.hot = new HotRequests(options.hotRequests());
    this.staleness = new Staleness(options.stale(), timeline);
    this.counts = new Counts(context);
    this.failures = context.counter("failures");
    this.timeouts = context.counter("lookup_timeouts");
    warn(context);
    context.gauge("shared_calls", sharedCalls::size);
    context.gauge("hot_requests", hot::size);
  }

  private void warn(PluginContext context) {
    Counter warnings = context.counter("stale_warnings");
    String warning = Staleness.warning(options.stale(), cache.keeps());
    if (warning != null) {
      warnings.increment();
      LOG.warn("{}: {}", name, warning);
    }
  }

  /** What happened to requests. */
  static final class Counts {
    final Counter hits;
    final Counter misses;
    final Counter joins;
    final Counter stale;
    final Counter revalidations;
    final Counter retried;
    final Counter inconvertible;

    Counts(PluginContext context) {
      hits = context.counter("hits");
      misses = context.counter("misses");
      joins = context.counter("joins");
      stale = context.counter("stale");
      revalidations = context.counter("revalidations");
      retried = context.counter("shared_calls_retried");
      inconvertible = context.counter("inconvertible");
    }
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    Bypass.Reason reason = bypass.reason(request);
    PromptKey key = request.info().promptKey();
    if (reason != null || key == null) {
      bypass.count(reason == null ? Bypass.Reason.NO_IDENTITY : reason);
      return request.info().cacheMode() == CacheMode.ONLY_IF_CACHED
          ? Future.failedFuture(notCached())
          : passedBy(request, next);
    }
    Promise<InferenceResponse> answer = Promise.promise();
    Waiter waiter = new Waiter(this, request, next, key, answer);
    timeline.execute(
        () -> {
          if (request.info().cacheMode() != CacheMode.NO_STORE) {
            hot.asked(key, request); // who wants nothing kept does not want it listed either
          }
          waiter.enter();
        });
    return answer.future();
  }

  /** From either timeline. */
  private static Future<InferenceResponse> passedBy(InferenceRequest request, Service next) {
    PendingAnswer answer = new PendingAnswer();
    request
        .call()
        .timeline()
        .execute(() -> answer.is(next.serve(request).map(response -> marked(response, "bypass"))));
    return answer.future();
  }

  /**
   * The requests that are asked most, the hottest first; none where the options say so.
   *
   * @param limit how many at most, at least 0
   */
  public List<HotRequest> hottest(int limit) {
    timeline.check();
    return hot.hottest(limit);
  }

  /**
   * Forgets the answer to a request, also one that is on its way: it is given to those who wait for
   * it, and to nobody else.
   */
  public Future<Void> invalidate(PromptKey key) {
    timeline.check();
    SharedCall running = sharedCalls.remove(key);
    if (running != null) {
      running.outdated();
    }
    try {
      return errors.required(cache.invalidate(key), cache, "invalidate", "a future");
    } catch (Exception | Error e) {
      errors.note(name, e);
      return Future.failedFuture(Failure.from(e));
    }
  }

  static InferenceResponse marked(InferenceResponse response, String how) {
    return response.withHeader(MARK, how);
  }

  static Failure notCached() {
    return Failure.of(Status.SATURATED, 504, "not_cached", "no cached answer (RFC 9111)");
  }

  /** Looks up; a store that fails or is late gives null. */
  Future<@Nullable CachedAnswer> lookUp(PromptKey key, InferenceRequest request) {
    timeline.check();
    Future<@Nullable CachedAnswer> found;
    try {
      found = errors.required(cache.get(key, request), cache, "get", "a future");
    } catch (Exception | Error e) {
      errors.note(name, e);
      found = Future.failedFuture(e);
    }
    if (found.succeeded()) {
      return found;
    }
    found.onComplete(
        (answer, thrown) -> {
          timeline.check();
          if (thrown != null) {
            failures.increment();
          }
        });
    return timeline
        .within(
            options.maxLookup().toNanos(),
            found,
            () -> {
              timeouts.increment();
              return Failure.deadline("no answer in time");
            })
        .otherwiseEmpty();
  }

  void store(PromptKey key, InferenceRequest request, CachedAnswer kept) {
    timeline.check();
    try {
      cache.put(key, request, kept).onFailure(thrown -> failures.increment());
    } catch (Exception | Error e) {
      failures.increment();
      errors.note(name, e);
    }
  }

  /** A pause before followers try again, so that they do not all come back at one moment. */
  long pauseNanos() {
    return (long) (random.nextDouble() * Duration.ofMillis(50).toNanos());
  }
}
