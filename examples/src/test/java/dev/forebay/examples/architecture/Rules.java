package dev.forebay.examples.architecture;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.CompositeArchRule;
import io.vertx.core.Vertx;
import java.net.URLConnection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/** Which code may depend on which, by the layers and the walls that are listed first. */
final class Rules {

  /**
   * A part of the framework.
   *
   * @param floor its height: it may use what is on lower floors, and nothing beside or above it
   * @param packages as ArchUnit writes them
   */
  record Wall(int floor, String name, List<String> packages) {
    Wall(int floor, String name, String... packages) {
      this(floor, name, List.of(packages));
    }
  }

  /** The parts of {@code framework-core/core}, the lowest first. */
  static final List<Wall> WALLS =
      List.of(
          new Wall(0, "config", "dev.forebay.config.."),
          new Wall(0, "metrics", "dev.forebay.core.metrics.."),
          new Wall(1, "kernel", "dev.forebay.core.kernel.."),
          new Wall(2, "routes", "dev.forebay.core.routes.."),
          new Wall(2, "stream", "dev.forebay.core.stream.."),
          new Wall(3, "cost", "dev.forebay.core.cost.."),
          new Wall(4, "balancing", "dev.forebay.core.balancing.."),
          new Wall(5, "retrying", "dev.forebay.core.retrying.."),
          new Wall(6, "limiting", "dev.forebay.core.limiting.."),
          new Wall(6, "caching", "dev.forebay.core.caching.."),
          new Wall(7, "what edges share", "dev.forebay.edge"),
          new Wall(8, "identity", "dev.forebay.edge.identity.."),
          new Wall(8, "tls", "dev.forebay.edge.tls.."),
          new Wall(9, "edge", "dev.forebay.edge.http.."),
          new Wall(9, "gateway", "dev.forebay.gateway.."),
          new Wall(10, "administration", "dev.forebay.administration.."),
          new Wall(11, "server", "dev.forebay.server.."));

  private static final String SPI = "dev.forebay.spi..";
  private static final String DIALECT = "dev.forebay.dialect..";
  private static final String NET = "dev.forebay.net..";

  /**
   * llama.cpp's server speaks OpenAI's API, and its models are GGUF files. Limits that are shared
   * by a Redis are those of limiting.
   */
  private static final Map<String, List<String>> PLUGINS_OF_PLUGINS =
      Map.of("llama", List.of("openai", "gguf"), "redis", List.of("limiting"));

  /** What tests, replays and measures: nothing that is served may use it. */
  private static final String[] HARNESS = {
    "dev.forebay.benchmarks..",
    "dev.forebay.cli..",
    "dev.forebay.conformance..",
    "dev.forebay.examples..",
    "dev.forebay.fuzz..",
    "dev.forebay.junit5..",
    "dev.forebay.replay..",
    "dev.forebay.servers..",
    "dev.forebay.simulation..",
    "dev.forebay.timeline.."
  };

  private static final Set<String> VERTX_OF_SPI =
      Set.of(
          "io.vertx.core.Future",
          "io.vertx.core.Promise",
          "io.vertx.core.AsyncResult",
          "io.vertx.core.Handler",
          "io.vertx.core.buffer.Buffer");

  private static final Set<String> CLIENT_MAKERS =
      Set.of("createHttpClient", "httpClientBuilder", "createWebSocketClient");

  private Rules() {}

  /**
   * All rules that ArchUnit checks, by name.
   *
   * @param plugins the packages of the plugin modules, such as {@code redis}
   */
  static Map<String, ArchRule> all(Set<String> plugins) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("spi-uses-the-jdk-and-little-of-vertx", spi());
    rules.put("dialect-uses-spi-only", uses(DIALECT, SPI));
    rules.put("net-uses-spi-only", uses(NET, SPI));
    rules.put("timeline-uses-spi-only", uses("dev.forebay.timeline..", SPI));
    rules.put("plugins-use-spi-dialect-net", plugins(plugins));
    rules.put("arrows-point-downwards", walls());
    rules.put("core-knows-no-plugin", coreKnowsNoPlugin(plugins));
    rules.put("what-is-served-knows-no-harness", noHarness());
    rules.put("examples-use-no-internals", examples());
    rules.put("packages-have-no-circles", circles());
    rules.put("one-class-makes-http-clients", httpClients());
    rules.put("only-its-timeline-knows-vertx-in-the-core", vertxOfCore());
    rules.put("time-and-chance-come-by-one-door", oneDoor());
    return rules;
  }

  private static DescribedPredicate<JavaClass> in(String... packages) {
    return resideInAnyPackage(packages);
  }

  private static DescribedPredicate<JavaClass> in(List<String> packages) {
    return in(packages.toArray(String[]::new));
  }

  /** Code of a package uses of Forebay only itself and some others. */
  private static ArchRule uses(String user, String... others) {
    return noClasses()
        .that(in(user))
        .should()
        .dependOnClassesThat(in("dev.forebay..").and(not(in(user))).and(not(in(others))))
        .allowEmptyShould(true);
  }

  private static ArchRule spi() {
    DescribedPredicate<JavaClass> known =
        describe(
            "the JDK, jspecify, futures and buffers of Vert.x, or the spi",
            type ->
                type.getPackageName().startsWith("java.")
                    || type.isPrimitive()
                    || type.getPackageName().isEmpty()
                    || type.getPackageName().startsWith("org.jspecify")
                    || VERTX_OF_SPI.contains(type.getName())
                    || (type.getPackageName() + ".").startsWith("dev.forebay.spi."));
    return noClasses().that(in(SPI)).should().dependOnClassesThat(not(known));
  }

  private static ArchRule plugins(Set<String> plugins) {
    List<ArchRule> rules = new ArrayList<>();
    for (String plugin : plugins) {
      List<String> allowed = new ArrayList<>(List.of(SPI, DIALECT, NET));
      PLUGINS_OF_PLUGINS
          .getOrDefault(plugin, List.of())
          .forEach(other -> allowed.add("dev.forebay." + other + ".."));
      rules.add(uses("dev.forebay." + plugin + "..", allowed.toArray(String[]::new)));
    }
    return CompositeArchRule.of(rules);
  }

  private static ArchRule walls() {
    List<ArchRule> rules = new ArrayList<>();
    for (Wall wall : WALLS) {
      for (Wall other : WALLS) {
        if (other != wall && other.floor() >= wall.floor()) {
          rules.add(
              noClasses()
                  .that(in(wall.packages()))
                  .should()
                  .dependOnClassesThat(in(other.packages()))
                  .allowEmptyShould(true)
                  .because(wall.name() + " is not above " + other.name()));
        }
      }
    }
    return CompositeArchRule.of(rules);
  }

  private static ArchRule coreKnowsNoPlugin(Set<String> plugins) {
    String[] packages =
        plugins.stream().map(name -> "dev.forebay." + name + "..").toArray(String[]::new);
    return noClasses()
        .that(in(SPI, DIALECT, NET).or(in(wallPackages())))
        .should()
        .dependOnClassesThat(in(packages));
  }

  private static List<String> wallPackages() {
    return WALLS.stream().flatMap(wall -> wall.packages().stream()).toList();
  }

  private static ArchRule noHarness() {
    return noClasses()
        .that(in("dev.forebay..").and(not(in(HARNESS))))
        .should()
        .dependOnClassesThat(in(HARNESS));
  }

  private static ArchRule examples() {
    return noClasses()
        .that(in("dev.forebay.examples.."))
        .should()
        .dependOnClassesThat(
            in("dev.forebay.core..", "dev.forebay.edge..", "dev.forebay.config..", DIALECT, NET)
                .and(not(in("dev.forebay.edge.identity")))); // keys of callers
  }

  private static ArchRule circles() {
    return slices().matching("dev.forebay.(**)").should().beFreeOfCycles();
  }

  private static ArchRule httpClients() {
    DescribedPredicate<JavaMethodCall> makesOne =
        describe(
            "makes an HTTP client",
            call ->
                CLIENT_MAKERS.contains(call.getName())
                    && call.getTargetOwner().isAssignableTo(Vertx.class));
    return noClasses()
        .that(not(in("dev.forebay.benchmarks..")))
        .and()
        .doNotHaveFullyQualifiedName("dev.forebay.net.HttpClients")
        .should()
        .callMethodWhere(makesOne)
        .orShould()
        .dependOnClassesThat(in("java.net.http", "io.vertx.ext.web.client.."))
        .orShould()
        .dependOnClassesThat()
        .areAssignableTo(URLConnection.class)
        .because(
            "clients of HttpClients use a connection again only if its answer is provably over");
  }

  private static ArchRule vertxOfCore() {
    return noClasses()
        .that(in("dev.forebay.core.."))
        .and()
        .doNotHaveSimpleName("VertxTimeline")
        .should()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.vertx.core.Vertx")
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("io.vertx.core.Context");
  }

  private static ArchRule oneDoor() {
    DescribedPredicate<JavaClass> pure =
        in(SPI, "dev.forebay.core..", "dev.forebay.config..")
            .and(describe("not the clock's", type -> !type.getName().contains(".VertxTimeline")));
    return CompositeArchRule.of(
        List.of(
            noClasses()
                .that(pure)
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "identityHashCode", Object.class)
                .orShould()
                .dependOnClassesThat()
                .belongToAnyOf(Random.class, ThreadLocalRandom.class, Executors.class)
                .orShould()
                .callMethod(UUID.class, "randomUUID")
                .orShould()
                .callMethod(Math.class, "random"),
            noClasses()
                .that(resideInAPackage("dev.forebay.gateway.."))
                .and()
                .doNotHaveFullyQualifiedName("dev.forebay.gateway.Gateway")
                .should()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")));
  }
}
