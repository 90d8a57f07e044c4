package dev.forebay.conformance;

import dev.forebay.core.VertxTimeline;
import dev.forebay.spi.Counter;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A stage on an event loop, in real time, for plugins that need a network. It has a Vert.x instance
 * to lend, and counters that can be read.
 */
public final class EventLoopStage implements Stage {

  private static final long PATIENCE_SECONDS = 30;

  private final Vertx vertx;
  private final Timeline home;
  private final Context context;

  /**
   * A stage on an event loop of a Vert.x instance, which stays the caller's.
   *
   * @param seed of its chance
   */
  public EventLoopStage(Vertx vertx, long seed) {
    this.vertx = vertx;
    this.context = new Context(seed);
    this.home = VertxTimeline.of(vertx);
  }

  @Override
  public PluginContext context() {
    return context;
  }

  @Override
  public Timeline home() {
    return home;
  }

  /** What a counter has come to; 0 where there is none of that name. */
  public long count(String counter) {
    AtomicLong count = context.counters.get(counter);
    return count == null ? 0 : count.get();
  }

  /** All counters, by name. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    context.counters.forEach((name, count) -> counts.put(name, count.get()));
    return counts;
  }

  @Override
  public <V extends @Nullable Object> Future<V> await(Supplier<Future<V>> action) {
    CompletableFuture<Future<V>> complete = new CompletableFuture<>();
    home.execute(
        () -> {
          try {
            Future<V> future = action.get();
            future.onComplete(result -> complete.complete(future));
          } catch (RuntimeException | Error e) {
            complete.completeExceptionally(e);
          }
        });
    try {
      return complete.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | InterruptedException | TimeoutException e) {
      throw new IllegalStateException("not complete after " + PATIENCE_SECONDS + " s", e);
    }
  }

  /**
   * Waits until a condition holds, asking on the event loop again and again, a turn of the timer
   * apart.
   *
   * @throws IllegalStateException where it does not within 30 s
   */
  public void until(String what, Supplier<Future<Boolean>> condition) {
    long end = home.nanos() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Boolean.TRUE.equals(await(condition).result())) {
      if (home.nanos() > end) {
        throw new IllegalStateException(what + ": not within " + PATIENCE_SECONDS + " s");
      }
      await(() -> vertx.timer(2, TimeUnit.MILLISECONDS));
    }
  }

  /** One turn of the event loop. */
  @Override
  public void quiet() {
    await(Future::succeededFuture);
  }

  @Override
  public int pending() {
    return 0;
  }

  private final class Context implements PluginContext {
    private final RandomGenerator random;
    private final Map<String, AtomicLong> counters = new ConcurrentHashMap<>();

    Context(long seed) {
      random = new SplittableRandom(seed);
    }

    @Override
    public String name() {
      return "test";
    }

    @Override
    public Timeline timeline() {
      return home;
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public Counter counter(String name) {
      return counters.computeIfAbsent(name, none -> new AtomicLong())::addAndGet;
    }

    @Override
    public void gauge(String name, DoubleSupplier value) {}

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      return type == Vertx.class ? Optional.of(type.cast(vertx)) : Optional.empty();
    }
  }
}
