package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Keys in files, in virtual time. */
final class ApiKeyTest {

  private static final long SECOND = 1_000_000_000L;

  private final VirtualTimeline timeline = new VirtualTimeline();
  private final ApiKey key = ApiKey.in(this::read, Duration.ofSeconds(5), timeline);
  private Future<Buffer> file = Future.succeededFuture(Buffer.buffer("one\n"));
  private int readings;
  private int renewals;

  private Future<Buffer> read() {
    readings++;
    return file;
  }

  private void write(String text) {
    file = Future.succeededFuture(Buffer.buffer(text));
  }

  private void pass(long seconds) {
    timeline.runUntil(timeline.nanos() + seconds * SECOND);
  }

  @Test
  void aKeyIsReadAgainAfterTheRefresh() {
    assertEquals(Optional.of("one"), key.current().result());
    write("  two \r\n");
    pass(4);
    assertEquals(Optional.of("one"), key.current().result());
    assertEquals(1, readings);
    pass(2);
    key.current();
    assertEquals(Optional.of("two"), key.current().result());
    assertEquals(2, readings);
    assertEquals(0, timeline.pending(), "nothing is scheduled while the key is good");
  }

  @Test
  void aFileThatIsGoneLeavesTheKeyThatIsKnown() {
    key.current();
    file = Future.failedFuture("gone");
    pass(6);
    key.current();
    assertEquals(Optional.of("one"), key.current().result());
    write("");
    pass(6);
    assertEquals(Optional.of("one"), key.current().result());
  }

  @Test
  void aRefusedKeyIsWatchedUntilItIsExchanged() {
    key.onRenewed(() -> renewals++);
    key.current();
    key.refused("one");
    key.refused("one");
    pass(60);
    assertEquals(0, renewals);
    assertEquals(13, readings, "every 5 s");
    write("two");
    pass(6);
    assertEquals(1, renewals);
    assertEquals(Optional.of("two"), key.current().result());
    assertEquals(0, timeline.pending());
    key.refused("one"); // late: it was on its way when the key was exchanged
    pass(6);
    assertEquals(2, renewals);
  }

  @Test
  void aFileWithoutAKeyTakesTheAccountOutUntilItHasOne() {
    key.onRenewed(() -> renewals++);
    write("two words");
    Failure failure = Failure.from(key.current().cause());
    assertEquals(Status.ACCOUNT_OUT, failure.status());
    assertEquals("no_key", failure.reason());
    write("good");
    pass(6);
    assertEquals(1, renewals);
    assertEquals(Optional.of("good"), key.current().result());
  }

  @Test
  void closingEndsTheWatch() {
    key.current();
    key.refused("one");
    key.close();
    assertEquals(0, timeline.pending());
  }

  @Test
  void aFixedKeyStays() {
    ApiKey fixed = ApiKey.fixed("k", timeline);
    fixed.refused("k");
    assertEquals(Optional.of("k"), fixed.current().result());
    assertTrue(ApiKey.fixed(null, timeline).current().result().isEmpty());
    assertEquals(0, timeline.pending());
  }
}
