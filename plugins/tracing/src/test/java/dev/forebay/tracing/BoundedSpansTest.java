package dev.forebay.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.options.Options;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.StreamHandler;
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
    BoundedSpans spans = new BoundedSpans(collector, "c", 10, context);
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

  @Test
  void theLogSaysOnceThatACollectorFailsAndOnceThatItWorksAgain() throws Exception {
    Collector collector = new Collector();
    BoundedSpans spans = new BoundedSpans(collector, "http://c", 10, context);
    List<String> lines =
        logged(
            () -> {
              for (int i = 0; i < 8; i++) {
                spans.export(List.of());
                CompletableResultCode asked = collector.asked(i);
                if (i == 0 || i >= 5) {
                  asked.succeed();
                } else {
                  asked.failExceptionally(new IOException("no route"));
                }
              }
            });
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(lines.get(0).contains("to http://c: IOException: no route;"), lines.toString());
    assertTrue(lines.get(1).endsWith("spans are sent to http://c again"), lines.toString());
  }

  /** It would log a stack trace for each message that fails. */
  @Test
  void theSdkItselfSaysNothing() throws Exception {
    Tracing nobody = Options.defaults(Tracing.class, Map.entry("endpoint", "http://127.0.0.1:1/"));
    List<LogRecord> records = new CopyOnWriteArrayList<>();
    Handler handler =
        new StreamHandler() {
          @Override
          public void publish(LogRecord record) {
            records.add(record);
          }
        };
    Logger sdk = Logger.getLogger("io.opentelemetry");
    sdk.addHandler(handler);
    try {
      SpanExporter exporter = TracingSection.exporter(nobody);
      BoundedSpans spans = new BoundedSpans(exporter, nobody.endpoint(), 10, context);
      List<String> lines =
          logged(
              () ->
                  assertFalse(
                      spans.export(List.of(span())).join(20, TimeUnit.SECONDS).isSuccess()));
      exporter.shutdown().join(10, TimeUnit.SECONDS);
      assertEquals(1, lines.size(), lines.toString());
      assertTrue(lines.get(0).contains("http://127.0.0.1:1/: ConnectException"), lines.toString());
      assertEquals(List.of(), records.stream().map(LogRecord::getMessage).toList());
    } finally {
      sdk.removeHandler(handler);
    }
  }

  private static SpanData span() {
    List<SpanData> ended = new ArrayList<>();
    SpanExporter kept =
        new SpanExporter() {
          @Override
          public CompletableResultCode export(Collection<SpanData> spans) {
            ended.addAll(spans);
            return CompletableResultCode.ofSuccess();
          }

          @Override
          public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
          }

          @Override
          public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
          }
        };
    SdkTracerProvider provider =
        SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(kept)).build();
    end(provider.get("test"), 1);
    return ended.get(0);
  }

  private static List<String> logged(Executable action) throws Exception {
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setErr(before);
    }
    return log.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private interface Executable {
    void run() throws Exception;
  }

  private static void end(Tracer tracer, int count) {
    for (int i = 0; i < count; i++) {
      tracer.spanBuilder("x").startSpan().end();
    }
  }
}
