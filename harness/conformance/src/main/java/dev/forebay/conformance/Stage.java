package dev.forebay.conformance;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a backend is tested: its context, and the timeline of its requests. By default both are in
 * virtual time; a backend that needs a network is tested on a stage with an event loop.
 */
public interface Stage {

  /** What the backend is made with. */
  PluginContext context();

  /** The request's timeline. */
  Timeline requestTimeline();

  /**
   * Runs an action on the request's timeline, and waits for the future it gives.
   *
   * @param call that gives the future, for the message
   * @return the future, complete
   * @throws IllegalStateException if it is not complete in time
   */
  <V extends @Nullable Object> Future<V> await(String call, Supplier<Future<V>> action);

  /** The same for an action that needs no name. */
  default <V extends @Nullable Object> Future<V> await(Supplier<Future<V>> action) {
    return await("a call", action);
  }

  /** Lets what is under way come to its end, as far as it does by itself. */
  void quiet();

  /** Actions that are still scheduled; 0 where the stage cannot tell. */
  int pending();

  /** A stage in virtual time: waiting is for 10 virtual minutes at most. */
  static Stage virtual(TestContext context) {
    return new VirtualStage(context);
  }

  /** A stage in virtual time with a context of its own. */
  static Stage virtual() {
    return virtual(TestContext.create());
  }
}
