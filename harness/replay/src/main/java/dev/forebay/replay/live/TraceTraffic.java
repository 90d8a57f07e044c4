package dev.forebay.replay.live;

import dev.forebay.replay.run.Lengths;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.simulation.http.KnownTraffic;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.Traits;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * Requests of a trace, recognised by their ids: an upstream sees them as simulated servers do in
 * virtual time, with their lengths, prefixes and attempts. From any thread.
 */
public final class TraceTraffic implements KnownTraffic {

  /** What a gateway adds to the id that its caller sent. */
  private static final String OWN = ".req-";

  private final Trace trace;
  private final Runnable begin;
  private final AtomicBoolean begun = new AtomicBoolean();
  private final AtomicIntegerArray attempts;

  /**
   * The traffic of a trace.
   *
   * @param begin is run when the first request of the trace comes, before it is taken
   */
  public TraceTraffic(Trace trace, Runnable begin) {
    this.trace = trace;
    this.begin = begin;
    this.attempts = new AtomicIntegerArray(trace.requests().size());
  }

  @Override
  public @Nullable InferenceRequest request(@Nullable String callerId, InferenceRequest asked) {
    String id = callerId == null ? "" : callerId;
    int index = Lengths.index(id);
    if (index < 0 || index >= trace.requests().size()) {
      return null;
    }
    if (begun.compareAndSet(false, true)) {
      begin.run();
    }
    int own = id.indexOf(OWN);
    Attempt attempt =
        new Attempt(attempts.incrementAndGet(index), List.of(), asked.attempt().given());
    TraceRequest request = trace.requests().get(index);
    return asked.with(info(request, own < 0 ? id : id.substring(0, own), asked)).with(attempt);
  }

  private static RequestInfo info(TraceRequest request, String id, InferenceRequest asked) {
    RequestInfo said = asked.info();
    String tenant = request.tenant() == null ? "default" : request.tenant();
    PromptKey key = said.promptKey();
    return new RequestInfo(
        id,
        said.operation(),
        said.model(),
        said.stream(),
        new Caller(tenant, "", tenant, "", ""),
        request.priority(),
        request.promptTokens() + asked.attempt().given(),
        said.maxOutputTokens(),
        key,
        request.prefix(),
        said.cacheMode(),
        Traits.PLAIN,
        said.arrivedNanos(),
        said.deadlineNanos());
  }
}
