package dev.forebay.core.limiting;

import dev.forebay.core.kernel.PendingAnswer;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Ticket;
import org.jspecify.annotations.Nullable;

/** One request between its arrival and the end of its permit. */
final class Waiter {

  static final long NEVER = -1;

  final InferenceRequest request;
  final Service next;
  final PendingAnswer answer = new PendingAnswer();

  /** Null if it never waited. */
  @Nullable Ticket ticket;

  /** When it was let on; {@link #NEVER} before. */
  long grantedNanos = NEVER;

  private Registration timer = Registration.NONE;
  private Registration callEnd = Registration.NONE;

  Waiter(InferenceRequest request, Service next) {
    this.request = request;
    this.next = next;
  }

  Timeline timeline() {
    return request.call().timeline();
  }

  /** What takes it out of the queue, until it is unhooked. */
  void hook(Registration expiry, Registration departure) {
    timer = expiry;
    callEnd = departure;
  }

  void unhook() {
    timer.cancel();
    callEnd.cancel();
  }

  void reject(Failure failure) {
    timeline().execute(() -> answer.fails(failure));
  }
}
