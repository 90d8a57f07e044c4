package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

  @ParameterizedTest
  @CsvSource({"a b, 1", "x@y, 1", "%, 1", "[::, 1", "h/p, 1", "h, 0", "h, 65536", "h, -1", "h, x"})
  void aNodeWithoutAUsableAddressHasNone(String host, String port) {
    assertNull(Slots.address("redis://10.0.0.1:7000", host, port));
    assertThrows(
        IllegalArgumentException.class, () -> Redis.at("redis://" + host + ":" + port).servers());
  }
}
