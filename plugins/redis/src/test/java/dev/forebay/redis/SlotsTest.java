package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** Slots of keys, by the examples of the Redis cluster specification. */
class SlotsTest {

  @Test
  void theChecksumIsThatOfTheSpecification() {
    assertEquals(0x31C3, Slots.crc16("123456789"));
  }

  @Test
  void aHashTagAloneDecides() {
    assertEquals(Slots.of("user1000"), Slots.of("{user1000}.following"));
    assertEquals(Slots.of("{user1000}.followers"), Slots.of("{user1000}.following"));
    assertEquals(Slots.crc16("foo{}{bar}") % Slots.COUNT, Slots.of("foo{}{bar}"));
    assertEquals(Slots.of("{bar"), Slots.of("foo{{bar}}zap"));
    assertEquals(Slots.of("bar"), Slots.of("foo{bar}{zap}"));
    assertNotEquals(Slots.of("zap"), Slots.of("foo{bar}{zap}"));
  }

  @Test
  void aNodeWithoutAHostIsWhereTheOneThatNamesItIs() {
    assertEquals("redis://10.0.0.1:7001", Slots.address("redis://10.0.0.1:7000", "", "7001"));
    assertEquals("redis://10.0.0.1:7001", Slots.address("redis://10.0.0.1:7000", "?", "7001"));
    assertEquals("rediss://h:7001", Slots.address("rediss://10.0.0.1:7000", "h", "7001"));
    assertEquals("redis://[::2]:7001", Slots.address("redis://[::1]:7000", "::2", "7001"));
    assertEquals("redis://[::1]:7001", Slots.address("redis://[::1]:7000", "", "7001"));
  }
}
