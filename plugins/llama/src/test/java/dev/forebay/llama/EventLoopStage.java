package dev.forebay.llama;

import dev.forebay.conformance.Stage;
import dev.forebay.core.VertxTimeline;
import dev.forebay.spi.Counter;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** A stage on an event loop of its own, in real time. */
final class EventLoopStage implements Stage {

  private static final long PATIENCE_SECONDS = 30;

  private final Vertx vertx;
  private final Timeline home;

  EventLoopStage(Vertx vertx) {
    this.vertx = vertx;
    this.home = VertxTimeline.of(vertx);
  }

  @Override
  public PluginContext context() {
    return new Context();
  }

  @Override
  public Timeline home() {
    return home;
  }

  @Override
  public <V> Future<V> await(Supplier<Future<V>> action) {
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

  /** One turn of the event loop: what upstreams still do, the contract's checks wait for. */
  @Override
  public void quiet() {
    await(Future::succeededFuture);
  }

  @Override
  public int pending() {
    return 0;
  }

  private final class Context implements PluginContext {
    private final RandomGenerator random = new SplittableRandom(1);

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
      return amount -> {};
    }

    @Override
    public void gauge(String name, DoubleSupplier value) {}

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      return type == Vertx.class ? Optional.of(type.cast(vertx)) : Optional.empty();
    }
  }
}
