package dev.forebay.accesslog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import io.vertx.core.Future;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A writer that never makes anybody wait. */
@Timeout(30)
class LineWriterTest {

  @TempDir Path folder = Path.of("");

  private final TestContext context = TestContext.create();

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(1); // asks again: the writer has no event to wait for
    }
  }

  private static void done(Future<Void> closed) throws Exception {
    await(closed::isComplete);
  }

  @Test
  void aDiskThatHangsCostsLinesAndNoTime() throws Exception {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    LineWriter writer = new LineWriter(hanging(asked, hangs), 10, context);
    writer.start();
    writer.offer(() -> "first");
    asked.await();
    for (int i = 0; i < 1000; i++) {
      writer.offer(() -> "line"); // would hang here if offering waited
    }
    assertEquals(990, context.count("dropped"));
    assertEquals(10, context.gauges().get("waiting"));
    hangs.countDown();
    Future<Void> closed = writer.close();
    done(closed);
    assertEquals(11, context.count("written"));
    assertEquals(990, context.count("dropped"));
  }

  private static Target hanging(CountDownLatch asked, CountDownLatch hangs) {
    return new Target() {
      @Override
      OutputStream begin() throws IOException {
        asked.countDown();
        try {
          hangs.await();
        } catch (InterruptedException e) {
          throw new IOException(e);
        }
        return OutputStream.nullOutputStream();
      }

      @Override
      boolean gone() {
        return false;
      }
    };
  }

  @Test
  void aFileThatWasMovedAwayIsBegunAgain() throws Exception {
    Path file = folder.resolve("access.log");
    LineWriter writer = new LineWriter(Target.file(file), 10, context);
    writer.start();
    writer.offer(() -> "before");
    await(() -> context.count("written") == 1);
    Path old = Files.move(file, folder.resolve("access.log.1"));
    writer.offer(() -> "after");
    await(() -> context.count("written") == 2);
    done(writer.close());
    assertEquals("before\n", Files.readString(old));
    assertEquals("after\n", Files.readString(file));
  }

  @Test
  void aFileThatCannotBeWrittenCostsItsLinesUntilItCan() throws Exception {
    Path missing = folder.resolve("missing");
    LineWriter writer = new LineWriter(Target.file(missing.resolve("access.log")), 10, context);
    writer.start();
    writer.offer(() -> "lost");
    await(() -> context.count("dropped") == 1);
    Files.createDirectory(missing);
    writer.offer(() -> "kept");
    await(() -> context.count("written") == 1);
    done(writer.close());
    assertTrue(Files.readString(missing.resolve("access.log")).equals("kept\n"));
  }
}
