package dev.forebay.tracing;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.metrics.Counter;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A bound on the spans that wait for sending. The batches of the SDK have one as well, but tell
 * nobody what they drop: here each span is counted, as sent, failed or dropped.
 */
final class BoundedSpans implements SpanExporter {

  private final SpanExporter exporter;
  private final int most;
  private final AtomicInteger waiting = new AtomicInteger();
  private final Counter sent;
  private final Counter failed;
  private final Counter dropped;

  BoundedSpans(SpanExporter exporter, int most, PluginContext context) {
    this.exporter = exporter;
    this.most = most;
    this.sent = context.counter("sent");
    this.failed = context.counter("failed");
    this.dropped = context.counter("dropped");
    context.gauge("waiting", waiting::get);
  }

  /** Gives spans on to batches, as long as there is room. */
  SpanProcessor over(SpanProcessor batches) {
    return new SpanProcessor() {
      @Override
      public void onStart(Context parent, ReadWriteSpan span) {
        batches.onStart(parent, span);
      }

      @Override
      public boolean isStartRequired() {
        return batches.isStartRequired();
      }

      @Override
      public void onEnd(ReadableSpan span) {
        if (!span.getSpanContext().isSampled()) {
          return;
        }
        if (waiting.incrementAndGet() > most) {
          waiting.decrementAndGet();
          dropped.increment();
        } else {
          batches.onEnd(span);
        }
      }

      @Override
      public boolean isEndRequired() {
        return true;
      }

      @Override
      public CompletableResultCode shutdown() {
        return batches.shutdown();
      }

      @Override
      public CompletableResultCode forceFlush() {
        return batches.forceFlush();
      }
    };
  }

  @Override
  public CompletableResultCode export(Collection<SpanData> spans) {
    int count = spans.size();
    waiting.addAndGet(-count);
    CompletableResultCode result = exporter.export(spans);
    result.whenComplete(() -> (result.isSuccess() ? sent : failed).add(count));
    return result;
  }

  @Override
  public CompletableResultCode flush() {
    return exporter.flush();
  }

  @Override
  public CompletableResultCode shutdown() {
    return exporter.shutdown();
  }
}
