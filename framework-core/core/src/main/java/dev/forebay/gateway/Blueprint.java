package dev.forebay.gateway;

import dev.forebay.config.Checked;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.limiting.MemoryOptions;
import dev.forebay.core.retrying.Fallback;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Inline;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A whole gateway as a description: the one model under the code and the YAML.
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
 *
 * @param top the stages that every request passes before it is routed to a pool; if it has backends
 *     of its own, they are the pool {@value Pool#DEFAULT}, which comes first
 * @param pools further pools, by name
 * @param routes rules that come before the models that pools name, in order
 * @param prices what tokens cost
 * @param extraWork the budget of retries, fallbacks, hedges and continued answers
 * @param memory the bound over all unfinished bodies, answers and recordings
 * @param sections what the gateway has beside its pipeline
 */
@Doc("A gateway.")
public record Blueprint(
    @Inline @Default("{}") Pool top,
    @Doc("Pools by name, for a gateway with several.") @Default("{}") Map<String, Pool> pools,
    @Doc("Rules of routing; the first that fits a request decides.") @Default("[]")
        List<Route> routes,
    @Doc("What tokens cost.") @Default("{}") Prices prices,
    @Doc("The budget of retries, fallbacks, hedges and continued answers.") @Default("{}")
        RetryBudget.Options extraWork,
    @Doc("The bound over all unfinished bodies, answers and recordings.") @Default("{}")
        MemoryOptions memory,
    @Inline @Default("[]") List<Plugin<Section>> sections)
    implements Checked {

  /** Copies. */
  public Blueprint {
    pools = Collections.unmodifiableMap(new LinkedHashMap<>(pools));
    routes = List.copyOf(routes);
    sections = List.copyOf(sections);
  }

  /** What every request passes, first the outermost, before it is routed to a pool. */
  public List<Plugin<Filter>> stages() {
    return top.stages();
  }

  /** All pools by name, in order; at least one. */
  public Map<String, Pool> allPools() {
    Map<String, Pool> all = new LinkedHashMap<>();
    if (top.serves()) {
      Pool.Stages own = new Pool.Stages(List.of(), top.pipeline().balance());
      all.put(Pool.DEFAULT, new Pool(own, top.models(), top.backends(), top.discover()));
    }
    all.putAll(pools);
    return all;
  }

  @Override
  public void check(Faults faults) {
    checkPools(faults);
    checkModels(faults);
    Map<String, Pool> all = allPools();
    references(
        this,
        (holder, option, pool) -> {
          if (!all.containsKey(pool) && !isLost(faults, pool)) {
            faults.add(
                holder, option.name(), pool + " (expected: " + others(holder, option, pool) + ")");
          }
        });
    checkCircles(faults);
  }

  /** The pools that an option may name, in words; a stage asks no pool that it is in itself. */
  private String others(Record holder, Options.Option option, String given) {
    Set<String> names = new LinkedHashSet<>(allPools().keySet());
    pools.forEach(
        (name, pool) -> {
          if (option.asked() && holds(pool, holder)) {
            names.remove(name);
          }
        });
    return names.isEmpty()
        ? "another pool than its own, and there is none"
        : "a pool: " + Names.oneOf(names, given);
  }

  /**
   * Checks a blueprint that code has made.
   *
   * @throws IllegalArgumentException if something is wrong: the first thing, with the name of the
   *     stage, the backend or the pool
   */
  @Override
  public void require() {
    Faults faults =
        (holder, option, message) -> {
          throw new IllegalArgumentException(named(holder) + option + ": " + message);
        };
    check(faults);
    allPools().values().forEach(pool -> pool.check(faults));
    routes.forEach(route -> Options.check("route", route));
    Options.check("extra-work", extraWork);
    Options.check("memory", memory);
  }

  /** What a record is, with the pool that it is in, for the beginning of a message. */
  private String named(Record holder) {
    String own = holder instanceof Plugin<?> plugin ? Plugins.name(plugin) : "";
    for (Map.Entry<String, Pool> pool : pools.entrySet()) {
      if (pool.getValue() == holder) {
        return "pool " + pool.getKey() + ": ";
      } else if (holds(pool.getValue(), holder)) {
        return pool.getKey() + "/" + own + ": ";
      }
    }
    return holder instanceof Route || holder instanceof Route.Target
        ? "route: "
        : own.isEmpty() ? "" : own + ": ";
  }

  private static boolean holds(Pool pool, Record holder) {
    AtomicBoolean found = new AtomicBoolean();
    Options.visit(pool, (record, option, value) -> found.compareAndSet(false, record == holder));
    return found.get();
  }

  /** Whether a pool may be missing only because what names it could not be read. */
  private boolean isLost(Faults faults, String pool) {
    return !faults.whole(this, "pools")
        || (pool.equals(Pool.DEFAULT) && !top.saysWhetherItServes(faults));
  }

  private void checkPools(Faults faults) {
    boolean none = !top.serves() && top.saysWhetherItServes(faults);
    if (none && pools.isEmpty() && faults.whole(this, "pools")) {
      faults.add(top, "backends", "missing (expected: a list of backends, discover, or pools)");
    }
    if (none && !top.models().isEmpty()) {
      faults.add(
          top,
          "models",
          "models without backends (expected: no models without backends beside them: pools name"
              + " their own)");
    }
    if (none && !pools.isEmpty() && top.pipeline().balance() != null) {
      faults.add(top, "pipeline", "balance (expected: balance in the pools' pipelines)");
    }
    if (top.serves() && pools.containsKey(Pool.DEFAULT)) {
      faults.add(this, "pools", Pool.DEFAULT + " twice (expected: unique names)");
    }
    pools.forEach(
        (name, pool) -> {
          if (!pool.serves() && pool.saysWhetherItServes(faults)) {
            faults.add(pool, "backends", "missing (expected: a list of backends, or discover)");
          }
        });
  }

  /** A model is of one pool, and a rule leads to one. */
  private void checkModels(Faults faults) {
    Map<String, String> byModel = new LinkedHashMap<>();
    allPools()
        .forEach(
            (name, pool) -> {
              for (String model : pool.models()) {
                String taken = byModel.putIfAbsent(model, name);
                if (taken != null) {
                  faults.add(
                      name.equals(Pool.DEFAULT) && top.serves() ? top : pool,
                      "models",
                      taken.equals(name)
                          ? model + " twice (expected: once)"
                          : model + " in " + taken + " and " + name + " (expected: one pool)");
                }
              }
            });
    if (isAnyModelTaken(faults)) {
      return;
    }
    for (Route route : routes) {
      for (Route.Target target : route.to()) {
        String asked = target.model();
        String model = asked == null ? route.models().get(0) : asked;
        boolean known =
            faults.whole(target, "model")
                && faults.whole(target, "pool")
                && faults.whole(route, "models");
        if (known && target.pool() == null && !byModel.containsKey(model)) {
          faults.add(
              asked == null ? route : target,
              asked == null ? "models" : "model",
              model + " is of no pool (expected: a pool, or a model that one names)");
        }
      }
    }
  }

  /** Whether a pool takes, or may take, models that no pool names. */
  private boolean isAnyModelTaken(Faults faults) {
    boolean lost = !faults.whole(this, "pools") || !top.saysWhetherItServes(faults);
    return lost
        || (top.serves() && !faults.whole(top, "models"))
        || pools.values().stream().anyMatch(pool -> !faults.whole(pool, "models"))
        || allPools().values().stream().anyMatch(pool -> pool.models().isEmpty());
  }

  /** A request that no pool can answer must not go around in circles. */
  private void checkCircles(Faults faults) {
    Map<String, Set<String>> next = next();
    Set<String> told = new LinkedHashSet<>();
    pools.forEach(
        (name, pool) ->
            references(
                pool,
                (holder, option, other) -> {
                  if (!option.asked()) {
                    return;
                  } else if (other.equals(name)) {
                    faults.add(
                        holder, option.name(), other + " (expected: another pool than its own)");
                  } else if (!told.contains(name) && reached(other, next).contains(name)) {
                    told.addAll(reached(other, next));
                    faults.add(
                        holder,
                        option.name(),
                        name + " falls back to itself by way of others (expected: no circle)");
                  }
                }));
  }

  /**
   * The pools that requests in a stage may come to: a set for each of those that they never leave.
   *
   * @param pool whose stage it is; null for one that every request passes
   */
  List<Set<String>> reached(@Nullable String pool) {
    Set<String> all = allPools().keySet();
    boolean byModel =
        routes.isEmpty()
            && stages().stream().noneMatch(stage -> Plugins.options(stage) instanceof Fallback);
    if (pool == null && !byModel) {
      return List.of(all);
    }
    Map<String, Set<String>> next = next();
    return (pool == null ? all : Set.of(pool)).stream().map(from -> reached(from, next)).toList();
  }

  /** For each pool those that its stages ask. */
  private Map<String, Set<String>> next() {
    Map<String, Set<String>> next = new LinkedHashMap<>();
    pools.forEach((name, pool) -> next.put(name, named(pool)));
    return next;
  }

  private static Set<String> named(Pool pool) {
    Set<String> named = new LinkedHashSet<>();
    references(
        pool,
        (holder, option, other) -> {
          if (option.asked()) {
            named.add(other);
          }
        });
    return named;
  }

  /** Takes an option that names a pool. */
  private interface References {
    void take(Record holder, Options.Option option, String pool);
  }

  private static void references(Record record, References references) {
    Options.visit(
        record,
        (holder, option, value) -> {
          if ("pool".equals(option.ref()) && value instanceof String pool) {
            references.take(holder, option, pool);
          }
        });
  }

  /** The pools that a request may come to from one. */
  private static Set<String> reached(String from, Map<String, Set<String>> next) {
    Set<String> reached = new LinkedHashSet<>(Set.of(from));
    for (int size = 0; size < reached.size(); ) {
      size = reached.size();
      List.copyOf(reached).forEach(pool -> reached.addAll(next.getOrDefault(pool, Set.of())));
    }
    return reached;
  }
}
