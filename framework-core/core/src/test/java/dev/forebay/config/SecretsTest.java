package dev.forebay.config;

import static dev.forebay.config.Lines.mistakesOf;
import static dev.forebay.config.Lines.yaml;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Default;
import dev.forebay.spi.Range;
import dev.forebay.spi.Secret;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {

  private static final String SECRET = "sk-very-secret";

  record Account(@Secret String key, @Default("1") int weight) {
    Account {
      if (weight == 2) {
        throw new IllegalArgumentException("key: " + key + " (expected: another)");
      }
      if (weight == 3) {
        throw new IllegalArgumentException("no good: " + key);
      }
    }
  }

  record Secrets(
      @Secret @Default("0") @Range(min = 0, max = 1) int pin,
      @Secret @Default("[]") List<Integer> pins,
      @Secret @Default("{}") Map<String, Integer> byName,
      @Default("[]") List<Account> accounts) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pin: SECRET",
        "pins: [SECRET]",
        "pins: SECRET",
        "by-name: {a: SECRET}",
        "by-name: [SECRET]",
        "accounts: [{key: SECRET, weight: 2}]",
        "accounts: [{key: SECRET, weight: 3}]",
        "accounts: [{keyy: SECRET}]",
        "accounts: [{key: [SECRET]}]",
        "accounts: [{key: SECRET, weight: x}]",
        "pin: \"SECRET",
        "pin: SECRET${",
        "pin: SECRET-${MISSING}",
        "pin: SECRET\npin: SECRET",
        "pin: !!tagged SECRET",
        "pin: [SECRET",
        "pin: SECRET: x",
        "pin: SECRET\u0001",
        "pin: \"SECRET\\q\"",
        "pin: ${KEY}",
        "unknown: SECRET",
        "pins: [1, {a: SECRET}]"
      })
  void secretsAreNeverInMessages(String text) {
    List<String> lines =
        mistakesOf(
            () ->
                new OptionsReader()
                    .read(
                        Secrets.class,
                        yaml(text.replace("SECRET", SECRET), Map.of("KEY", SECRET))));
    assertFalse(lines.isEmpty());
    assertFalse(lines.toString().contains(SECRET), lines::toString);
    assertTrue(lines.getFirst().startsWith("g.yaml:"), lines::toString);
  }
}
