package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.core.caching.Cache;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Route;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.timeline.VirtualTimeline;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What code says wrong of a gateway is told with the stage, the backend or the pool. */
class BuilderMistakesTest {

  private static final Plugin<Backend> ONE = World.plugin(new Scripted("a", ResumeTest::rest));

  @Doc("A backend with options.")
  record Known(@Doc("Its id.") String id) implements Plugin<Backend> {
    @Override
    public Backend create(PluginContext context) {
      return new Scripted(id, ResumeTest::rest);
    }
  }

  @Doc("A store with bounds.")
  record Small(@Doc("Answers.") @Range(min = 1, max = 5) int size)
      implements Plugin<ResponseCache> {
    @Override
    public ResponseCache create(PluginContext context) {
      return new Fakes.Store();
    }
  }

  @Test
  void aStageIsNamed() {
    assertEquals(
        "retry: attempts: 0 (expected: a whole number from 1 to 10)",
        wrong(b -> b.pipeline(p -> p.retry(0).backends(ONE))));
    assertEquals(
        "a/retry: attempts: 0 (expected: a whole number from 1 to 10)",
        wrong(b -> b.pool("a", p -> p.retry(0).backends(ONE))));
  }

  @Test
  void aPluginWithinAStageIsNamedOnce() {
    assertEquals(
        "cache/small: size: 9 (expected: a whole number from 1 to 5)",
        wrong(b -> b.pipeline(p -> p.stage(Cache.in(new Small(9))).backends(ONE))));
  }

  @Test
  void aPoolWithoutBackendsIsNamed() {
    assertEquals(
        "pool a: backends: missing (expected: a list of backends, or discover)",
        wrong(b -> b.pool("a", p -> p.retry(1))));
    assertEquals(
        "backends: missing (expected: a list of backends, discover, or pools)",
        wrong(b -> b.pipeline(p -> p.retry(1))));
  }

  @Test
  void aPoolThatIsThereTwiceIsNamed() {
    assertEquals(
        "pools: a twice (expected: unique names)",
        wrong(b -> b.pool("a", p -> p.backends(ONE)).pool("a", p -> p.backends(ONE))));
    assertEquals(
        "pools: default twice (expected: unique names)",
        wrong(b -> b.pipeline(p -> p.backends(ONE)).pool("default", p -> p.backends(ONE))));
  }

  @Test
  void anIdThatIsThereTwiceIsNamedWithItsPool() {
    Known one = new Known("x");
    assertEquals(
        "a/known: id: x (expected: an id of its own; backends[0] has this one)",
        wrong(b -> b.pool("a", p -> p.backends(one, one))));
    assertEquals(
        "pool a: backends: id a twice (expected: unique ids)",
        wrong(b -> b.pool("a", p -> p.backends(ONE, ONE))));
  }

  @Test
  void anIdThatNoHeaderTakesIsNamedWithItsBackend() {
    assertEquals(
        "default/known-0: id: x?y (expected: 1 to 200 characters of ASCII, no blanks)",
        wrong(b -> b.pipeline(p -> p.backends(new Known("x y")))));
  }

  @Test
  void whatNamesAnUnknownPoolIsNamed() {
    assertEquals(
        "main/fallback: pool: mian (expected: a pool: main)",
        wrong(b -> b.pool("main", p -> p.fallback("mian").backends(ONE))));
    assertEquals(
        "fallback: pool: other (expected: a pool: default)",
        wrong(b -> b.pipeline(p -> p.fallback("other").backends(ONE))));
    assertEquals(
        "route: pool: b (expected: a pool: main)",
        wrong(b -> b.pool("main", p -> p.backends(ONE)).route(Route.of("m").to("b", null))));
  }

  @Test
  void theBoundsOfTheGatewayItselfHold() {
    assertEquals(
        "extra-work: ratio: -1.0 (expected: a number",
        wrong(b -> b.pipeline(p -> p.backends(ONE)).extraWork(-1, 0))
            .replaceFirst("(number).*", "$1"));
    assertEquals(
        "memory: share: 7.0 (expected: a number",
        wrong(b -> b.pipeline(p -> p.backends(ONE)).memory(7)).replaceFirst("(number).*", "$1"));
  }

  private static String wrong(UnaryOperator<Gateway.Builder> description) {
    Gateway.Builder builder = Gateway.builder(new Host(new VirtualTimeline(), 1));
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> description.apply(builder).build())
            .getMessage());
  }
}
