package dev.forebay.spi.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OptionsTest {

  record Service(
      String name,
      @Default("8500") int port,
      @Default("[a, b]") List<String> tags,
      @Nullable Duration maxWait) {

    Service {
      if (name.isBlank()) {
        throw new IllegalArgumentException("name: blank (expected: a text)");
      }
    }
  }

  @Test
  void whatIsNotGivenHasItsDefault() {
    assertEquals(
        new Service("llm", 8500, List.of("a", "b"), null),
        Options.defaults(Service.class, Map.entry("name", "llm")));
    assertEquals(
        new Service("llm", 1, List.of("a", "b"), Duration.ofSeconds(2)),
        Options.defaults(
            Service.class,
            Map.entry("name", "llm"),
            Map.entry("port", 1),
            Map.entry("maxWait", Duration.ofSeconds(2))));
  }

  @Test
  void whatIsRequiredMustBeGiven() {
    assertEquals("Service.name: missing (expected: text)", refusal(Map.entry("port", 1)));
  }

  @Test
  void namesAreThoseOfTheComponents() {
    assertEquals(
        "Service: max-wait (expected: one of name, port, tags, maxWait; perhaps maxWait)",
        refusal(Map.entry("max-wait", Duration.ZERO)));
  }

  record Doubled(int maxWait, int maxWAIT) {}

  enum None {}

  record OfNone(None none) {}

  @Test
  void optionsThatNoConfigurationCanGiveAreRefused() {
    assertEquals(
        Doubled.class.getName() + ".maxWAIT: a second option max-wait (expected: another name)",
        refusal(Doubled.class));
    assertEquals(
        OfNone.class.getName()
            + ".none: "
            + None.class.getName()
            + " without a constant (expected: an enum with one at least)",
        refusal(OfNone.class));
  }

  private static String refusal(Class<? extends Record> type) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Options.of(type)).getMessage());
  }

  @Test
  void theRecordMayRefuseThem() {
    assertEquals("name: blank (expected: a text)", refusal(Map.entry("name", " ")));
  }

  private static String refusal(Map.Entry<String, ?> given) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> Options.defaults(Service.class, given))
            .getMessage());
  }
}
