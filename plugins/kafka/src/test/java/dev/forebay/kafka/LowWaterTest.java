package dev.forebay.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LowWaterTest {

  private final LowWater water = new LowWater();

  @Test
  void nothingIsCommittedBeforeSomethingWasRead() {
    assertEquals(-1, water.mark());
    assertEquals(0, water.span());
  }

  @Test
  void theMarkStaysAtTheFirstRecordThatIsNotSettled() {
    for (long offset = 5; offset < 10; offset++) {
      water.read(offset);
    }
    water.settled(7);
    water.settled(6);
    assertEquals(5, water.mark());
    assertEquals(5, water.span());
    water.settled(5);
    assertEquals(8, water.mark());
    assertEquals(2, water.open());
    water.settled(9);
    water.settled(9);
    assertEquals(8, water.mark());
    water.settled(8);
    assertEquals(10, water.mark());
    assertEquals(0, water.span());
  }

  @Test
  void offsetsMayHaveGaps() {
    water.read(3);
    water.read(40);
    water.settled(3);
    assertEquals(40, water.mark());
    water.settled(40);
    assertEquals(41, water.mark());
  }
}
