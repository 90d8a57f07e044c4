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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bound on the spans that wait for sending. The batches of the SDK have one as well, but tell
 * nobody what they drop: here each span is counted, as sent, failed or dropped. The log says when
 * sending begins to fail, and when it works again.
 */
final class BoundedSpans implements SpanExporter {

  private static final Logger LOG = LoggerFactory.getLogger(BoundedSpans.class);

  private final SpanExporter exporter;
  private final String collector;
  private final int most;
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicBoolean failing = new AtomicBoolean();
  private final Counter sent;
  private final Counter failed;
  private final Counter dropped;

  /**
   * No spans yet.
   *
   * @param collector its address, for the log
   * @param most spans that wait
   */
  BoundedSpans(SpanExporter exporter, String collector, int most, PluginContext context) {
    this.exporter = exporter;
    this.collector = collector;
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
    result.whenComplete(() -> told(result, count));
    return result;
  }

  /** Counts, and logs the first failure and the first success after it. */
  private void told(CompletableResultCode result, int count) {
    boolean good = result.isSuccess();
    (good ? sent : failed).add(count);
    if (!failing.compareAndSet(good, !good)) {
      return;
    }
    if (good) {
      LOG.warn("tracing: spans are sent to {} again", collector); // beside the line that they fail
    } else {
      LOG.warn(
          "tracing: spans cannot be sent to {}: {}; they are lost and counted until they can",
          collector,
          why(result.getFailureThrowable()));
    }
  }

  /** The SDK says no reason if there was an answer, but not a good one. */
  private static String why(@Nullable Throwable thrown) {
    Throwable cause = thrown == null || thrown.getCause() == null ? thrown : thrown.getCause();
    if (cause == null || (cause == thrown && cause.getMessage() == null)) {
      return "it refused them";
    }
    String name = cause.getClass().getSimpleName();
    return cause.getMessage() == null ? name : name + ": " + cause.getMessage();
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
