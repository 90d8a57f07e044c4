package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Further headers that could not be sent, or would cut a request in two, are refused at once. */
class HeaderOptionsTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:b", "naïve", "Content-Length", "transfer-encoding"})
  void aNameThatIsNoneIsRefused(String name) {
    String line = refused(name, "1");
    assertTrue(line.startsWith("headers: \"" + name + "\" (expected: "), line);
  }

  @ParameterizedTest
  @ValueSource(strings = {"secret\r\nx: y", "secret\n", "secret\0", "secret\u007F", "secret €"})
  void aValueThatCannotBeSentIsRefusedWithoutBeingSaid(String value) {
    String line = refused("x-team", value);
    assertTrue(line.startsWith("headers: the value of x-team (expected: "), line);
    assertFalse(line.contains("secret"), line);
  }

  @Test
  void othersAreTaken() {
    assertEquals(
        Map.of("X-Team", "blue\tgreen é"),
        OpenAi.at("a", "http://localhost:1")
            .withHeaders(Map.of("X-Team", "blue\tgreen é"))
            .headers());
  }

  private static String refused(String name, String value) {
    OpenAi made = OpenAi.at("a", "http://localhost:1");
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> made.withHeaders(Map.of(name, value)));
    return Objects.requireNonNull(thrown.getMessage());
  }
}
