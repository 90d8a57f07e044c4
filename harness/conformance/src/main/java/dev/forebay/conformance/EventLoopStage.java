package dev.forebay.conformance;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
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
  private final Timeline requestTimeline;
  private final Context context;

  /**
   * A stage on an event loop of a Vert.x instance, which stays the caller's.
   *
   * @param seed of its chance
   */
  public EventLoopStage(Vertx vertx, long seed) {
    this.vertx = vertx;
    this.context = new Context(seed, TestContext.create());
    this.requestTimeline = VertxTimeline.of(vertx);
  }

  @Override
  public PluginContext context() {
    return context;
  }

  @Override
  public Timeline requestTimeline() {
    return requestTimeline;
  }

  /**
   * What a counter has come to; 0 if there is none of that name and labels.
   *
   * @param labels their values, in their order
   */
  public long count(String counter, String... labels) {
    return context.metrics.count(counter, labels);
  }

  /** All counters, by name. */
  public Map<String, Long> counts() {
    return context.metrics.counters();
  }

  @Override
  public <V extends @Nullable Object> Future<V> await(String call, Supplier<Future<V>> action) {
    CompletableFuture<Future<V>> complete = new CompletableFuture<>();
    requestTimeline.execute(
        () -> {
          try {
            Future<V> future = action.get();
            Rule.require(future != null, "%s returned null (expected: a future)", call);
            future.onComplete(result -> complete.complete(future));
          } catch (RuntimeException | Error e) {
            complete.completeExceptionally(e);
          }
        });
    try {
      return complete.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException thrown) {
        throw thrown;
      }
      throw new IllegalStateException(call + " failed", e);
    } catch (InterruptedException | TimeoutException e) {
      throw Rule.broken(
          "the future of %s is not complete after %d s (expected: complete)",
          call, PATIENCE_SECONDS);
    }
  }

  /**
   * Waits until a condition holds, asking on the event loop again and again, a turn of the timer
   * apart.
   *
   * @throws IllegalStateException where it does not within 30 s
   */
  public void until(String what, Supplier<Future<Boolean>> condition) {
    long end = requestTimeline.nanos() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Boolean.TRUE.equals(await(condition).result())) {
      if (requestTimeline.nanos() > end) {
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
    private final TestContext metrics;

    Context(long seed, TestContext metrics) {
      this.random = new SplittableRandom(seed);
      this.metrics = metrics;
    }

    @Override
    public String name() {
      return metrics.name();
    }

    @Override
    public Timeline timeline() {
      return requestTimeline;
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public Labelled<Counter> counters(String name, Label... labels) {
      return metrics.counters(name, labels);
    }

    /** Not kept, for several plugins may be tested in one context. */
    @Override
    public Labelled<Gauge> gauges(String name, Label... labels) {
      return values -> value -> {};
    }

    @Override
    public Labelled<Histogram> histograms(String name, Buckets buckets, Label... labels) {
      return metrics.histograms(name, buckets, labels);
    }

    @Override
    public PluginContext child(String part) {
      return new Context(random.nextLong(), metrics.child(part));
    }

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      return type == Vertx.class ? Optional.of(type.cast(vertx)) : Optional.empty();
    }
  }
}
