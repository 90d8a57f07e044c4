package dev.forebay.junit5;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The test's thread waits here for what event loops do. */
final class Blocking {

  private static final Duration BOUND = Duration.ofSeconds(30);

  private Blocking() {}

  /** The result of a future; its failure is thrown, with what was being done. */
  static <T> T get(Future<T> future, String doing) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(doing + " failed: " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(doing + ": not done after " + BOUND, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(doing + ": interrupted", e);
    }
  }
}
