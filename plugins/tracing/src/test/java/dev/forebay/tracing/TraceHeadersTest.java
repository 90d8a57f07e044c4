package dev.forebay.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.forebay.spi.Headers;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rules of W3C Trace Context, level 1. */
class TraceHeadersTest {

  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String GOOD = "00-" + TRACE + "-b7ad6b7169203331-01";

  private static SpanContext read(Headers headers) {
    return Span.fromContext(TraceHeaders.read(headers)).getSpanContext();
  }

  @Test
  void aGoodParentIsContinued() {
    SpanContext caller = read(Headers.of("TraceParent", GOOD).with("tracestate", "a=1,b=2"));
    assertEquals(TRACE, caller.getTraceId());
    assertEquals("b7ad6b7169203331", caller.getSpanId());
    assertEquals(true, caller.isSampled());
    assertEquals("2", caller.getTraceState().get("b"));
  }

  @Test
  void aLaterVersionIsReadAsFarAsItIsKnown() {
    assertEquals(
        TRACE, read(Headers.of("traceparent", "cc" + GOOD.substring(2) + "-x")).getTraceId());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-zz",
        "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
      })
  void aBadParentIsIgnored(String bad) {
    assertFalse(read(Headers.of("traceparent", bad).with("tracestate", "a=1")).isValid(), bad);
  }

  @Test
  void twoParentsAreNone() {
    Headers twice =
        Headers.copyOf(List.of(Map.entry("traceparent", GOOD), Map.entry("Traceparent", GOOD)));
    assertFalse(read(twice).isValid());
  }

  @Test
  void aBadStateIsDroppedAndTheParentKept() {
    SpanContext caller =
        read(Headers.of("traceparent", GOOD).with("tracestate", "no list of pairs"));
    assertEquals(TRACE, caller.getTraceId());
    assertEquals(true, caller.getTraceState().isEmpty());
  }

  @Test
  void statesOfSeveralHeadersAreOneList() {
    Headers several =
        Headers.copyOf(
            List.of(
                Map.entry("traceparent", GOOD),
                Map.entry("tracestate", "a=1"),
                Map.entry("tracestate", "b=2")));
    assertEquals(2, read(several).getTraceState().size());
  }

  @Test
  void whatIsWrittenReplacesWhatCame() {
    Headers came =
        Headers.copyOf(
            List.of(
                Map.entry("x", "y"),
                Map.entry("Traceparent", GOOD),
                Map.entry("Tracestate", "old=1")));
    SpanContext own =
        SpanContext.create(
            TRACE,
            "00f067aa0ba902b7",
            io.opentelemetry.api.trace.TraceFlags.getDefault(),
            io.opentelemetry.api.trace.TraceState.getDefault());
    Headers sent = TraceHeaders.write(came, Context.root().with(Span.wrap(own)));
    assertEquals("00-" + TRACE + "-00f067aa0ba902b7-00", sent.get("traceparent"));
    assertNull(sent.get("tracestate"));
    assertEquals("y", sent.get("x"));
    assertEquals(2, sent.entries().size());
  }
}
