package dev.forebay.replay.run;

import dev.forebay.config.ConfigException;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.config.Registry;
import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.OverlayOptions;
import dev.forebay.replay.trace.SyntheticOptions;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Range;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads scenarios. A scenario's {@code gateway} is a gateway document; each combination is a JSON
 * merge patch (RFC 7386) of it, so a list, such as the pipeline, is replaced as a whole. {@code
 * fleet} is short for backends of the plugin {@code simulated}, each {@code count} times.
 *
 * <p>Every comparison has a {@code baseline} (round robin over one list of backends, nothing else)
 * and an {@code oracle} (a cache without a bound, and a balancer that knows the future), also where
 * the scenario names none.
 */
public final class ScenarioReader {

  /** The combination that everything is measured against. */
  public static final String BASELINE = "baseline";

  /** The combination that knows what none can know. */
  public static final String ORACLE = "oracle";

  private static final List<String> BUILT_IN = List.of("overload");

  private final Registry registry;
  private final Mistakes mistakes = new Mistakes();

  private ScenarioReader(Registry registry) {
    this.registry = registry;
  }

  /** Names of the scenarios that come with Forebay. */
  public static List<String> builtIn() {
    return BUILT_IN;
  }

  /**
   * A scenario by its name, or from a file.
   *
   * @throws ConfigException listing all mistakes
   */
  public static Scenario read(
      String nameOrFile, Registry registry, Function<String, @Nullable String> environment) {
    if (BUILT_IN.contains(nameOrFile)) {
      String resource = "/scenarios/" + nameOrFile + ".yaml";
      return new ScenarioReader(registry)
          .scenario(nameOrFile, Node.parse(nameOrFile + ".yaml", text(resource), environment));
    }
    if (!nameOrFile.contains(".") && !nameOrFile.contains("/")) {
      throw new IllegalArgumentException(
          "scenario: '"
              + nameOrFile
              + "' (expected: a file, or one of "
              + String.join(", ", BUILT_IN)
              + ")");
    }
    Path file = Path.of(nameOrFile);
    String base = String.valueOf(file.getFileName()).replaceAll("\\.ya?ml$", "");
    return new ScenarioReader(registry).scenario(base, Node.read(file, environment));
  }

  private static String text(String resource) {
    try (InputStream in = ScenarioReader.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The keys of a scenario that are read as options. */
  @Doc("A scenario of the harness.")
  record Head(
      @Doc("What it shows.") @Default("") String about,
      @Doc("A recorded trace, FORMAT:PATH; without it, traffic is generated.")
          @Nullable String trace,
      @Doc("The generated traffic.") @Default("{}") SyntheticOptions synthetic,
      @Doc("What a recorded trace is given where it lacks it.") @Default("{}")
          OverlayOptions overlay,
      @Doc("Recorded arrivals are scaled to this share of the fleet's capacity; 0 leaves them.")
          @Default("0")
          @Range(min = 0, max = 1000)
          double load,
      @Doc("What callers expect.") @Default("{}") Objective objective,
      @Doc("What tokens cost.") @Default("{}") Prices prices) {}

  @Doc("A combination.")
  record CombinationHead(
      @Doc("What it adds.") @Default("") String about,
      @Doc("What a trace must carry for it.") @Default("[]") List<Carries> needs) {}

  private Scenario scenario(String name, Node document) {
    Head head =
        new OptionsReader(registry)
            .read(Head.class, document.without("gateway", "fleet", "combinations"), mistakes);
    Node gateway = gateway(document);
    List<Combination> combinations = combinations(document.get("combinations"), gateway);
    mistakes.throwIfAny();
    if (head == null) {
      throw new IllegalStateException("no head, and no mistake");
    }
    return new Scenario(
        name,
        head.about(),
        head.trace(),
        head.synthetic(),
        head.overlay(),
        head.load(),
        head.objective(),
        head.prices(),
        gateway,
        combinations);
  }

  private Node gateway(Node document) {
    Node gateway = document.get("gateway");
    Node fleet = document.get("fleet");
    Node base = gateway == null ? Node.of(Map.of(), document.place().file()) : gateway;
    if (fleet == null) {
      return base;
    }
    if (fleet.kind() != Node.Kind.SEQUENCE) {
      mistakes.add(fleet, "a list of groups of simulated servers");
      return base;
    }
    List<Object> backends = new ArrayList<>();
    for (Node group : fleet.items()) {
      backends.addAll(servers(group));
    }
    return base.merge(Node.of(Map.of("backends", backends), document.place().file()));
  }

  @Doc("A group of alike servers.")
  record Group(
      @Doc("Their ids, or the beginning of them where there are several.") @Default("node")
          String id,
      @Doc("How many there are.") @Default("1") @Range(min = 1, max = 1000) int count) {}

  private List<Node> servers(Node group) {
    Group head = new OptionsReader().read(Group.class, group.only("id", "count"), mistakes);
    List<Node> servers = new ArrayList<>();
    for (int i = 1; head != null && i <= head.count(); i++) {
      String id = head.count() == 1 ? head.id() : head.id() + "-" + i;
      Map<String, Object> named = new LinkedHashMap<>();
      named.put("plugin", "simulated");
      named.put("id", id);
      servers.add(group.without("count").merge(Node.of(named, group.place().file())));
    }
    return servers;
  }

  private List<Combination> combinations(@Nullable Node node, Node gateway) {
    Map<String, Combination> all = new LinkedHashMap<>();
    all.put(BASELINE, baseline(gateway));
    if (node != null && node.kind() == Node.Kind.MAPPING) {
      for (String name : node.keys()) {
        Node combination = node.get(name);
        if (combination != null) {
          all.put(name, combination(name, combination, gateway));
        }
      }
    } else if (node != null && node.kind() != Node.Kind.NULL) {
      mistakes.add(node, "a mapping of names to combinations");
    }
    Combination oracle = all.remove(ORACLE);
    all.put(ORACLE, oracle == null ? oracle(gateway) : oracle);
    return List.copyOf(all.values());
  }

  private Combination combination(String name, Node node, Node gateway) {
    CombinationHead head =
        new OptionsReader().read(CombinationHead.class, node.without("gateway"), mistakes);
    Set<Carries> needs = EnumSet.noneOf(Carries.class);
    if (head != null) {
      needs.addAll(head.needs());
    }
    Node patch = node.get("gateway");
    return new Combination(
        name,
        head == null ? "" : head.about(),
        needs,
        patch == null ? gateway : gateway.merge(patch));
  }

  private static Combination baseline(Node gateway) {
    Node patch = Node.of(Map.of("pipeline", List.of(stage("balance", "round-robin"))), BASELINE);
    return new Combination(
        BASELINE,
        "round robin over one list of backends, nothing else",
        EnumSet.noneOf(Carries.class),
        gateway.merge(patch));
  }

  private static Combination oracle(Node gateway) {
    Node patch =
        Node.of(
            Map.of(
                "pipeline",
                List.of(stage("cache", Map.of("store", "unbounded")), stage("balance", "oracle"))),
            ORACLE);
    return new Combination(
        ORACLE,
        "a cache without a bound, and a balancer that knows the future",
        EnumSet.noneOf(Carries.class),
        gateway.merge(patch));
  }

  private static Map<String, Object> stage(String name, Object options) {
    return Map.of(name, options);
  }
}
