package dev.forebay.config;

import static dev.forebay.config.Lines.mistakesOf;
import static dev.forebay.config.Lines.yaml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
      @Default("[]") List<Account> accounts,
      @Nullable Account proxy,
      @Default("{}") Map<String, Account> byPool,
      @Default("0") int sum,
      @Default("") String url) {
    Secrets {
      if (sum == 1) {
        throw new IllegalArgumentException("accounts: " + accounts.get(0).key());
      }
      if (!url.isEmpty()) {
        throw new IllegalArgumentException("url: " + url + " (expected: none)");
      }
    }
  }

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
        "pin: *SECRET",
        "pin: !SECRET",
        "pin: !SECRET x",
        "pin: !SECRET!x y",
        "pin: &SECRET",
        "by-name: SECRET",
        "accounts: SECRET",
        "accounts: [SECRET]",
        "accounts: [[SECRET]]",
        "accounts: {key: SECRET}",
        "proxy: SECRET",
        "proxy: [SECRET]",
        "proxy: http://u:SECRET@host:1",
        "by-pool: SECRET",
        "by-pool: {a: SECRET}",
        "by-pool: {a: [SECRET]}",
        "sum: 1\naccounts: [{key: SECRET}]",
        "sum: http://u:SECRET@host",
        "sum: redis://:SECRET@host:6379/0",
        "sum: \"redis://:a/b?c#SECRET@host\"",
        "sum: u:SECRET@host",
        "sum: https://SECRET@host",
        "sum: https://host/path?key=SECRET",
        "sum: [\"redis://:SECRET@host\"]",
        "url: http://u:SECRET@host",
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

  record Words(@Secret String key, @Secret String other, String says) {
    Words {
      throw new IllegalArgumentException(says);
    }
  }

  /** A short secret is masked if it stands alone, a long one within other words, too. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a | b | a bad banana, ab: a | *** bad banana, ab: ***",
        "1234567 | x | 12345678 is not '1234567' | 12345678 is not '***'",
        "12345678 | x | 123456789 is no 12345678 | ***9 is no ***",
        "hunter2 | hunter2-and-more | not hunter2-and-more | not ***",
        "é | x | né é | né ***",
        "a.c | x | abc a.c | abc ***"
      })
  void shortSecretsAreMaskedIfTheyStandAlone(String key, String other, String says, String shown) {
    String text = "{key: '%s', other: '%s', says: \"%s\"}".formatted(key, other, says);
    List<String> lines = mistakesOf(() -> new OptionsReader().read(Words.class, yaml(text)));
    assertEquals("g.yaml:1: document: refused (expected: " + shown + ")", lines.getFirst());
  }
}
