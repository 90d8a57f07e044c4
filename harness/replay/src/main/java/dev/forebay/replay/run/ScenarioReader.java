package dev.forebay.replay.run;

import dev.forebay.config.ConfigException;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.config.Place;
import dev.forebay.config.Registry;
import dev.forebay.core.cost.Prices;
import dev.forebay.gateway.Blueprint;
import dev.forebay.replay.trace.Carries;
import dev.forebay.replay.trace.OverlayOptions;
import dev.forebay.replay.trace.SyntheticOptions;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Range;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads scenarios. A scenario's {@code gateway} is a gateway document; each combination is a JSON
 * merge patch (RFC 7386) of it, so a list, such as the pipeline, is replaced as a whole. {@code
 * fleet} is short for backends of the plugin {@code simulated}, each {@code count} times.
 *
 * <p>A scenario that is {@code like} a built-in one is a merge patch of it.
 *
 * <p>Every comparison has a {@code baseline} (round robin over one list of backends, those of all
 * pools, and nothing else), also where the scenario names none. Two combinations that know more
 * than a gateway can are added unless the scenario names one of them: {@code unbounded-cache}
 * forgets no answer, {@code clairvoyant-balancer} knows how long answers will be. Every mistake of
 * the scenario and of all its combinations is in one report.
 */
public final class ScenarioReader {

  /** The combination that everything is measured against. */
  public static final String BASELINE = "baseline";

  /** The combination whose cache forgets nothing. */
  public static final String UNBOUNDED_CACHE = "unbounded-cache";

  /** The combination whose balancer knows how long answers will be. */
  public static final String CLAIRVOYANT_BALANCER = "clairvoyant-balancer";

  /** The key that names the built-in scenario that another is a merge patch of. */
  private static final String LIKE = "like";

  /** Keys that are not read as options. */
  private static final Set<String> PARTS =
      new LinkedHashSet<>(List.of(LIKE, "fleet", "gateway", "combinations"));

  /** The top-level keys of a scenario. */
  static final List<String> KEYS =
      Stream.concat(OptionsReader.keys(Head.class).stream(), PARTS.stream()).toList();

  /** Keys of a production gateway, some of which say nothing to a replay. */
  private static final Set<String> GATEWAY_KEYS =
      new LinkedHashSet<>(OptionsReader.keys(GatewayDocument.class));

  private final Registry registry;
  private final Mistakes mistakes = new Mistakes();
  private final UnaryOperator<Node> change;
  private final List<Membership.Stay> stays = new ArrayList<>();

  private ScenarioReader(Registry registry, UnaryOperator<Node> change) {
    this.registry = registry;
    this.change = change;
  }

  /** Names of the scenarios that come with Forebay. */
  public static List<String> builtIn() {
    return BuiltInScenarios.NAMES;
  }

  /**
   * A scenario by its name, or from a file.
   *
   * @throws ConfigException listing all mistakes
   */
  public static Scenario read(
      String nameOrFile, Registry registry, Function<String, @Nullable String> environment) {
    return read(nameOrFile, registry, environment, UnaryOperator.identity());
  }

  /**
   * A scenario by its name, or from a file, whose document is changed before it is understood.
   *
   * @throws ConfigException listing all mistakes
   */
  public static Scenario read(
      String nameOrFile,
      Registry registry,
      Function<String, @Nullable String> environment,
      UnaryOperator<Node> change) {
    if (BuiltInScenarios.NAMES.contains(nameOrFile)) {
      return new ScenarioReader(registry, change)
          .scenario(nameOrFile, BuiltInScenarios.document(nameOrFile, environment));
    }
    Path file = Path.of(nameOrFile);
    if (!nameOrFile.contains(".") && !nameOrFile.contains("/") && !Files.exists(file)) {
      throw new IllegalArgumentException(
          "scenario: '"
              + nameOrFile
              + "' (expected: a file, or "
              + Names.oneOf(BuiltInScenarios.NAMES, nameOrFile)
              + ")");
    }
    String base = String.valueOf(file.getFileName()).replaceAll("\\.ya?ml$", "");
    return new ScenarioReader(registry, change).scenario(base, Node.read(file, environment));
  }

  /**
   * A built-in scenario with other values.
   *
   * @param patch a merge patch of the document
   * @param group a merge patch of each group of its fleet
   * @throws ConfigException listing all mistakes
   */
  static Scenario patched(
      String name, Registry registry, Map<String, ?> patch, Map<String, ?> group) {
    Node document = BuiltInScenarios.document(name, variable -> null);
    Node fleet = document.get("fleet");
    List<Node> groups =
        fleet == null
            ? List.of()
            : fleet.items().stream().map(one -> one.merge(Node.of(group, "patch"))).toList();
    Node whole =
        document.merge(Node.of(patch, "patch")).merge(Node.of(Map.of("fleet", groups), "patch"));
    return new ScenarioReader(registry, UnaryOperator.identity()).scenario(name, whole);
  }

  /** The keys of a scenario that are read as options. */
  @Doc("A scenario of the harness.")
  record Head(
      @Doc("What it shows.") @Default("") String about,
      @Doc("A recorded trace, FORMAT:PATH; without it, traffic is generated.")
          @Nullable String trace,
      @Doc("Whether traffic is generated if the recorded trace is not there.") @Default("false")
          boolean traceOptional,
      @Doc("The generated traffic.") @Default("{}") SyntheticOptions synthetic,
      @Doc("What a recorded trace is given where it lacks it.") @Default("{}")
          OverlayOptions overlay,
      @Doc("Recorded arrivals are scaled to this share of the fleet's capacity; 0 leaves them.")
          @Default("0")
          @Range(min = 0, max = 1000)
          double load,
      @Doc("What callers expect.") @Default("{}") Objective objective,
      @Doc(
              "What the gateway itself adds to each request, from the caller and back; measured for"
                  + " a hit over loopback.")
          @Default("300us")
          @Range(min = 0, max = 10)
          Duration overhead,
      @Doc("How callers try again; by default they do not.") @Default("{}") Callers callers,
      @Doc(
              "How many gateways there are, which share the servers and Redis; a load balancer"
                  + " gives requests to them in turn.")
          @Default("1")
          @Range(min = 1, max = 100)
          int gateways,
      @Doc("What tokens cost; by default every model as deepseek-flash off-peak, October 2026.")
          @Default("{ cached-prompt: 0.003, prompt: 0.15, output: 0.60 }")
          Prices prices,
      @Doc("US dollars for an hour of a server: 2, as DeepSeek assumed for an H800 in March 2025.")
          @Default("2")
          @Range(min = 0, max = 1e6)
          double replicaPrice) {}

  @Doc("A combination.")
  record CombinationHead(
      @Doc("What it adds.") @Default("") String about,
      @Doc("What a trace must carry for it.") @Default("[]") List<Carries> needs) {}

  private Scenario scenario(String name, Node own) {
    DocumentKind.SCENARIO.check(own, mistakes);
    Node document = change.apply(resolved(own));
    Head head = new OptionsReader(registry).read(Head.class, document, PARTS, mistakes);
    List<Combination> combinations = combinations(document.get("combinations"), gateway(document));
    mistakes.throwIfAny();
    if (head == null) {
      throw new IllegalStateException("no head, and no mistake");
    }
    return new Scenario(
        name,
        head.about(),
        head.trace(),
        head.traceOptional(),
        head.synthetic(),
        head.overlay(),
        head.load(),
        head.objective(),
        head.overhead(),
        head.callers(),
        head.gateways(),
        head.prices(),
        head.replicaPrice(),
        List.copyOf(stays),
        combinations);
  }

  /** A scenario that is like a built-in one: a merge patch of it. */
  private Node resolved(Node own) {
    Node like = own.get(LIKE);
    if (like == null) {
      return own;
    }
    if (!BuiltInScenarios.NAMES.contains(like.text())) {
      mistakes.add(like, Names.oneOf(BuiltInScenarios.NAMES, like.text()));
      mistakes.throwIfAny();
    }
    Node other = BuiltInScenarios.document(like.text(), name -> null);
    return resolved(other).merge(own.without(LIKE));
  }

  private Node gateway(Node document) {
    Node gateway = document.get("gateway");
    Node fleet = document.get("fleet");
    Node base =
        gateway == null || gateway.kind() == Node.Kind.NULL
            ? Node.of(Map.of(), document.place().file())
            : gateway;
    if (base.kind() != Node.Kind.MAPPING) {
      mistakes.add(base, "a gateway: a mapping");
      return standIn(base);
    }
    if (fleet == null) {
      return base.get("backends") == null && base.get("pools") == null
          ? missing(base, document.placeOf("fleet"))
          : base;
    }
    if (fleet.kind() != Node.Kind.SEQUENCE || fleet.items().isEmpty()) {
      mistakes.add(fleet, "a list of groups of simulated servers, at least one");
      return standIn(base);
    }
    for (String key : List.of("backends", "pools")) {
      if (base.get(key) != null) {
        mistakes.add(base.placeOf(key), key + " beside fleet", "one of fleet and gateway." + key);
      }
    }
    List<Object> backends = new ArrayList<>();
    for (Node group : fleet.items()) {
      backends.addAll(servers(group));
    }
    return backends.isEmpty()
        ? standIn(base)
        : base.merge(Node.of(Map.of("backends", backends), document.place().file()));
  }

  private Node missing(Node gateway, Place place) {
    mistakes.add(place, "missing", "fleet, gateway.backends or gateway.pools");
    return standIn(gateway);
  }

  /** With a fleet in the place of one that is wrong, so that the rest can still be checked. */
  private static Node standIn(Node gateway) {
    Node patch = Node.of(Map.of("backends", List.of(Map.of("plugin", "simulated"))), "fleet");
    return gateway.kind() == Node.Kind.MAPPING ? gateway.merge(patch) : patch;
  }

  @Doc("A group of alike servers.")
  record Group(
      @Doc("Their ids, or the beginning of them where there are several.") @Default("node")
          String id,
      @Doc("How many there are.") @Default("1") @Range(min = 1, max = 1000) int count,
      @Doc("When they join the pool, from the start of a run; 0s: they are there from it.")
          @Default("0s")
          @Range(min = 0, max = 1e7)
          Duration joins,
      @Doc("When they leave it, from the start of a run; without it, never.")
          @Nullable Duration leaves) {}

  private List<Node> servers(Node group) {
    if (group.kind() != Node.Kind.MAPPING) {
      mistakes.add(group, "a group of simulated servers, such as { id: node, count: 4 }");
      return List.of();
    }
    Group head =
        new OptionsReader()
            .read(Group.class, group.only("id", "count", "joins", "leaves"), mistakes);
    List<Node> servers = new ArrayList<>();
    for (int i = 1; head != null && i <= head.count(); i++) {
      String id = head.count() == 1 ? head.id() : head.id() + "-" + i;
      Map<String, Object> named = new LinkedHashMap<>();
      named.put("plugin", "simulated");
      named.put("id", id);
      if (!head.joins().isZero() || head.leaves() != null) {
        stays.add(new Membership.Stay(id, head.joins(), head.leaves()));
      }
      servers.add(
          group.without("count", "joins", "leaves").merge(Node.of(named, group.place().file())));
    }
    return servers;
  }

  private List<Combination> combinations(@Nullable Node node, Node gateway) {
    Map<String, Node> named = new LinkedHashMap<>();
    if (node != null && node.kind() == Node.Kind.MAPPING) {
      for (String name : node.keys()) {
        Node combination = node.get(name);
        if (!Combination.isName(name)) {
          mistakes.add(node.placeOf(name), name, "1 to 40 letters, digits, _ and -");
        } else if (combination != null) {
          named.put(name, combination);
        }
      }
    } else if (node != null && node.kind() != Node.Kind.NULL) {
      mistakes.add(node, "a mapping of names to combinations");
    }
    List<Combination> all = new ArrayList<>();
    Node baseline = named.remove(BASELINE);
    add(all, BASELINE, baseline == null ? PlainCombinations.baseline(gateway) : baseline, gateway);
    named.forEach((name, combination) -> add(all, name, combination, gateway));
    if (!named.containsKey(UNBOUNDED_CACHE) && !named.containsKey(CLAIRVOYANT_BALANCER)) {
      add(all, UNBOUNDED_CACHE, PlainCombinations.unboundedCache(gateway), gateway);
      add(all, CLAIRVOYANT_BALANCER, PlainCombinations.clairvoyantBalancer(gateway), gateway);
    }
    return all;
  }

  /** Adds a combination, or what is wrong with it. */
  private void add(List<Combination> all, String name, Node node, Node gateway) {
    CombinationHead head =
        new OptionsReader().read(CombinationHead.class, node, Set.of("gateway"), mistakes);
    Node patch = node.get("gateway");
    Node whole = patch == null ? gateway : gateway.merge(patch);
    Blueprint blueprint =
        new OptionsReader(registry).read(Blueprint.class, whole, GATEWAY_KEYS, mistakes);
    if (head != null && blueprint != null) {
      Set<Carries> needs = EnumSet.noneOf(Carries.class);
      needs.addAll(head.needs());
      all.add(new Combination(name, head.about(), needs, blueprint, whole));
    }
  }
}
