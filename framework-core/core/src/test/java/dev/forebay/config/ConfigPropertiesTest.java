package dev.forebay.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.OptionsReaderTest.All;
import dev.forebay.spi.options.Bounds;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Shape;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.jspecify.annotations.Nullable;

class ConfigPropertiesTest {

  private static final Shape TIME = new Shape.Time(Bounds.NONE);

  @Provide
  Arbitrary<String> yamlish() {
    Arbitrary<String> pieces =
        Arbitraries.of(
            "name",
            "count",
            "max-wait",
            "per",
            "prices",
            "base",
            ": ",
            ":",
            "\n",
            "\n  ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            ", ",
            "'",
            "\"",
            "&a ",
            "*a",
            "!!x ",
            "!",
            "|\n",
            ">",
            "%",
            "#",
            "? ",
            "<<",
            "~",
            "null",
            "5s",
            "1e9",
            "-1",
            "NaN",
            "${X}",
            "${",
            "${Y:1}",
            "$${",
            "---",
            "...",
            "\t",
            "\\",
            "\u0000",
            "\uFEFF",
            "\uD800",
            "ä",
            "true",
            "@",
            "`",
            "\\x",
            "\r");
    Arbitrary<String> assembled =
        pieces.list().ofMinSize(0).ofMaxSize(40).map(list -> String.join("", list));
    return Arbitraries.oneOf(assembled, Arbitraries.strings().ofMaxLength(60));
  }

  @Property(tries = 3000)
  void anythingIsReadOrGivesMistakesOfOneLineEach(@ForAll("yamlish") String text) {
    try {
      Node node = Node.parse("f.yaml", text, Map.of("X", text)::get);
      assertNotNull(new OptionsReader().read(All.class, node));
    } catch (ConfigException e) {
      assertFalse(e.mistakes().isEmpty());
      assertEquals(e.mistakes().size(), e.getMessage().lines().count(), e.getMessage());
      e.getMessage().lines().forEach(line -> assertTrue(line.startsWith("f.yaml"), line));
    }
  }

  /** A small tree of maps, lists, texts and, where wanted, nulls. */
  private static @Nullable Object tree(Random random, int levels, boolean nulls) {
    int choice = random.nextInt(levels == 0 ? 2 : 5);
    if (choice == 0 && nulls) {
      return null;
    }
    if (choice < 2) {
      return "v" + random.nextInt(10);
    }
    if (choice == 2) {
      return Arrays.asList(tree(random, levels - 1, nulls), tree(random, levels - 1, nulls));
    }
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      map.put("k" + random.nextInt(3), tree(random, levels - 1, nulls));
    }
    return map;
  }

  @Property(tries = 1000)
  void aPatchTwiceIsAPatchOnce(@ForAll long seed) {
    Random random = new Random(seed);
    Node target = Node.of(tree(random, 4, true), "target");
    Node patch = Node.of(tree(random, 4, true), "patch");
    Node once = target.merge(patch);
    assertEquals(Lines.plain(once), Lines.plain(once.merge(patch)));
  }

  @Property(tries = 1000)
  void aPatchOfNothingGivesItself(@ForAll long seed) {
    Node patch = Node.of(tree(new Random(seed), 4, false), "patch");
    Node empty = Node.of(Map.of(), "empty");
    assertEquals(Lines.plain(patch), Lines.plain(empty.merge(patch)));
  }

  @Property(tries = 500)
  void durationsAreReadExactly(@ForAll @LongRange(min = 0, max = 10_000_000_000_000L) long nanos) {
    Duration duration = Duration.ofNanos(nanos);
    String seconds = BigDecimal.valueOf(nanos, 9).toPlainString() + "s";
    assertEquals(duration, TIME.read(seconds));
    assertEquals(duration, TIME.read(nanos + "ns"));
    assertEquals(duration, TIME.read(duration.toString()));
  }

  @Property(tries = 500)
  void theNearestNameIsOneOfThem(@ForAll String given) {
    List<String> known = List.of("rate", "burst", "per");
    String nearest = Names.nearest(given, known);
    assertTrue(nearest == null || known.contains(nearest));
  }
}
