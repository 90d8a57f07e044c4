package dev.forebay.queuing.letterring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.PluginContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class LetterRingTest implements PluginContract<DeadLetterStore> {

  private final TestContext context = TestContext.create();

  @Override
  public Plugin<DeadLetterStore> plugin() {
    return LetterRing.defaults();
  }

  private static DeadLetter letter(String id, int bytes) {
    return new DeadLetter(
        id,
        "r",
        7,
        "queue_full",
        503,
        Operation.CHAT,
        "m",
        "t",
        1,
        10,
        Buffer.buffer("x".repeat(bytes)));
  }

  private List<String> newest(DeadLetterStore store, int most) {
    return context.await(store.newest(most)).result().stream().map(DeadLetter::id).toList();
  }

  @Test
  void theNewestComesFirstAndTheOldestGoes() {
    DeadLetterStore store = LetterRing.defaults().withCapacity(3).create(context);
    for (int i = 0; i < 5; i++) {
      store.keep(letter("l" + i, 1));
    }
    assertEquals(List.of("l4", "l3", "l2"), newest(store, 10));
    assertEquals(List.of("l4"), newest(store, 1));
    assertEquals(List.of(3.0), List.copyOf(context.gauges().values()));
  }

  @Test
  void itIsBoundedByBytesToo() {
    DeadLetterStore store = LetterRing.defaults().withMaxBytes(2_000).create(context);
    store.keep(letter("l0", 700));
    store.keep(letter("l1", 700));
    store.keep(letter("l2", 700));
    assertEquals(List.of("l2", "l1"), newest(store, 10));
    store.keep(letter("l3", 1_500));
    assertEquals(List.of("l3"), newest(store, 10));
  }

  @Test
  void aLetterLargerThanAllMayBeIsLostAndNoOther() {
    DeadLetterStore store = LetterRing.defaults().withMaxBytes(2_000).create(context);
    store.keep(letter("l0", 700));
    assertEquals(
        "letter: 5214 bytes (expected: at most max-bytes, 2000)",
        store.keep(letter("huge", 5_000)).cause().getMessage());
    assertEquals(List.of("l0"), newest(store, 10));
  }

  @Test
  void aLetterIsDroppedOnce() {
    DeadLetterStore store = plugin().create(context);
    store.keep(letter("l", 1));
    assertTrue(context.await(store.drop("l")).result());
    assertFalse(context.await(store.drop("l")).result());
    assertEquals(List.of(), newest(store, 10));
  }
}
