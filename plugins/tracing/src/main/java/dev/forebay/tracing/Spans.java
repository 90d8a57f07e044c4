package dev.forebay.tracing;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.tracing.RequestTracer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;

/** Begins the spans of requests, as parts of their callers' traces. */
final class Spans implements RequestTracer {

  private final Tracer tracer;

  Spans(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public RequestSpan begin(InferenceRequest request) {
    RequestInfo info = request.info();
    Context caller = TraceHeaders.read(request.head().headers());
    Span span =
        tracer
            .spanBuilder(Names.span(info))
            .setParent(caller)
            .setSpanKind(SpanKind.SERVER)
            .setAttribute(Names.OPERATION, Names.operation(info.operation()))
            .setAttribute(Names.REQUEST_MODEL, info.model())
            .setAttribute(Names.REQUEST_ID, info.id())
            .setAttribute(Names.TENANT, info.caller().tenant())
            .setAttribute(Names.STREAM, info.stream())
            .startSpan();
    return new SpanOfRequest(tracer, span, caller);
  }
}
