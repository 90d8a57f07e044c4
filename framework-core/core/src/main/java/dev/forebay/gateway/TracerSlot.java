package dev.forebay.gateway;

import dev.forebay.core.kernel.GuardedSpan;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.tracing.RequestTracer;
import dev.forebay.spi.tracing.Tracers;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The place of a gateway's tracer, of which there is one at most. */
final class TracerSlot implements Tracers {

  private final AtomicReference<@Nullable RequestTracer> tracer = new AtomicReference<>();
  private final PluginErrors errors;

  /** An empty place; {@code errors} is told what the tracer throws. */
  TracerSlot(PluginErrors errors) {
    this.errors = errors;
  }

  @Override
  public Registration use(RequestTracer one) {
    if (!tracer.compareAndSet(null, one)) {
      throw new IllegalArgumentException("a tracer is there already (expected: one at most)");
    }
    return () -> tracer.compareAndSet(one, null);
  }

  /** The span of a request that has come; null if nobody traces it. Its call is told. */
  @Nullable RequestSpan begin(InferenceRequest request) {
    RequestTracer one = tracer.get();
    return one == null ? null : begin(one, request);
  }

  private @Nullable RequestSpan begin(RequestTracer one, InferenceRequest request) {
    try {
      RequestSpan span = one.begin(request);
      if (span == null) {
        return null;
      }
      RequestSpan guarded = new GuardedSpan(span, errors);
      request.call().trace(guarded);
      return guarded;
    } catch (Exception | Error e) {
      errors.note("tracing", e);
      return null;
    }
  }
}
