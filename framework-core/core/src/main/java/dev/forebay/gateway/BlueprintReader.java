package dev.forebay.gateway;

import dev.forebay.config.Mistake;
import dev.forebay.config.Mistakes;
import dev.forebay.config.Node;
import dev.forebay.config.OptionsReader;
import dev.forebay.config.Place;
import dev.forebay.config.Registry;
import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Member;
import dev.forebay.core.balancing.Prober;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.limiting.MemoryOptions;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.HealthProbe;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the blueprint of a gateway from a document: the keys {@code pipeline}, {@code pools},
 * {@code backends}, {@code discover}, {@code models}, {@code routes}, {@code prices} and {@code
 * extra-work}. Every mistake is reported, not only the first.
 *
 * <pre>
 * pipeline:
 *   - deadline: { total: 60s, first-content: 20s }
 *   - rate-limit: { by: { plugin: token-bucket, rate: 10, burst: 5 } }
 *   - cache: { store: lru }
 *   - retry: { attempts: 3 }
 *   - admit: { limit: gradient2, queue: { plugin: priority, capacity: 500 } }
 *   - balance: { by: least-connections, health: consecutive-failures }
 * backends:
 *   - { plugin: openai, id: a, url: "http://127.0.0.1:9001" }
 * </pre>
 */
public final class BlueprintReader {

  /** The top-level keys that this reader takes. */
  public static final Set<String> KEYS =
      new java.util.LinkedHashSet<>(
          List.of(
              "pipeline",
              "pools",
              "backends",
              "discover",
              "models",
              "extra-work",
              "routes",
              "prices",
              "memory"));

  private static final String BALANCE = "balance";

  private final Registry registry;
  private final Mistakes mistakes;
  private final OptionsReader options;
  private final DiscoverReader discovery;
  private final List<Reference> references = new ArrayList<>();

  /**
   * A pool that something names.
   *
   * @param from the pool whose stage names it; null if no pool's stage does
   */
  private record Reference(@Nullable String from, String pool, Place place) {}

  private BlueprintReader(Registry registry, Mistakes mistakes) {
    this.registry = registry;
    this.mistakes = mistakes;
    this.options = new OptionsReader(registry);
    this.discovery = new DiscoverReader(registry, options, mistakes);
  }

  /**
   * Reads a blueprint; other top-level keys are left to others.
   *
   * @param mistakes takes what is wrong
   * @return null where something is wrong
   */
  public static @Nullable Blueprint read(Node document, Registry registry, Mistakes mistakes) {
    return new BlueprintReader(registry, mistakes).document(document);
  }

  private @Nullable Blueprint document(Node document) {
    if (document.kind() != Node.Kind.MAPPING) {
      String expected = "a mapping with pipeline, and backends or pools";
      if (document.kind() == Node.Kind.NULL) {
        mistakes.add(document.place(), "empty", expected);
      } else {
        mistakes.add(document, expected);
      }
      return null;
    }
    int before = mistakes.all().size();
    RetryBudget.Options extraWork = whole(RetryBudget.Options.class, document.get("extra-work"));
    Prices prices = whole(Prices.class, document.get("prices"));
    MemoryOptions memory = whole(MemoryOptions.class, document.get("memory"));
    List<Route> routes = routes(document.get("routes"));
    Parts top = parts(document.get("pipeline"), null);
    List<Pool> pools = pools(document, top);
    checkReferences(pools);
    if (mistakes.all().size() > before || extraWork == null || prices == null || memory == null) {
      return null;
    }
    try {
      return new Blueprint(top.stages, pools, extraWork, routes, prices, memory);
    } catch (IllegalArgumentException e) {
      mistakes.add(unfit(document, String.valueOf(e.getMessage())));
      return null;
    }
  }

  /** Every pool that something names must be there. */
  private void checkReferences(List<Pool> pools) {
    List<String> names = pools.stream().map(Pool::name).toList();
    for (Reference reference : references) {
      if (!names.contains(reference.pool)) {
        String expected = "a pool: " + String.join(", ", names);
        mistakes.add(reference.place, reference.pool, expected);
      } else if (reference.pool.equals(reference.from)) {
        mistakes.add(reference.place, reference.pool, "another pool than its own");
      }
    }
  }

  /** What only the whole shows, at the key that the message begins with. */
  private Mistake unfit(Node document, String message) {
    int colon = message.indexOf(": ");
    String key = colon < 0 ? "" : message.substring(0, colon);
    String rest = colon < 0 ? message : message.substring(colon + 2);
    for (Reference reference : references) {
      if (key.equals("fallback") && rest.startsWith(reference.from + " ")) {
        return Mistake.refused(reference.place, rest);
      }
    }
    if (key.equals("models") && document.get("pools") != null) {
      return Mistake.refused(document.placeOf("pools"), message);
    }
    return KEYS.contains(key)
        ? Mistake.refused(document.placeOf(key), rest)
        : Mistake.refused(document.place(), message);
  }

  /** Options that are a key of the document; its defaults where it is not there. */
  private <O extends Record> @Nullable O whole(Class<O> type, @Nullable Node node) {
    return node == null || node.kind() == Node.Kind.NULL
        ? Options.defaults(type)
        : options.read(type, node, mistakes);
  }

  private List<Route> routes(@Nullable Node node) {
    List<Route> routes = new ArrayList<>();
    if (node != null && node.kind() == Node.Kind.SEQUENCE) {
      for (Node item : node.items()) {
        Route route = options.read(Route.class, item, mistakes);
        if (route != null) {
          routes.add(route);
          references(item);
        }
      }
    } else if (node != null && node.kind() != Node.Kind.NULL) {
      mistakes.add(node, "a list of rules, such as { models: [chat], to: [{ pool: local }] }");
    }
    return routes;
  }

  private void references(Node route) {
    Node targets = route.get("to");
    for (Node target : targets == null ? List.<Node>of() : targets.items()) {
      Node pool = target.get("pool");
      if (pool != null && pool.kind() == Node.Kind.SCALAR) {
        references.add(new Reference(null, pool.text(), pool.place()));
      }
    }
  }

  private List<Pool> pools(Node document, Parts top) {
    List<Pool> pools = new ArrayList<>();
    Node backends = document.get("backends");
    Node discover = document.get("discover");
    if (backends != null || discover != null) {
      pools.add(
          new Pool(
              Pool.DEFAULT,
              names(document.get("models")),
              List.of(),
              top.balanceOrDefault(),
              backends == null ? List.of() : members(backends),
              discover == null ? null : discovery.read(discover)));
    }
    if (backends == null && discover == null) {
      unused(document, "models", "no models without backends beside them: pools name their own");
      if (top.balance != null) {
        mistakes.add(document.placeOf("pipeline"), "balance", "balance in the pools' pipelines");
      }
    }
    Node named = document.get("pools");
    if (named != null && named.kind() == Node.Kind.MAPPING) {
      named.keys().forEach(name -> pools.add(pool(name, child(named, name))));
    } else if (named != null && named.kind() != Node.Kind.NULL) {
      mistakes.add(named, "a mapping of pool names to pools");
    }
    if (pools.isEmpty()) {
      mistakes.add(
          document.placeOf("backends"), "missing", "a list of backends, discover, or pools");
    }
    return pools;
  }

  private void unused(Node document, String key, String expected) {
    Node node = document.get(key);
    if (node != null && node.kind() != Node.Kind.NULL) {
      mistakes.add(node, expected);
    }
  }

  private Pool pool(String name, Node pool) {
    if (pool.kind() != Node.Kind.MAPPING) {
      mistakes.add(pool, "a mapping with backends, and perhaps models and pipeline");
      return new Pool(name, List.of(), List.of(), new Parts(name).balanceOrDefault(), List.of());
    }
    mistakes.unknownKeys(pool, List.of("models", "pipeline", "backends", "discover"));
    Parts parts = parts(pool.get("pipeline"), name);
    Node backends = pool.get("backends");
    Node discover = pool.get("discover");
    if (backends == null && discover == null) {
      mistakes.add(pool.placeOf("backends"), "missing", "a list of backends, or discover");
    }
    return new Pool(
        name,
        names(pool.get("models")),
        parts.stages,
        parts.balanceOrDefault(),
        backends == null ? List.of() : members(backends),
        discover == null ? null : discovery.read(discover));
  }

  private List<String> names(@Nullable Node node) {
    if (node == null || node.kind() == Node.Kind.NULL) {
      return List.of();
    }
    if (node.kind() != Node.Kind.SEQUENCE) {
      mistakes.add(node, "a list of model names");
      return List.of();
    }
    for (Node item : node.items()) {
      if (item.kind() != Node.Kind.SCALAR) {
        mistakes.add(item, "the name of a model");
      }
    }
    return node.items().stream().map(Node::text).toList();
  }

  private List<Pool.Member> members(Node backends) {
    List<Pool.Member> members = new ArrayList<>();
    Map<String, Place> ids = new LinkedHashMap<>();
    if (backends.kind() != Node.Kind.SEQUENCE || backends.items().isEmpty()) {
      mistakes.add(backends, "a list of backends, at least one");
      return members;
    }
    for (Node backend : backends.items()) {
      Share share = new Share(1, 0, false, List.of(), 0);
      Node rest = backend;
      if (backend.kind() == Node.Kind.MAPPING) {
        Share read = options.read(Share.class, backend.only(Share.NAMES), mistakes);
        share = read == null ? share : read;
        if (share.backup() && backend.get("group") != null) {
          mistakes.add(backend.placeOf("backup"), "backup beside group", "one of backup and group");
        }
        rest = backend.without(Share.NAMES);
      }
      Plugin<Backend> plugin = registry.plugin(Backend.class, rest, keys(Share.NAMES), mistakes);
      checkId(plugin, backend, ids);
      members.add(new Pool.Member(plugin, share.weight(), share.place(), share.terms()));
    }
    return members;
  }

  /** Backends of one pool have ids of their own. */
  private void checkId(Plugin<Backend> plugin, Node backend, Map<String, Place> ids) {
    String id = id(Plugins.options(plugin));
    Place place = backend.placeOf("id");
    Place earlier = id == null ? null : ids.putIfAbsent(id, place);
    if (id != null && earlier != null) {
      mistakes.add(
          place, id, "an id of its own; the backend on line " + earlier.line() + " has this one");
    }
  }

  /** The option {@code id} of a backend; null if it has none. */
  private static @Nullable String id(@Nullable Record options) {
    if (options == null) {
      return null;
    }
    for (RecordComponent component : options.getClass().getRecordComponents()) {
      if (component.getName().equals("id") && component.getType() == String.class) {
        try {
          component.getAccessor().setAccessible(true);
          return (String) component.getAccessor().invoke(options);
        } catch (ReflectiveOperationException | RuntimeException e) {
          return null; // the pool finds out, when it is made
        }
      }
    }
    return null;
  }

  private static Set<String> keys(String... names) {
    return new LinkedHashSet<>(List.of(names));
  }

  private Parts parts(@Nullable Node pipeline, @Nullable String pool) {
    Parts parts = new Parts(pool);
    if (pipeline == null || pipeline.kind() == Node.Kind.NULL) {
      return parts;
    }
    if (pipeline.kind() != Node.Kind.SEQUENCE) {
      mistakes.add(pipeline, "a list of stages");
      return parts;
    }
    for (Node item : pipeline.items()) {
      if (item.kind() == Node.Kind.MAPPING && item.keys().size() == 1) {
        String kind = item.keys().get(0);
        stage(kind, child(item, kind), parts);
      } else if (item.kind() == Node.Kind.SCALAR) {
        stage(item.text(), item.emptied(), parts);
      } else {
        mistakes.add(item, stages(""));
      }
    }
    return parts;
  }

  private void stage(String name, Node node, Parts parts) {
    if (parts.balance != null) {
      mistakes.add(node.place(), name, "no stage after balance, which is the last");
    }
    if (name.equals(BALANCE)) {
      balance(node, parts);
      return;
    }
    Plugin<Filter> stage = registry.named(Filter.class, name, stages(name), node, mistakes);
    if (stage != null) {
      parts.stages.add(stage);
      Blueprint.named(stage)
          .forEach(
              (option, pool) ->
                  references.add(new Reference(parts.pool, pool, node.placeOf(option))));
    }
  }

  private String stages(String given) {
    List<String> names = new ArrayList<>(registry.names(Filter.class));
    names.add(BALANCE);
    return "a stage: " + Names.oneOf(names, given);
  }

  /** Options that stand beside keys of their own. */
  private <O extends Record> @Nullable O read(Class<O> type, Node node, String... own) {
    return options.read(type, node.without(own), keys(own), mistakes);
  }

  private void balance(Node node, Parts parts) {
    if (node.kind() == Node.Kind.SCALAR) {
      parts.balance =
          new Pool.Balance(
              registry.plugin(Balancer.class, node, mistakes),
              null,
              Options.defaults(BalancingService.Options.class));
      return;
    }
    if (!mapping(node, "balance", "by")) {
      return;
    }
    Plugin<Balancer> by = plugin(Balancer.class, node, "by");
    Node judge = node.get("health");
    Plugin<HealthPolicy> health =
        judge == null ? null : registry.plugin(HealthPolicy.class, judge, mistakes);
    Node question = node.get("probe");
    Pool.Probe probe = question == null ? null : probe(question);
    BalancingService.Options read =
        read(BalancingService.Options.class, node, "by", "health", "probe");
    if (read != null) {
      parts.balance = new Pool.Balance(by, health, read, probe);
    }
  }

  private Pool.@Nullable Probe probe(Node node) {
    if (node.kind() == Node.Kind.SCALAR) {
      return new Pool.Probe(
          registry.plugin(HealthProbe.class, node, mistakes),
          Options.defaults(Prober.Options.class));
    }
    if (!mapping(node, "probe", "by")) {
      return null;
    }
    Plugin<HealthProbe> by = plugin(HealthProbe.class, node, "by");
    Prober.Options read = read(Prober.Options.class, node, "by");
    return read == null ? null : new Pool.Probe(by, read);
  }

  private <T> Plugin<T> plugin(Class<T> kind, Node node, String key) {
    Node plugin = node.get(key);
    if (plugin == null) {
      mistakes.add(
          node.placeOf(key),
          "missing",
          "the name of a " + Names.nameOf(kind) + ": " + String.join(", ", registry.names(kind)));
      return NamedPlugin.of(
          kind,
          "missing",
          context -> {
            throw new IllegalStateException(key);
          });
    }
    return registry.plugin(kind, plugin, mistakes);
  }

  private boolean mapping(Node node, String stage, String key) {
    if (node.kind() == Node.Kind.MAPPING) {
      return true;
    }
    mistakes.add(node, "a mapping, such as " + stage + ": { " + key + ": NAME }");
    return false;
  }

  private static Node child(Node node, String key) {
    Node child = node.get(key);
    if (child == null) {
      throw new IllegalStateException(key);
    }
    return child;
  }

  /** What every backend may say beside its plugin's options. */
  @Doc("The place of a backend in its pool.")
  record Share(
      @Doc("Its share of the work, relative to others.")
          @Default("1")
          @Range(min = 0, max = 1e6, exclusiveMin = true)
          double weight,
      @Doc("Its priority group: 0 serves first.") @Default("0") @Range(min = 0, max = 100)
          int group,
      @Doc("Whether it is in the last group, 100, which serves only when no other can.")
          @Default("false")
          boolean backup,
      @Doc("Tenants whose requests it may take; empty for all.") @Default("[]")
          List<String> tenants,
      @Doc("Price of a million tokens of answers above which others are asked first; 0: any.")
          @Default("0")
          @Range(min = 0, max = 1e6)
          @Unit("US dollars")
          double maxPrice) {

    static final String[] NAMES = {"weight", "group", "backup", "tenants", "max-price"};

    Restrictions terms() {
      return new Restrictions(tenants, maxPrice, Prices.NONE);
    }

    int place() {
      return backup ? Member.BACKUP : group;
    }
  }

  /** A pipeline on its way from YAML: the stages, and the balancing that ends it. */
  private static final class Parts {
    private final @Nullable String pool;
    private final List<Plugin<Filter>> stages = new ArrayList<>();
    private Pool.@Nullable Balance balance;

    /**
     * An empty one.
     *
     * @param pool whose it is; null if it is the one before all pools
     */
    Parts(@Nullable String pool) {
      this.pool = pool;
    }

    Pool.Balance balanceOrDefault() {
      return balance != null
          ? balance
          : new Pool.Balance(null, null, Options.defaults(BalancingService.Options.class));
    }
  }
}
