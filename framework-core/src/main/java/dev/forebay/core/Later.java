package dev.forebay.core;

import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/**
 * An answer that a filter has at once where policies run on the thread of the request, and later
 * where they do not. Only the latter costs a promise.
 */
public final class Later {

  private @Nullable Future<InferenceResponse> known;
  private @Nullable Promise<InferenceResponse> promise;

  /** Says what it is; a second time is ignored. */
  public void is(Future<InferenceResponse> answer) {
    Promise<InferenceResponse> waiting;
    synchronized (this) {
      if (known != null) {
        return;
      }
      known = answer;
      waiting = promise;
    }
    if (waiting != null) {
      answer.onComplete(waiting);
    }
  }

  /** Says that there is none; ignored where it has been said what it is. */
  public void fails(Failure why) {
    is(Future.failedFuture(why));
  }

  /** The answer; asked for once. */
  public synchronized Future<InferenceResponse> future() {
    if (known != null) {
      return known;
    }
    promise = Promise.promise();
    return promise.future();
  }
}
