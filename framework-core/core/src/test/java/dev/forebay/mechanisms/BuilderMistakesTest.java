package dev.forebay.mechanisms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.core.caching.Cache;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pipeline;
import dev.forebay.gateway.Route;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

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
        "main/fallback: pool: mian (expected: another pool than its own, and there is none)",
        wrong(b -> b.pool("main", p -> p.fallback("mian").backends(ONE))));
    assertEquals(
        "main/fallback: pool: mian (expected: a pool: other)",
        wrong(
            b ->
                b.pool("main", p -> p.fallback("mian").backends(ONE))
                    .pool("other", p -> p.models("m").backends(ONE))));
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

  @Test
  void aBoundWithAUnitIsASentence() {
    assertEquals(
        "memory: share: 0.0 (expected: a number from 0.01 to 0.9 of the heap)",
        wrong(b -> b.pipeline(p -> p.backends(ONE)).memory(0)));
  }

  @Test
  void aDurationThatIsTooLongIsOutOfBounds() {
    assertEquals(
        "deadline: total: PT2400000000H (expected: a duration",
        wrong(b -> b.pipeline(p -> p.deadline(Duration.ofDays(100_000_000)).backends(ONE)))
            .replaceFirst("(duration).*", "$1"));
  }

  @Test
  void aModelThatAPoolNamesTwiceIsToldOnce() {
    assertEquals(
        "pool a: models: m twice (expected: once)",
        wrong(b -> b.pool("a", p -> p.models("m", "m").backends(ONE))));
  }

  @Test
  void aReloadNamesAPluginWithRoutesOnce() {
    VirtualTimeline time = new VirtualTimeline();
    Gateway gateway = Gateway.builder(new Host(time, 1)).pipeline(p -> p.backends(ONE)).build();
    Plugin<Filter> paged =
        NamedPlugin.of(
            Filter.class,
            "paged",
            context -> {
              HttpRoute own = HttpRoute.get("/own", request -> Future.failedFuture("never asked"));
              context.resource(HttpRoutes.class).orElseThrow().add(HttpRoutes.Listener.EDGE, own);
              return (request, next) -> next.serve(request);
            });
    Future<Void> reloaded =
        gateway.reload(
            Gateway.builder(new Host(time, 1))
                .pipeline(p -> p.stage(paged).backends(ONE))
                .blueprint());
    time.run();
    assertEquals(
        "paged: its routes cannot change while the gateway runs (expected: a restart)",
        reloaded.cause().getMessage());
  }

  @Test
  @SuppressWarnings("NullAway") // what code without its checks may do
  void whatIsNullIsNamed() {
    assertEquals("rateLimit: null (expected: a plugin)", missing(p -> p.rateLimit(null)));
    assertEquals("cache: null (expected: a plugin)", missing(p -> p.cache(null)));
    assertEquals("admit: limit: null (expected: a plugin)", missing(p -> p.admit(null, null)));
    assertEquals("models: null (expected: a name)", missing(p -> p.models((String) null)));
    assertEquals("fallback: null (expected: a pool)", missing(p -> p.fallback(null)));
    assertEquals(
        "backends: null (expected: a list)",
        missing(p -> p.backends((List<Plugin<Backend>>) null)));
    Gateway.Builder builder = Gateway.builder(new Host(new VirtualTimeline(), 1));
    assertEquals("pipeline: null (expected: a description)", absent(() -> builder.pipeline(null)));
    assertEquals("pool: null (expected: a name)", absent(() -> builder.pool(null, p -> {})));
    assertEquals("models: null (expected: a name)", absent(() -> Route.of((String) null)));
    Gateway gateway = builder.pipeline(p -> p.backends(ONE)).build();
    assertEquals("reload: null (expected: a blueprint)", absent(() -> gateway.reload(null)));
  }

  private static String missing(Consumer<Pipeline> description) {
    Gateway.Builder builder = Gateway.builder(new Host(new VirtualTimeline(), 1));
    return absent(() -> builder.pipeline(description));
  }

  private static String absent(Executable action) {
    return String.valueOf(assertThrows(NullPointerException.class, action).getMessage());
  }

  @Test
  void theBoundsOfARuleHold() {
    assertEquals(
        "route: weight: -1.0 (expected: a number > 0 and <= 1000000)",
        wrong(Route.of("m").or("a", null, -1)));
    assertEquals(
        "route: weight: NaN (expected: a number > 0 and <= 1000000)",
        wrong(Route.of("m").or("a", null, Double.NaN)));
    assertEquals(
        "route: minPromptTokens: -5 (expected: a whole number from 0 to 10000000, in tokens)",
        wrong(Route.of("m").promptTokens(-5, -3)));
    assertEquals(
        "route: maxOutputTokens: -1 (expected: a whole number from 0 to 10000000, in tokens)",
        wrong(Route.of("m").maxOutputTokens(-1)));
  }

  @Test
  @SuppressWarnings("NullAway") // what code without its checks may do
  void aRuleThatSaysNothingOfWhatKeepsTogetherIsWrong() {
    assertEquals(
        "route: sticky: null (expected: one of none, session, tenant)",
        wrong(Route.of("m").sticky(null)));
  }

  @Test
  void theBoundsOfAServerHold() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      assertEquals(
          "http: port: -1 (expected: a whole number from 0 to 65535)",
          refused(server -> server.listen(vertx, -1)));
      assertEquals(
          "http: port: 70000 (expected: a whole number from 0 to 65535)",
          refused(server -> server.listen(vertx, 70_000)));
      for (EdgeOptions wrong :
          List.of(
              EdgeOptions.DEFAULTS.withMaxBody(-1),
              EdgeOptions.DEFAULTS.withEventLoops(-1),
              EdgeOptions.DEFAULTS.withIdleTimeout(Duration.ofSeconds(-1)))) {
        String told = refused(server -> server.options(wrong).mount(Router.router(vertx)));
        assertTrue(
            told.matches("http: (maxBody|eventLoops|idleTimeout): .* \\(expected: .*"), told);
      }
      assertEquals(
          "administration: port: -1 (expected: a whole number from 0 to 65535)",
          refused(
              server ->
                  server
                      .administration(new AdministrationOptions("127.0.0.1", -1))
                      .listen(vertx, 0)));
    } finally {
      vertx.close().await(5, TimeUnit.SECONDS);
    }
  }

  private static String refused(Consumer<GatewayServer.Builder> action) {
    Gateway gateway =
        Gateway.builder(new Host(new VirtualTimeline(), 1)).pipeline(p -> p.backends(ONE)).build();
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> action.accept(GatewayServer.of(gateway)))
            .getMessage());
  }

  @Test
  void aHostHasOneGateway() {
    String told = "host: it has a gateway already (expected: a host of its own for each)";
    Gateway.Builder builder =
        Gateway.builder(new Host(new VirtualTimeline(), 1)).pipeline(p -> p.backends(ONE));
    builder.build();
    assertEquals(told, assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    Gateway.Builder failed =
        Gateway.builder(new Host(new VirtualTimeline(), 1)).pipeline(p -> p.backends(ONE, ONE));
    assertThrows(IllegalArgumentException.class, failed::build);
    assertEquals(told, assertThrows(IllegalArgumentException.class, failed::build).getMessage());
  }

  private static String wrong(Route rule) {
    return wrong(b -> b.pool("a", p -> p.backends(ONE)).route(rule.or("a", null, 1)));
  }

  private static String wrong(UnaryOperator<Gateway.Builder> description) {
    Gateway.Builder builder = Gateway.builder(new Host(new VirtualTimeline(), 1));
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> description.apply(builder).build())
            .getMessage());
  }
}
