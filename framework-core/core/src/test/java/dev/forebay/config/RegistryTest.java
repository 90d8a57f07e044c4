package dev.forebay.config;

import static dev.forebay.config.Lines.mistakesOf;
import static dev.forebay.config.Lines.yaml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Filter;
import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTest {

  @Doc("Picks | always the first.")
  record First(
      @Doc("How often.") @Default("2") @Range(min = 1, max = 8) @Unit("picks") int depth,
      @Default("1m") @Range(min = 0, exclusiveMin = true) Duration decay,
      @Nullable @Secret @Doc("Who it is.") String key,
      @Default("[]") List<Step> steps)
      implements Plugin<Balancer> {

    @Override
    public Balancer create(PluginContext context) {
      if (depth == 7) {
        throw new IllegalArgumentException("depth: 7 (expected: anything else)");
      }
      return new FirstBalancer();
    }
  }

  record Step(@Unit("bytes") @Range(max = 1 << 20) long size) {}

  static final class FirstBalancer implements Balancer {
    @Override
    public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
      return candidates.getFirst();
    }
  }

  interface TokenMeter {}

  interface HTTPProbe {}

  /** A plugin that is never made. */
  interface Described<T> extends Plugin<T> {
    @Override
    default T create(PluginContext context) {
      throw new UnsupportedOperationException();
    }
  }

  record RoundRobin() implements Described<Balancer>, Plugin<Balancer> {}

  @Named("first")
  record FirstMeter() implements Described<TokenMeter>, Plugin<TokenMeter> {}

  /** The same kind and name again. */
  @Named("first")
  record Other() implements Described<Balancer>, Plugin<Balancer> {}

  /** Fails when its class is initialised. */
  record Unlucky() implements Described<Balancer>, Plugin<Balancer> {
    static {
      fail();
    }

    private static void fail() {
      throw new IllegalStateException("no luck");
    }
  }

  record TieredOptions(Plugin<Balancer> first, @Default("first") Plugin<Balancer> second) {}

  private final Registry registry =
      Registry.of(List.of(First.class, RoundRobin.class, FirstMeter.class));

  private static PluginContext context() {
    return (PluginContext)
        Proxy.newProxyInstance(
            RegistryTest.class.getClassLoader(),
            new Class<?>[] {PluginContext.class},
            (proxy, method, arguments) -> {
              throw new UnsupportedOperationException(method.getName());
            });
  }

  private Plugin<Balancer> balancer(String text) {
    Mistakes mistakes = new Mistakes();
    Plugin<Balancer> plugin = registry.plugin(Balancer.class, yaml(text), mistakes);
    mistakes.throwIfAny();
    return plugin;
  }

  @Test
  void aPluginIsItsNameOrAMapping() {
    assertEquals(
        new First(2, Duration.ofMinutes(1), null, List.of()), Plugins.options(balancer("first")));
    assertEquals(
        new First(3, Duration.ofMinutes(1), "k", List.of(new Step(1024))),
        Plugins.options(balancer("{plugin: first, depth: 3, key: k, steps: [{size: 1KiB}]}")));
    assertEquals("first", Plugins.name(balancer("first")));
    assertTrue(balancer("first").create(context()) instanceof FirstBalancer);
  }

  @Test
  void aPluginInCodeIsReadTheSameWay() {
    Plugin<Balancer> plugin =
        registry.plugin(Balancer.class, "first", Map.of("decay", Duration.ofHours(2), "depth", 1));
    assertEquals(new First(1, Duration.ofHours(2), null, List.of()), Plugins.options(plugin));
    assertEquals(
        List.of("balancer first: depth: 9 (expected: a whole number from 1 to 8, in picks)"),
        mistakesOf(() -> registry.plugin(Balancer.class, "first", Map.of("depth", 9))));
  }

  @Test
  void unknownNamesListWhatThereIs() {
    assertEquals(
        List.of(
            "g.yaml:1: document: fisrt (expected: the name of a balancer: one of first,"
                + " round-robin; perhaps first)"),
        mistakesOf(() -> balancer("fisrt")));
    assertEquals(
        List.of("g.yaml:1: plugin: missing (expected: one of first, round-robin)"),
        mistakesOf(() -> balancer("{depth: 1}")));
    assertEquals(
        List.of(
            "g.yaml:1: document: [] (expected: the name of a balancer: one of first,"
                + " round-robin)"),
        mistakesOf(() -> balancer("[]")));
    assertEquals(
        List.of("queue fifo: plugin: fifo (expected: the name of a queue: none; there are none)"),
        mistakesOf(() -> registry.plugin(RequestQueue.class, "fifo", Map.of())));
  }

  @Test
  void mistakesInOptionsHaveTheirPlace() {
    assertEquals(
        List.of(
            "g.yaml:2: dept: unknown key (expected: one of depth, decay, key, steps, plugin;"
                + " perhaps depth)",
            "g.yaml:3: decay: 0s (expected: a duration > 0s with its unit, such as 250ms, 5s,"
                + " 1h)"),
        mistakesOf(() -> balancer("plugin: first\ndept: 1\ndecay: 0s\n")));
  }

  @Test
  void aMistakenPluginCannotBeMade() {
    Mistakes mistakes = new Mistakes();
    Plugin<Balancer> plugin = registry.plugin(Balancer.class, yaml("x"), mistakes);
    assertFalse(mistakes.isEmpty());
    assertThrows(ConfigException.class, () -> plugin.create(context()));
  }

  @Test
  void whatAPluginRefusesHasItsPlace() {
    Plugin<Balancer> plugin = balancer("plugin: first\ndepth: 7\n");
    assertEquals(
        List.of("g.yaml:2: depth: 7 (expected: anything else)"),
        mistakesOf(() -> plugin.create(context())));
  }

  @Test
  void recordsCanHoldPlugins() {
    TieredOptions options =
        new OptionsReader(registry)
            .read(TieredOptions.class, yaml("{first: {plugin: first, depth: 4}}"));
    assertEquals(
        new First(4, Duration.ofMinutes(1), null, List.of()), Plugins.options(options.first()));
    assertEquals("first", Plugins.name(options.second()));
    assertEquals(
        List.of(
            "g.yaml:1: first: none (expected: the name of a balancer: one of first, round-robin)"),
        mistakesOf(
            () -> new OptionsReader(registry).read(TieredOptions.class, yaml("first: none"))));
  }

  @Test
  void twoOfTheSameKindAndNameAreRefusedByTheirClasses() {
    String first = First.class.getName();
    String other = Other.class.getName();
    assertEquals(
        List.of(
            other
                + ": plugin: a second balancer first (expected: another name; "
                + first
                + " has this one)"),
        mistakesOf(() -> registry.with(Other.class)));
  }

  @Named("Bad Name")
  record BadName() implements Described<Balancer>, Plugin<Balancer> {}

  record WrongDefault(@Default("many") int count, @Default("[1, x]") List<Integer> list)
      implements Described<Balancer>, Plugin<Balancer> {}

  record Reserved(@Nullable String plugin) implements Described<Balancer>, Plugin<Balancer> {}

  record Unreadable(Thread thread) implements Described<Balancer>, Plugin<Balancer> {}

  @Test
  void pluginsThatCannotBeRightAreRefused() {
    assertEquals(
        List.of(
            BadName.class.getName()
                + ": plugin: Bad Name (expected: a name in lower case, words joined by"
                + " hyphens)"),
        mistakesOf(() -> registry.with(BadName.class)));
    assertEquals(
        List.of(
            WrongDefault.class.getName() + ": count: default many (expected: a whole number)",
            WrongDefault.class.getName()
                + ": list: default [1, x] (expected: a list, each a whole number)"),
        mistakesOf(() -> registry.with(WrongDefault.class)));
    assertTrue(
        mistakesOf(() -> registry.with(Reserved.class))
            .getFirst()
            .contains("an option named plugin"));
    assertTrue(
        mistakesOf(() -> registry.with(Unreadable.class))
            .getFirst()
            .contains("Unreadable: plugin: thread: java.lang.Thread (expected: String, "));
    assertEquals(
        List.of(
            Step.class.getName()
                + ": plugin: is no Plugin<KIND> (expected: a record that implements Plugin<KIND>)"),
        mistakesOf(() -> registry.with(Step.class)));
  }

  @Test
  void kindsHaveNames() {
    assertEquals(
        List.of(
            "balancer",
            "rate-limiter",
            "concurrency-limiter",
            "queue",
            "cache",
            "backend",
            "health",
            "filter",
            "token-meter",
            "http-probe"),
        List.of(
                Balancer.class,
                RateLimiter.class,
                ConcurrencyLimiter.class,
                RequestQueue.class,
                ResponseCache.class,
                Backend.class,
                HealthPolicy.class,
                Filter.class,
                TokenMeter.class,
                HTTPProbe.class)
            .stream()
            .map(Names::nameOf)
            .toList());
    assertEquals(List.of("first", "round-robin"), registry.names(Balancer.class));
  }

  @Test
  void pluginsAreFoundByTheLinesThatNameThem(@TempDir Path dir) throws IOException {
    try (URLClassLoader loader = loader(dir, First.class.getName())) {
      assertTrue(Registry.load(loader).names(Balancer.class).contains("first"));
    }
  }

  @Test
  void pluginsThatCannotBeLoadedAreNamed(@TempDir Path dir) throws IOException {
    String unlucky = Unlucky.class.getName();
    try (URLClassLoader loader =
        loader(dir, "a.Missing", unlucky, "b.Unlinkable", First.class.getName())) {
      List<String> lines = mistakesOf(() -> Registry.load(loader));
      assertEquals(3, lines.size(), lines::toString);
      assertEquals(
          "a.Missing: plugin: no such class (expected: on each line of "
              + Plugins.SERVICES
              + " the full name of a record that is there)",
          lines.get(0));
      assertTrue(lines.get(1).contains(unlucky), lines::toString);
      assertTrue(lines.get(1).contains("no luck"), lines::toString);
      assertTrue(lines.get(2).startsWith("b.Unlinkable: plugin: cannot"), lines::toString);
      assertTrue(lines.get(2).contains("a.client.Library"), lines::toString);
    }
  }

  @Test
  void whatCanBeLoadedWorksBesideWhatCannot(@TempDir Path dir) throws IOException {
    try (URLClassLoader loader =
        loader(
            dir, "a.Missing", "java.lang.String", First.class.getName(), Other.class.getName())) {
      Mistakes mistakes = new Mistakes();
      Registry loaded = Registry.load(loader, Map.of(), mistakes);
      assertTrue(loaded.names(Balancer.class).contains("first"));
      List<String> lines = mistakes.all().stream().map(Mistake::toString).toList();
      assertEquals(3, lines.size(), lines::toString);
      assertTrue(lines.get(0).startsWith("a.Missing: plugin: no such class"), lines.get(0));
      assertTrue(
          lines.get(1).contains("does not implement dev.forebay.spi.Plugin (expected: a record"),
          lines.get(1));
      assertTrue(lines.get(2).contains("a second balancer first"), lines.get(2));
    }
  }

  @Test
  void aPluginNamedLikeAKeyOfTheDocumentIsTold(@TempDir Path dir) throws IOException {
    try (URLClassLoader loader = loader(dir, First.class.getName())) {
      Mistakes mistakes = new Mistakes();
      Registry loaded =
          Registry.load(loader, Map.of(Balancer.class, Set.of("first", "http")), mistakes);
      assertFalse(loaded.names(Balancer.class).contains("first"));
      assertEquals(
          List.of(
              First.class.getName()
                  + ": plugin: a balancer first (expected: another name; first is a key of the"
                  + " document)"),
          mistakes.all().stream().map(Mistake::toString).toList());
    }
  }

  /** A type of another version. */
  interface Gone {}

  @Named("old")
  record Old(Gone gone) implements Plugin<Balancer> {
    @Override
    public Balancer create(PluginContext context) {
      throw new UnsupportedOperationException();
    }
  }

  @Named("old-kind")
  record OldKind() implements Plugin<Gone> {
    @Override
    public Gone create(PluginContext context) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void pluginsForAnotherVersionAreNamed(@TempDir Path dir) throws IOException {
    String old = Old.class.getName();
    String kind = OldKind.class.getName();
    try (URLClassLoader loader = loader(dir, old, kind, First.class.getName())) {
      Mistakes mistakes = new Mistakes();
      Registry loaded = Registry.load(loader, Map.of(), mistakes);
      assertTrue(loaded.names(Balancer.class).contains("first"));
      List<String> lines = mistakes.all().stream().map(Mistake::toString).toList();
      assertEquals(2, lines.size(), lines::toString);
      assertTrue(lines.get(0).startsWith(kind + ": plugin: needs the class "), lines.get(0));
      assertTrue(lines.get(0).contains(Gone.class.getName()), lines.get(0));
      assertTrue(lines.get(1).startsWith(old + ": plugin: needs the class "), lines.get(1));
      assertTrue(lines.get(1).contains("a plugin for this version of Forebay, "), lines.get(1));
      assertTrue(lines.get(1).contains(Gone.class.getName()), lines.get(1));
    }
  }

  /** Sees what the tests see, except {@link Gone}, and a class that cannot be linked. */
  private static URLClassLoader loader(Path dir, String... plugins) throws IOException {
    Path services = dir.resolve(Plugins.SERVICES);
    Files.createDirectories(services.getParent());
    Files.writeString(services, "# plugins\n" + String.join("\n", plugins));
    return new URLClassLoader(
        new URL[] {dir.toUri().toURL()}, RegistryTest.class.getClassLoader()) {
      @Override
      public Class<?> loadClass(String name) throws ClassNotFoundException {
        if (name.equals(Gone.class.getName())) {
          throw new ClassNotFoundException(name);
        }
        return name.equals(Old.class.getName()) || name.equals(OldKind.class.getName())
            ? defined(name)
            : super.loadClass(name);
      }

      private Class<?> defined(String name) throws ClassNotFoundException {
        try (InputStream bytes = getResourceAsStream(name.replace('.', '/') + ".class")) {
          byte[] all = Objects.requireNonNull(bytes).readAllBytes();
          return defineClass(name, all, 0, all.length);
        } catch (IOException e) {
          throw new ClassNotFoundException(name, e);
        }
      }

      @Override
      protected Class<?> findClass(String name) throws ClassNotFoundException {
        if (name.equals("b.Unlinkable")) {
          throw new NoClassDefFoundError("a/client/Library ... a.client.Library");
        }
        return super.findClass(name);
      }
    };
  }

  @Test
  void descriptionsAreSortedAndComplete() {
    List<PluginDescription> all = registry.descriptions();
    assertEquals(
        List.of("balancer first", "balancer round-robin", "token-meter first"),
        all.stream().map(p -> p.kind() + " " + p.name()).toList());
    assertEquals("Picks | always the first.", all.getFirst().doc());
    assertEquals(
        List.of(
            new OptionDescription(
                "depth", "whole number", "picks", "2", "1", false, "8", false, false, "How often."),
            new OptionDescription(
                "decay", "duration", null, "1m", "0s", true, null, false, false, ""),
            new OptionDescription(
                "key", "text", null, null, null, false, null, false, true, "Who it is."),
            new OptionDescription(
                "steps", "list of mapping", null, "[]", null, false, null, false, false, ""),
            new OptionDescription(
                "steps[].size", "size", "bytes", null, null, false, "1MiB", true, false, "")),
        all.getFirst().options());
    assertNotNull(all.getLast().options());
  }
}
