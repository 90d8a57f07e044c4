package dev.forebay.core.kernel;

import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * An answer that a filter has at once where policies run on the thread of the request, and later
 * where they do not. Only the latter costs a promise.
 */
public final class PendingAnswer {

  private static final VarHandle STATE = handle();

  /** Null, then what it is, or first the promise of who asked before that. */
  private @Nullable Object state;

  private static VarHandle handle() {
    try {
      return MethodHandles.lookup().findVarHandle(PendingAnswer.class, "state", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** Says what it is; a second time is ignored. */
  public void is(Future<InferenceResponse> answer) {
    Object before = STATE.compareAndExchange(this, null, answer);
    if (before instanceof Asked asked && STATE.compareAndSet(this, asked, answer)) {
      answer.onComplete(asked.promise);
    }
  }

  /** Says that there is none; ignored where it has been said what it is. */
  public void fails(Failure why) {
    is(Future.failedFuture(why));
  }

  /** The answer; asked for once. */
  @SuppressWarnings("unchecked") // of futures it holds only those that it was given
  public Future<InferenceResponse> future() {
    Object known = STATE.getAcquire(this);
    if (known == null) {
      Asked asked = new Asked(Promise.promise());
      known = STATE.compareAndExchange(this, null, asked);
      if (known == null) {
        return asked.promise.future();
      }
    }
    return (Future<InferenceResponse>) known;
  }

  /** That it was asked for before it was known. */
  private record Asked(Promise<InferenceResponse> promise) {}
}
