package dev.forebay.spi;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Time, and one thread of execution that goes with it: a Vert.x context in production, a queue of
 * events in a virtual replay. Whatever is scheduled on a timeline runs on its thread, one at a
 * time.
 *
 * <p>Two kinds of timelines matter. <em>The request's timeline</em> is that of its {@link Call}:
 * the event loop of its connection. <em>The gateway's timeline</em> is that of {@link
 * PluginContext#timeline()}: all requests of a gateway share it. The two may be one thread, or two.
 * This is what the author of a plugin may rely on:
 *
 * <ul>
 *   <li>The methods of a policy (balancer, rate limiter, concurrency limiter, queue, cache, health
 *       policy, probe, source of endpoints) and {@link Lifecycle#prepare} are called one at a time,
 *       on the gateway's timeline. So are predicates, reservations, permits and gauges that a
 *       policy gives away. So a policy needs no locks.
 *   <li>{@link Plugin#create} may be called on any thread, while the gateway's timeline already
 *       runs. What an instance begins by itself, it begins there: by {@link #execute} or {@link
 *       #after}.
 *   <li>A future that a policy returns completes on the gateway's timeline: the policy sees to
 *       that, by {@link #bring} if its result comes from another thread. So continuations on the
 *       future of a nested policy run there as well.
 *   <li>A {@link Filter} and a {@link dev.forebay.spi.policy.Backend Backend} are called on the
 *       request's timeline, and their streams are read there. Requests of several event loops are
 *       served at once, so what these share between requests is safe for several threads, or is
 *       kept on the gateway's timeline.
 *   <li>The future of a filter completes on the request's timeline. That of a backend may complete
 *       on any thread: the framework takes its answer to the request's timeline.
 *   <li>Counters may be counted from any thread. Chance is drawn on the gateway's timeline only.
 * </ul>
 *
 * <p>The framework checks this by {@link #check} when it calls a plugin.
 */
public interface Timeline {

  /** Monotonic time in nanoseconds, from an arbitrary origin; at least 0. */
  long nanos();

  /** Wall-clock time in milliseconds since 1970 UTC; may jump. For prices and stored stamps. */
  long epochMillis();

  /**
   * Runs an action later, once.
   *
   * @param delayNanos nanoseconds from now; 0 or less means as soon as possible, but never within
   *     this call
   */
  Registration after(long delayNanos, Runnable action);

  /** Runs an action on this timeline's thread: at once if the caller is on it, else soon. */
  void execute(Runnable action);

  /**
   * Asks something on this timeline's thread: at once if the caller is on it, else soon. From any
   * thread.
   *
   * @return completes on this timeline; fails with what the question throws
   */
  default <T extends @Nullable Object> Future<T> ask(Supplier<T> question) {
    Promise<T> answer = Promise.promise();
    execute(
        () -> {
          try {
            answer.complete(question.get());
          } catch (Exception | Error e) {
            answer.fail(e);
          }
        });
    return answer.future();
  }

  /** A future that ends as another does, but on this timeline, whatever thread that ends on. */
  default <T extends @Nullable Object> Future<T> bring(Future<T> other) {
    Promise<T> brought = Promise.promise();
    other.onComplete(
        ended ->
            execute(
                () -> {
                  if (ended.succeeded()) {
                    brought.complete(ended.result());
                  } else {
                    brought.fail(ended.cause());
                  }
                }));
    return brought.future();
  }

  /**
   * A future that ends as another does, but on this timeline, and within a bound: what it says
   * later is ignored. From any thread.
   *
   * @param nanos the bound, in nanoseconds from now
   * @param late makes the failure if it has not ended by then; called on this timeline
   */
  default <T extends @Nullable Object> Future<T> within(
      long nanos, Future<T> other, Supplier<? extends Throwable> late) {
    Promise<T> ended = Promise.promise();
    Registration timer =
        other.isComplete() ? Registration.NONE : after(nanos, () -> ended.tryFail(late.get()));
    other.onComplete(
        result ->
            execute(
                () -> {
                  timer.cancel();
                  if (result.succeeded()) {
                    ended.tryComplete(result.result());
                  } else {
                    ended.tryFail(result.cause());
                  }
                }));
    return ended.future();
  }

  /**
   * Asserts that the caller is on this timeline. On an event loop it is an assertion of the
   * language: it acts if the JVM runs with {@code -ea}, as tests do, and costs nothing otherwise.
   * Virtual time always checks.
   *
   * @throws AssertionError if the caller is on another timeline; the message names both
   */
  void check();
}
