package dev.forebay.config;

import static dev.forebay.config.Lines.at;
import static dev.forebay.config.Lines.mistakesOf;
import static dev.forebay.config.Lines.yaml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.options.Unit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsReaderTest {

  enum Per {
    IP,
    API_KEY
  }

  record Price(@Range(min = 0) double input, @Default("0") double output) {}

  record All(
      String name,
      boolean on,
      int count,
      long total,
      double share,
      Duration maxWait,
      @Unit("bytes") long memory,
      Per per,
      List<String> models,
      Map<String, Price> prices,
      @Nullable Integer limit,
      @Nullable Duration idle,
      Price base) {}

  record Limit(
      @Unit("requests/s") @Range(min = 0, exclusiveMin = true) double rate,
      @Default("5") @Range(min = 1, max = 100) int burst,
      @Default("api-key") Per per) {}

  record Defaults(
      @Default("x: y") String name,
      @Default("true") boolean on,
      @Default("1.5s") Duration pause,
      @Default("64MiB") @Unit("bytes") int memory,
      @Default("[a, b]") List<String> models,
      @Default("{m: {input: 1}}") Map<String, Price> prices,
      @Default("{input: 2}") Price base,
      @Nullable String key) {}

  record Bounded(
      @Default("1s") @Range(min = 0.25, max = 3600) Duration pause,
      @Default("1KiB") @Unit("bytes") @Range(min = 1024, max = 1 << 20) int size,
      @Default("[]") @Range(min = 0, max = 1) List<Double> shares,
      @Default("0") @Range(max = 3) long upTo,
      @Default("1") @Range(min = 0, max = 1, exclusiveMin = true) double part) {}

  record Window(int low, int high, @Nullable @Secret String key) {
    Window {
      if (low > high) {
        throw new IllegalArgumentException(
            "high: " + high + " (expected: at least low, which is " + low + ")");
      }
      if (low < 0) {
        throw new IllegalArgumentException("a window with key " + key + " cannot be negative");
      }
      if (high == 13) {
        throw new IllegalStateException("unlucky");
      }
    }
  }

  record Files(
      @FileName String now,
      @FileName(later = true) @Default("") String later,
      @FileName @Default("/no/such/default") String usual) {}

  private static <R extends Record> R read(Class<R> type, String text) {
    return new OptionsReader().read(type, yaml(text));
  }

  @Test
  void filesAreLookedFor(@TempDir Path folder) throws IOException {
    String there = java.nio.file.Files.createFile(folder.resolve("there")).toString();
    String gone = folder.resolve("gone").toString();
    Files sound = read(Files.class, "{ now: '%s', later: '%s' }".formatted(there, gone));
    assertEquals(new Files(there, gone, "/no/such/default"), sound);
    Options.check(sound);
    String now = "g.yaml:1: now: %s (expected: a file that can be read)";
    assertEquals(
        List.of(now.formatted(gone)), mistakesOf(() -> read(Files.class, "now: '" + gone + "'")));
    assertEquals(
        List.of(now.formatted(folder)),
        mistakesOf(() -> read(Files.class, "now: '" + folder + "'")));
    String far = gone + "/x";
    assertEquals(
        List.of(
            "g.yaml:1: later: "
                + far
                + " (expected: a file that can be read, or one to come into a folder that is"
                + " there)"),
        mistakesOf(() -> read(Files.class, "{ now: '', later: '" + far + "' }")));
    assertThrows(IllegalArgumentException.class, () -> Options.check(new Files(gone, "", "")));
  }

  @Test
  void everyTypeIsRead() {
    assertEquals(
        new All(
            "5",
            true,
            -3,
            9_000_000_000L,
            1e-3,
            Duration.ofMillis(250),
            64L << 20,
            Per.API_KEY,
            List.of("a", "b"),
            Map.of("m.1", new Price(0.5, 1)),
            null,
            null,
            new Price(2, 0)),
        read(
            All.class,
            """
            name: 5
            on: true
            count: -3
            total: 9000000000
            share: 1e-3
            max-wait: 250ms
            memory: 64MiB
            per: api-key
            models: [a, b]
            prices: {m.1: {input: .5, output: 1.}}
            idle: null
            base: {input: "2"}
            """));
  }

  @Test
  void defaultsAreReadLikeValues() {
    assertEquals(
        new Defaults(
            "x: y",
            true,
            Duration.ofMillis(1500),
            64 << 20,
            List.of("a", "b"),
            Map.of("m", new Price(1, 0)),
            new Price(2, 0),
            null),
        Options.defaults(Defaults.class));
    assertEquals(
        "Limit.rate: missing (expected: a number > 0, in requests/s)",
        assertThrows(IllegalArgumentException.class, () -> Options.defaults(Limit.class))
            .getMessage());
  }

  @Test
  void everyMistakeIsReportedAtOnceWithItsLineAndPath() {
    Mistakes mistakes = new Mistakes();
    Node limit =
        at(yaml("limit:\n  rate: -1\n  brust: 7\n  burst: 1000\n  per: apikey\n"), "limit");
    assertNull(new OptionsReader().read(Limit.class, limit, mistakes));
    assertEquals(
        List.of(
            "g.yaml:2: limit.rate: -1 (expected: a number > 0, in requests/s)",
            "g.yaml:3: limit.brust: unknown key (expected: one of rate, burst, per; perhaps burst)",
            "g.yaml:4: limit.burst: 1000 (expected: a whole number from 1 to 100)",
            "g.yaml:5: limit.per: apikey (expected: one of ip, api-key; perhaps api-key)"),
        mistakesOf(mistakes::throwIfAny));
  }

  @Test
  void mistakesDeepInsideHaveTheirPath() {
    assertEquals(
        List.of(
            "g.yaml:3: prices.m.input: -1 (expected: a number >= 0)",
            "g.yaml:4: base: [] (expected: a mapping with input, output)"),
        mistakesOf(
            () -> read(Defaults.class, "models: []\nprices:\n  m: {input: -1}\nbase: []\n")));
    assertEquals(
        List.of("g.yaml:1: models[1]: {} (expected: text)"),
        mistakesOf(() -> read(Defaults.class, "models: [a, {}]")));
  }

  @Test
  void whatIsMissingIsNamed() {
    assertEquals(
        List.of(
            "g.yaml:1: low: missing (expected: a whole number)",
            "g.yaml:1: high: missing (expected: a whole number)"),
        mistakesOf(() -> read(Window.class, "")));
  }

  @Test
  void onlyWhatMayBeAbsentTakesNull() {
    assertNull(read(Window.class, "{low: 1, high: 2, key: null}").key());
    assertEquals(
        List.of("g.yaml:1: burst: null (expected: a whole number from 1 to 100)"),
        mistakesOf(() -> read(Limit.class, "{rate: 1, burst: null}")));
  }

  @ParameterizedTest
  @CsvSource({
    "250ms, PT0.25S",
    "5s, PT5S",
    "1m, PT1M",
    "1h, PT1H",
    "1d, PT24H",
    "0s, PT0S",
    "1.5s, PT1.5S",
    "20us, PT0.00002S",
    "7ns, PT0.000000007S",
    "PT5S, PT5S",
    "P1D, PT24H"
  })
  void durationsHaveUnits(String text, Duration expected) {
    assertEquals(expected, read(Wait.class, "pause: " + text).pause);
  }

  record Wait(Duration pause) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5 s",
        "5sec",
        "-5s",
        "PT-5S",
        "-PT5S",
        "1e3s",
        "999999999999d",
        "0.1ns",
        "P999999999D",
        "s",
        "1h30m",
        "P",
        "[5s]",
        "{}",
        "''"
      })
  void otherDurationsAreMistakes(String text) {
    List<String> lines = mistakesOf(() -> read(Wait.class, "pause: " + text));
    assertEquals(1, lines.size());
    assertTrue(
        lines.getFirst().endsWith("(expected: a duration with its unit, such as 250ms, 5s, 1h)"),
        lines::toString);
  }

  @Test
  void aBareNumberIsNoDuration() {
    assertEquals(
        List.of(
            "g.yaml:1: pause: 5 (expected: a duration with its unit, such as 250ms, 5s, 1h; a bare"
                + " number has no unit)"),
        mistakesOf(() -> read(Wait.class, "pause: 5")));
  }

  record Memory(@Unit("bytes") long size) {}

  @ParameterizedTest
  @CsvSource({
    "64KiB, 65536",
    "64MiB, 67108864",
    "1GiB, 1073741824",
    "1TiB, 1099511627776",
    "5B, 5",
    "1.5KiB, 1536",
    "12, 12"
  })
  void sizesHaveBinaryUnits(String text, long bytes) {
    assertEquals(bytes, read(Memory.class, "size: " + text).size);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64KB", "64kib", "1.5", "0.1B", "9999999999TiB", "-1B", "64 MiB", "1e3"})
  void otherSizesAreMistakes(String text) {
    assertEquals(
        List.of(
            "g.yaml:1: size: "
                + text
                + " (expected: a size, in bytes or such as 64KiB, 64MiB, 1GiB)"),
        mistakesOf(() -> read(Memory.class, "size: " + text)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"NaN", ".nan", ".inf", "Infinity", "1e999", "0x10", "1_000", "1d", "1f", "١"})
  void numbersThatAreNoneAreMistakes(String text) {
    assertEquals(
        List.of("g.yaml:1: rate: " + text + " (expected: a number > 0, in requests/s)"),
        mistakesOf(() -> read(Limit.class, "rate: " + text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"2147483648", "99999999999999999999", "1.0", "1e1", "true", "x"})
  void wholeNumbersDoNotOverflow(String text) {
    assertEquals(
        List.of("g.yaml:1: burst: " + text + " (expected: a whole number from 1 to 100)"),
        mistakesOf(() -> read(Limit.class, "{rate: 1, burst: " + text + "}")));
  }

  @Test
  void boundsAreInSecondsAndBytesAndShownWithUnits() {
    assertEquals(
        List.of(
            "g.yaml:1: pause: 249ms (expected: a duration from 250ms to 1h with its unit, such as"
                + " 250ms, 5s, 1h)",
            "g.yaml:2: size: 2MiB (expected: a size from 1KiB to 1MiB, in bytes or such as 64KiB,"
                + " 64MiB, 1GiB)",
            "g.yaml:3: shares[1]: 1.1 (expected: a number from 0 to 1)",
            "g.yaml:4: up-to: 4 (expected: a whole number <= 3)",
            "g.yaml:5: part: 0 (expected: a number > 0 and <= 1)"),
        mistakesOf(
            () ->
                read(
                    Bounded.class,
                    "pause: 249ms\nsize: 2MiB\nshares: [1, 1.1]\nup-to: 4\npart: 0\n")));
    assertEquals(
        new Bounded(Duration.ofHours(1), 1024, List.of(0.0, 1.0), 3, 1),
        read(Bounded.class, "{pause: 1h, size: 1024, shares: [0, 1], up-to: 3}"),
        "bounds are included");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "on", "TRUE", "1", "''"})
  void truthIsTrueOrFalse(String text) {
    List<String> lines = mistakesOf(() -> read(Defaults.class, "on: " + text));
    assertTrue(lines.getFirst().endsWith("(expected: true or false)"), lines::toString);
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "[]", "text"})
  void optionsAreAMapping(String text) {
    assertTrue(
        mistakesOf(() -> read(Limit.class, text))
            .getFirst()
            .endsWith("(expected: a mapping with rate, burst, per)"));
  }

  @Test
  void whatTheConstructorRefusesIsAMistakeAtItsPlace() {
    assertEquals(
        List.of("g.yaml:2: high: 3 (expected: at least low, which is 5)"),
        mistakesOf(() -> read(Window.class, "low: 5\nhigh: 3\n")));
    assertEquals(
        List.of("g.yaml:1: document: refused (expected: a window with key *** cannot be negative)"),
        mistakesOf(() -> read(Window.class, "{low: -5, high: 3, key: sk-123}")));
    assertEquals(
        List.of(
            "g.yaml:1: document: refused (expected: options that do not make"
                + " java.lang.IllegalStateException: unlucky)"),
        mistakesOf(() -> read(Window.class, "{low: 1, high: 13}")));
  }

  @Test
  void variablesThatAreMissingAreReportedOnceWithTheRest() {
    Mistakes mistakes = new Mistakes();
    Node node = Node.parse("g.yaml", "rate: ${RATE}\nburst: 0\n", name -> null, mistakes);
    assertNull(new OptionsReader().read(Limit.class, node, mistakes));
    assertEquals(
        List.of(
            "g.yaml:1: rate: ${RATE} (expected: the environment variable RATE to be set, or a"
                + " default)",
            "g.yaml:2: burst: 0 (expected: a whole number from 1 to 100)"),
        mistakesOf(mistakes::throwIfAny));
  }

  @Test
  void whatAVariableHoldsIsNotShown() {
    assertEquals(
        List.of("g.yaml:1: rate: ${KEY} (expected: a number > 0, in requests/s)"),
        mistakesOf(
            () ->
                new OptionsReader()
                    .read(Limit.class, yaml("rate: ${KEY}", Map.of("KEY", "sk-123")))));
  }

  record Unreadable(Thread thread) {}

  @Test
  void aTypeThatNoOptionCanHaveIsTheDevelopersMistake() {
    String message =
        String.valueOf(
            assertThrows(
                    IllegalArgumentException.class, () -> read(Unreadable.class, "{thread: main}"))
                .getMessage());
    assertTrue(message.contains("Unreadable.thread: java.lang.Thread (expected: "), message);
  }
}
