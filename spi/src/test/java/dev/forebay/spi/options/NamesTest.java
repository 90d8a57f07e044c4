package dev.forebay.spi.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NamesTest {

  private static final List<String> KNOWN = List.of("vip", "standard", "batch");

  @Test
  void theNameThatWasProbablyMeantComesLast() {
    assertEquals("one of vip, standard, batch; perhaps batch", Names.oneOf(KNOWN, "btach"));
    assertEquals("one of vip, standard, batch", Names.oneOf(KNOWN, "else"));
    assertEquals("a", Names.oneOf(List.of("a"), "nowhere"));
    assertEquals("model", Names.oneOf(List.of("model"), "modle"));
    assertEquals("none; there are none", Names.oneOf(List.of(), "a"));
  }

  @Test
  void aNameWithoutALetterInCommonWasNotMeant() {
    assertEquals("one of a, b", Names.oneOf(List.of("a", "b"), "c"));
    assertEquals("one of a, b", Names.oneOf(List.of("a", "b"), ""));
  }
}
