package dev.forebay.core.retrying;

import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Continues streamed answers that break off after their first content, within the budget for extra
 * work. Before the first content, another try answers from the beginning: that is what retries are
 * for.
 */
final class ResumeFilter implements OwnFilter {

  private static final Logger LOG = LoggerFactory.getLogger(ResumeFilter.class);

  /** What all answers together may keep, as a part of what the gateway's requests may hold. */
  private static final int SHARE_OF_MEMORY = 4;

  final Resume options;
  final Counter resumed;
  final Counter unfit;
  private final Counter denied;
  private final Counter again;
  final MemoryBudget memory;
  private final RetryBudget budget;
  private final AtomicBoolean warned = new AtomicBoolean();

  /** A filter with its options, drawing on a gateway's budget. */
  ResumeFilter(Resume options, RetryBudget budget, PluginContext context) {
    this.options = options;
    this.budget = budget;
    long all = Shared.of(MemoryBudget.class, context).bytes();
    this.memory = new MemoryBudget(Math.max(1, all / SHARE_OF_MEMORY));
    this.resumed = context.counter("resumed");
    this.unfit = context.counter("unfit");
    this.denied = context.counter("budget_denied");
    this.again = context.counter("began_again");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    boolean streamed = request.info().stream() && request.info().operation() != Operation.EMBEDDING;
    boolean rest = request.attempt().given() > 0; // another such stage continues it
    return streamed && !rest ? new ResumedStream(this, request, next).start() : next.serve(request);
  }

  /** Whether there is a further call in the budget; what has been sent is read only then. */
  boolean possible(Failure failure, long nowNanos) {
    return counted(budget.has(failure, nowNanos));
  }

  /** Whether a further call may be made because of a failure; takes it from the budget if so. */
  boolean allowed(Failure failure, long nowNanos) {
    return counted(budget.take(failure, nowNanos));
  }

  /** A server has begun the answer again, although it was asked for the rest. */
  void beganAgain(String servedBy) {
    again.increment();
    if (warned.compareAndSet(false, true)) {
      LOG.warn(
          "resume: {} began an answer again (expected: the rest, from a backend that says"
              + " `continues`); said once, counted in resume.began_again",
          servedBy);
    }
  }

  private boolean counted(boolean granted) {
    if (!granted) {
      denied.increment();
    }
    return granted;
  }
}
