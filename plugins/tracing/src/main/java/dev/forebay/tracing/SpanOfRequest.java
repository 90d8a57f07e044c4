package dev.forebay.tracing;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Usage;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import java.net.URI;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A request, or one try of it, as a span. */
final class SpanOfRequest implements RequestSpan {

  private static final double NANOS_PER_SECOND = 1e9;

  private final Tracer tracer;
  private final Span span;
  private final Context context;

  SpanOfRequest(Tracer tracer, Span span, Context parent) {
    this.tracer = tracer;
    this.span = span;
    this.context = parent.with(span);
  }

  @Override
  public Headers onto(Headers caller) {
    return TraceHeaders.write(caller, context);
  }

  @Override
  public void event(String name, String... facts) {
    AttributesBuilder attributes = Attributes.builder();
    for (int i = 0; i + 1 < facts.length; i += 2) {
      attributes.put("forebay." + facts[i], facts[i + 1]);
    }
    span.addEvent("forebay." + name, attributes.build());
  }

  @Override
  public RequestSpan attempt(InferenceRequest request, String endpoint, @Nullable URI address) {
    Span made =
        tracer
            .spanBuilder(Names.span(request.info()))
            .setParent(context)
            .setSpanKind(SpanKind.CLIENT)
            .setAttribute(Names.OPERATION, Names.operation(request.info().operation()))
            .setAttribute(Names.REQUEST_MODEL, request.info().model())
            .setAttribute(Names.ENDPOINT, endpoint)
            .setAttribute(Names.ATTEMPT, (long) request.attempt().number())
            .startSpan();
    if (address != null && address.getHost() != null) {
      made.setAttribute(Names.SERVER, address.getHost());
      if (address.getPort() > 0) {
        made.setAttribute(Names.SERVER_PORT, (long) address.getPort());
      }
    }
    return new SpanOfRequest(tracer, made, context);
  }

  @Override
  public void answered(InferenceResponse response) {
    span.setAttribute(Names.ENDPOINT, response.servedBy());
    String cache = response.headers().get("x-forebay-cache");
    if (cache != null) {
      span.setAttribute(Names.CACHE, cache);
    }
  }

  @Override
  public void over(Outcome outcome) {
    used(outcome.usage());
    long first = outcome.timings().timeToFirstContentNanos();
    if (first >= 0) {
      span.setAttribute(Names.FIRST_CONTENT, first / NANOS_PER_SECOND);
    }
    span.setAttribute(Names.STATUS, outcome.status().name().toLowerCase(Locale.ROOT));
    Failure failure = outcome.failure();
    if (failure != null) {
      span.setAttribute(Names.ERROR_TYPE, failure.reason());
      span.setStatus(StatusCode.ERROR);
    }
    span.end();
  }

  private void used(Usage usage) {
    put(Names.INPUT_TOKENS, usage.promptTokens());
    put(Names.OUTPUT_TOKENS, usage.completionTokens());
    put(Names.CACHED_TOKENS, usage.cachedTokens());
    put(Names.REASONING_TOKENS, usage.reasoningTokens());
  }

  private void put(AttributeKey<Long> name, int count) {
    if (count > 0) {
      span.setAttribute(name, (long) count);
    }
  }
}
