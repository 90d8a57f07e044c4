package dev.forebay.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Mistake;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.config.Registry;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.core.caching.Cache;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.limiting.Admit;
import dev.forebay.core.limiting.RateLimit;
import dev.forebay.core.retrying.Deadline;
import dev.forebay.core.retrying.Fallback;
import dev.forebay.core.retrying.Hedge;
import dev.forebay.core.retrying.Retry;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlueprintTest {

  /** A plugin that is named, but never made. */
  interface Fake<T> extends Plugin<T> {
    @Override
    default T create(PluginContext context) {
      throw new UnsupportedOperationException("only described");
    }
  }

  @Doc("Never made.")
  record Bucket(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<RateLimiter>, Plugin<RateLimiter> {}

  @Doc("Never made.")
  record Lru(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<ResponseCache>, Plugin<ResponseCache> {}

  @Doc("Never made.")
  record Fixed(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<ConcurrencyLimiter>, Plugin<ConcurrencyLimiter> {}

  @Doc("Never made.")
  record Fifo(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<RequestQueue>, Plugin<RequestQueue> {}

  @Doc("Never made.")
  record Least(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<Balancer>, Plugin<Balancer> {}

  @Doc("Never made.")
  record Judge(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<HealthPolicy>, Plugin<HealthPolicy> {}

  @Doc("Never made.")
  record Noop(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<Filter>, Plugin<Filter> {}

  @Doc("Never made.")
  record Openai(@Doc("How many.") @Default("5") @Range(min = 1, max = 100) int size)
      implements Fake<Backend>, Plugin<Backend> {}

  @Doc("A backend with an id, that is never made.")
  record Named(@Doc("Its id.") @Default("node") String id)
      implements Fake<Backend>, Plugin<Backend> {}

  private static final Registry REGISTRY =
      Registry.of(
              List.of(
                  Bucket.class,
                  Lru.class,
                  Fixed.class,
                  Fifo.class,
                  Least.class,
                  Judge.class,
                  Noop.class,
                  Openai.class,
                  Named.class))
          .with(Deadline.class)
          .with(RateLimit.class)
          .with(Cache.class)
          .with(Retry.class)
          .with(Fallback.class)
          .with(Hedge.class)
          .with(Admit.class);

  private Mistakes mistakes = new Mistakes();

  private @Nullable Blueprint read(String yaml) {
    Node document = Node.parse("gateway.yaml", yaml, name -> null);
    return new OptionsReader(REGISTRY).read(Blueprint.class, document, mistakes);
  }

  private Blueprint sound(String yaml) {
    mistakes = new Mistakes();
    Blueprint blueprint = read(yaml);
    assertEquals(List.of(), mistakes.all());
    assertNotNull(blueprint);
    return blueprint;
  }

  private String wrong(String yaml) {
    mistakes = new Mistakes();
    assertNull(read(yaml));
    return mistakes.all().stream().map(Mistake::toString).collect(Collectors.joining("\n"));
  }

  @Test
  void everyStageIsRead() {
    Blueprint blueprint =
        sound(
            """
            pipeline:
              - deadline: { total: 60s, first-content: 20s }
              - rate-limit: { by: { plugin: bucket, size: 7 } }
              - cache: { store: { plugin: lru, size: 9 }, single-flight: false, max-answer: 1MiB }
              - noop
              - retry: { attempts: 4, first-content: 5s }
              - fallback: { pool: spare }
              - admit: { limit: fixed, queue: { plugin: fifo, size: 50 }, max-wait: 3s }
              - balance: { by: least, health: judge, panic-threshold: 0.5 }
            models: [m]
            backends:
              - { plugin: openai, weight: 2, group: 1, tenants: [shop], max-price: 1.5, size: 3 }
              - openai
            pools:
              spare:
                models: [n]
                pipeline: [retry, balance: least]
                backends: [openai]
            extra-work: { ratio: 0.1, floor: 2 }
            """);
    assertEquals(
        List.of("deadline", "rate-limit", "cache", "noop", "retry", "fallback", "admit"),
        blueprint.stages().stream().map(Plugins::name).toList());
    Deadline deadline = stage(Deadline.class, blueprint.stages().get(0));
    assertEquals(Duration.ofSeconds(20), deadline.firstContent());
    RateLimit limit = stage(RateLimit.class, blueprint.stages().get(1));
    assertEquals(new Bucket(7), Plugins.options(limit.by()));
    Cache cache = stage(Cache.class, blueprint.stages().get(2));
    assertEquals(1 << 20, cache.maxAnswer());
    assertEquals(new Lru(9), Plugins.options(cache.store()));
    Admit admit = stage(Admit.class, blueprint.stages().get(6));
    assertEquals(new Fifo(50), Plugins.options(admit.queue()));
    assertEquals(Duration.ofSeconds(3), admit.maxWait());
    Pool pool = pool(blueprint, 0);
    assertEquals(List.of("m"), pool.models());
    assertEquals(0.5, pool.balance().options().panicThreshold());
    assertEquals(2.0, pool.members().get(0).weight());
    assertEquals(1, pool.members().get(0).place());
    assertEquals(List.of("shop"), pool.members().get(0).tenants());
    assertEquals(1.5, pool.members().get(0).maxPrice());
    assertEquals(Restrictions.NONE, pool.members().get(1).terms(Prices.NONE));
    assertEquals(new Openai(3), Plugins.options(pool.members().get(0).backend()));
    assertEquals(1.0, pool.members().get(1).weight());
    assertEquals(List.of(Pool.DEFAULT, "spare"), List.copyOf(blueprint.allPools().keySet()));
    assertEquals(1, pool(blueprint, 1).stages().size());
    assertEquals(0.1, blueprint.extraWork().ratio());
  }

  private static Pool pool(Blueprint blueprint, int index) {
    return List.copyOf(blueprint.allPools().values()).get(index);
  }

  private static <R> R stage(Class<R> type, Plugin<Filter> stage) {
    return Objects.requireNonNull(type.cast(Plugins.options(stage)));
  }

  @Test
  void hedgesRoutesAndPricesAreRead() {
    Blueprint blueprint =
        sound(
            """
            pipeline:
              - fallback: { pool: spare, model: n, on: [throttled], max-prompt-tokens: 9 }
              - hedge: { delay: 300ms, max-share: 0.1 }
              - hedge
            routes:
              - models: [chat, "gpt-*"]
                max-prompt-tokens: 4000
                sticky: session
                to: [{ pool: spare, model: n, weight: 9 }, { model: m }]
            prices: { preset: deepseek, header: true, prompt: 1, output: 2 }
            models: [m]
            backends: [openai]
            pools: { spare: { models: [n], backends: [openai] } }
            """);
    Fallback fallback = stage(Fallback.class, blueprint.stages().get(0));
    assertEquals("n", fallback.model());
    assertEquals(List.of(dev.forebay.spi.Status.THROTTLED), fallback.on());
    Hedge hedge = stage(Hedge.class, blueprint.stages().get(1));
    assertEquals(Duration.ofMillis(300), hedge.delay());
    assertEquals(0.95, stage(Hedge.class, blueprint.stages().get(2)).percentile());
    assertEquals(9.0, blueprint.routes().get(0).to().get(0).weight());
    assertEquals(Route.Sticky.SESSION, blueprint.routes().get(0).sticky());
    assertEquals(0.15, blueprint.prices().of("deepseek-flash", 0).prompt());
  }

  @Test
  void rulesToNowhereAreMistakes() {
    String found =
        wrong(
            """
            routes:
              - { models: [chat], to: [{ pool: nope }] }
            backends: [openai]
            """);
    assertTrue(found.contains("nope"), found);
    mistakes.all();
  }

  @Test
  void aListOfBackendsIsEnough() {
    Blueprint blueprint = sound("backends: [openai]");
    assertEquals(List.of(), blueprint.stages());
    assertEquals(List.of(Pool.DEFAULT), List.copyOf(blueprint.allPools().keySet()));
    assertEquals(Options.defaults(RetryBudget.Options.class), blueprint.extraWork());
  }

  @Test
  void allMistakesAreToldAtOnce() {
    String told =
        wrong(
            """
            pipeline:
              - deadlin: { total: 60s }
              - rate-limit: { by: { plugin: bukket } }
              - cache: { single-flight: maybe }
              - retry: { attempts: 99 }
              - admit: { limit: { plugin: fixed, sise: 3 } }
              - balance: { by: least }
              - retry
            backends:
              - { plugin: openai, weight: 0 }
              - nothing
            extra-work: { ratio: -1 }
            """);
    for (String part :
        List.of(
            "deadlin",
            "bukket",
            "store",
            "maybe",
            "99",
            "sise",
            "queue",
            "after balance",
            "weight",
            "nothing",
            "ratio")) {
      assertTrue(told.contains(part), () -> part + " is not in:\n" + told);
    }
    assertTrue(mistakes.all().size() >= 11, told);
  }

  @Test
  void theShapeOfTheWholeIsChecked() {
    assertTrue(wrong("[]").contains("a mapping"));
    assertTrue(wrong("pipeline: []").contains("backends"));
    assertTrue(wrong("{backends: [openai], pipeline: {}}").contains("a list of stages"));
    assertTrue(wrong("{backends: [openai], pipeline: [[retry]]}").contains("a stage: one of"));
    assertTrue(
        wrong("{backends: [openai], pipeline: [cache]}")
            .contains("store: missing (expected: the name of a cache: lru"));
    assertTrue(wrong("backends: []").contains("at least one"));
    assertTrue(wrong("pools: [a]").contains("a mapping, each value a mapping with pipeline"));
    assertTrue(wrong("pools: {a: openai}").contains("a mapping with pipeline, models, backends"));
    assertTrue(wrong("pools: {a: {backends: [openai], model: [m]}}").contains("perhaps models"));
    assertTrue(
        wrong("{backends: [openai], models: [[m]]}")
            .contains("models[0]: a list (expected: text)"));
  }

  /** A scalar means something only if a stage says so: a plugin's name, or a pool's. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "deadline: 5s",
        "retry: banana",
        "retry: 3",
        "hedge: 99999",
        "rate-limit: 5",
        "rate-limit: fifo",
        "noop: 7",
        "fallback: spare",
        "cache: lru",
        "admit: fixed",
        "fallback: 5",
        "balance: lru",
        "balance: { by: least, health: 3 }",
        "balance: { by: least, probe: banana }",
        "admit: { limit: fixed, queue: 5 }",
        "deadline: [5s]",
        "hedge: true",
        "retry: ''",
      })
  void aScalarThatMeansNothingIsAMistakeInItsPlace(String stage) {
    String told = wrong("backends: [openai]\npipeline:\n  - " + stage + "\n");
    assertTrue(
        told.startsWith("gateway.yaml:3: pipeline[0]." + stage.split(":")[0]), told + " " + stage);
    assertEquals(1, told.lines().count(), told);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "extra-work: 5",
        "prices: cheap",
        "routes: chat",
        "pools: spare",
        "models: m",
        "discover: consul",
        "pipeline: retry",
      })
  void aScalarInPlaceOfASectionIsAMistakeInItsPlace(String section) {
    String told = wrong("backends: [openai]\n" + section + "\n");
    assertTrue(told.startsWith("gateway.yaml:2: " + section.split(":")[0]), told);
    assertEquals(1, told.lines().count(), told);
  }

  @Test
  void aStageByItsNameAloneHasItsDefaults() {
    Blueprint blueprint =
        sound("backends: [openai]\npipeline: [retry, hedge, { deadline: }, { retry: {} }]");
    assertEquals(4, blueprint.stages().size());
  }

  @Test
  void anEmptyDocumentHasOneMistake() {
    String told = wrong("# nothing\n");
    assertEquals(
        "gateway.yaml:1: backends: missing (expected: a list of backends, discover, or pools)",
        told);
  }

  @Test
  void aTypoIsAnsweredWithAllKeysThatTheStageHas() {
    String told =
        wrong(
            """
            pipeline:
              - cache: { stor: lru, store: lru }
              - balance: { by: least, helth: judge }
            backends: [{ plugin: openai, wieght: 2 }]
            """);
    assertTrue(told.contains("one of store, single-flight"), told);
    assertTrue(told.contains("; perhaps store"), told);
    assertTrue(told.contains("one of by, health, probe, panic-threshold"), told);
    assertTrue(told.contains("trials; perhaps health"), told);
    assertTrue(told.contains("max-price; perhaps weight"), told);
  }

  @Test
  void aPluginOfAnotherKindIsNamedAsSuch() {
    String told = wrong("{backends: [openai], pipeline: [{ balance: lru }]}");
    assertEquals(
        "gateway.yaml:1: pipeline[0].balance: lru (expected: the name of a balancer: least; lru is"
            + " a cache)",
        told);
  }

  @Test
  void twoBackendsOfAPoolWithOneIdAreAMistake() {
    String told =
        wrong(
            """
            backends:
              - { plugin: named, id: a }
              - { plugin: named, id: b }
              - { plugin: named, id: a }
            """);
    assertEquals(
        "gateway.yaml:4: backends[2].id: a (expected: an id of its own; backends[0] has this"
            + " one)",
        told);
    assertTrue(wrong("backends: [named, named]").contains("id: node (expected: an id of its own"));
    sound(
        """
        pools:
          a: { models: [m], backends: [{ plugin: named, id: a }] }
          b: { backends: [{ plugin: named, id: a }] }
        """);
  }

  @Test
  void everyPoolThatIsNamedHasAPlaceAndOneExpectation() {
    String told =
        wrong(
            """
            pipeline:
              - fallback: { pool: local }
              - fallback: { pool: remote }
            routes:
              - { models: [chat], to: [{ pool: nope }] }
            backends: [openai]
            pools:
              spare: { models: [n], backends: [openai], pipeline: [{ fallback: { pool: spare } }] }
            """);
    assertEquals(
        List.of(
            "gateway.yaml:2: pipeline[0].fallback.pool: local (expected: a pool: one of default,"
                + " spare)",
            "gateway.yaml:3: pipeline[1].fallback.pool: remote (expected: a pool: one of default,"
                + " spare)",
            "gateway.yaml:5: routes[0].to[0].pool: nope (expected: a pool: one of default, spare)",
            "gateway.yaml:8: pools.spare.pipeline[0].fallback.pool: spare (expected: another pool"
                + " than its own)"),
        told.lines().toList());
  }

  @Test
  void whatOnlyTheWholeShowsHasOneExpectation() {
    String circle =
        wrong(
            """
            pools:
              a: { pipeline: [{ fallback: { pool: b } }], backends: [openai] }
              b: { pipeline: [{ fallback: { pool: a } }], backends: [openai] }
            """);
    assertEquals(
        "gateway.yaml:2: pools.a.pipeline[0].fallback.pool: a falls back to itself by way of others"
            + " (expected: no circle)",
        circle);
    String models =
        wrong(
            """
            # two pools
            pools:
              a: { models: [m], backends: [openai] }
              b: { models: [m], backends: [openai] }
            """);
    assertEquals("gateway.yaml:4: pools.b.models: m in a and b (expected: one pool)", models);
  }

  @Test
  void whatWouldBeIgnoredIsAMistake() {
    assertTrue(
        wrong("{pools: {a: {backends: [openai]}}, models: [m]}").contains("no models without"));
    assertTrue(
        wrong("{pools: {a: {backends: [openai]}}, pipeline: [balance: least]}")
            .contains("in the pools"));
  }

  @Test
  void poolsFitTogether() {
    assertTrue(
        wrong("{backends: [openai], pipeline: [fallback: { pool: nowhere }]}").contains("nowhere"));
    assertTrue(
        wrong(
                """
                pools:
                  a: { models: [m], backends: [openai] }
                  b: { models: [m], backends: [openai] }
                """)
            .contains("one pool"));
    assertTrue(
        wrong(
                """
                pools:
                  a: { pipeline: [fallback: { pool: b }], backends: [openai] }
                  b: { pipeline: [fallback: { pool: c }], backends: [openai] }
                  c: { pipeline: [fallback: { pool: a }], backends: [openai] }
                """)
            .contains("no circle"));
  }

  @Test
  void codeIsCheckedLikeYaml() {
    Pool own =
        new Pool(
            new Pool.Stages(List.of(Fallback.to("a", null)), null), List.of(), List.of(), null);
    Pool none = Options.defaults(Pool.class);
    Blueprint wrong = Options.defaults(Blueprint.class, Map.entry("pools", Map.of("a", own)));
    assertEquals(
        "a/fallback: pool: a (expected: another pool than its own)",
        assertThrows(IllegalArgumentException.class, wrong::require).getMessage());
    Blueprint nothing = Options.defaults(Blueprint.class, Map.entry("top", none));
    assertEquals(
        "backends: missing (expected: a list of backends, discover, or pools)",
        assertThrows(IllegalArgumentException.class, nothing::require).getMessage());
  }
}
