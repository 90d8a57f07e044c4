package dev.forebay.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.conformance.TestContext;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Spans wait within a bound, and each is counted. */
class BoundedSpansTest {

  private final TestContext context = TestContext.create();

  /** A collector that answers when the test says so. */
  private static final class Collector implements SpanExporter {
    private final List<CompletableResultCode> asked = new ArrayList<>();

    @Override
    public synchronized CompletableResultCode export(Collection<SpanData> spans) {
      CompletableResultCode result = new CompletableResultCode();
      asked.add(result);
      notifyAll();
      return result;
    }

    synchronized CompletableResultCode asked(int number) throws InterruptedException {
      while (asked.size() <= number) {
        wait();
      }
      return asked.get(number);
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  @Test
  void spansBeyondTheBoundAreDroppedAndCounted() throws Exception {
    Collector collector = new Collector();
    BoundedSpans spans = new BoundedSpans(collector, 10, context);
    BatchSpanProcessor batches =
        BatchSpanProcessor.builder(spans)
            .setMaxQueueSize(14)
            .setMaxExportBatchSize(4)
            .setScheduleDelay(Duration.ofMinutes(10)) // only full batches and the last one
            .setExporterTimeout(Duration.ofMinutes(1))
            .build();
    SdkTracerProvider provider =
        SdkTracerProvider.builder().addSpanProcessor(spans.over(batches)).build();
    Tracer tracer = provider.get("test");
    end(tracer, 4);
    CompletableResultCode first = collector.asked(0); // it holds these 4, and takes no others
    end(tracer, 25);
    assertEquals(15, context.count("dropped"));
    assertEquals(10, context.gauges().get("waiting"));
    first.succeed();
    for (int i = 1; i < 3; i++) {
      collector.asked(i).fail();
    }
    CompletableResultCode closed = provider.shutdown();
    collector.asked(3).succeed();
    closed.join(10, TimeUnit.SECONDS);
    assertEquals(4 + 2, context.count("sent"));
    assertEquals(8, context.count("failed"));
    assertEquals(0, context.gauges().get("waiting"));
  }

  private static void end(Tracer tracer, int count) {
    for (int i = 0; i < count; i++) {
      tracer.spanBuilder("x").startSpan().end();
    }
  }
}
