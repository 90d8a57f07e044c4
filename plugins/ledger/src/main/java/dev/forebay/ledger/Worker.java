package dev.forebay.ledger;

import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.Callable;

/** Does what blocks, in the order in which it is asked; its futures complete on the timeline. */
@FunctionalInterface
interface Worker {

  /** Does something. */
  <T> Future<T> run(Callable<T> work);

  /** On a thread of Vert.x. */
  static Worker of(Vertx vertx, Timeline timeline) {
    return new Worker() {
      @Override
      public <T> Future<T> run(Callable<T> work) {
        return timeline.bring(vertx.executeBlocking(work));
      }
    };
  }
}
