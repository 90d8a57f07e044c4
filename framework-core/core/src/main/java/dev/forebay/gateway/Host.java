package dev.forebay.gateway;

import dev.forebay.core.Counters;
import dev.forebay.core.MemoryOptions;
import dev.forebay.core.PluginErrors;
import dev.forebay.spi.Counter;
import dev.forebay.spi.MemoryBudget;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.Plugins;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway runs on: time, chance, and what the host lends to plugins. A process has a Vert.x
 * instance to lend; a replay has none, but virtual time.
 */
public final class Host {

  private final Timeline timeline;
  private final long seed;
  private final Map<Class<?>, Object> resources = new LinkedHashMap<>();
  private final Counters counters = new Counters();
  private final PluginErrors errors = new PluginErrors();
  private final Parts parts = new Parts(errors);
  private @Nullable List<Chance> chances;

  /** The chance that a plugin was given. */
  private record Chance(long seed, RandomGenerator random) {}

  /** A host of a timeline and a seed of all chance. */
  public Host(Timeline timeline, long seed) {
    this.timeline = timeline;
    this.seed = seed;
  }

  /** Lends something to plugins, by its type. */
  public <T> Host lend(Class<T> type, T resource) {
    resources.put(type, resource);
    return this;
  }

  /**
   * Notes the chance that plugins are given, for {@link #chanceDrawn}. Before a gateway is made.
   */
  public Host watchingChance() {
    chances = new ArrayList<>();
    return this;
  }

  /**
   * Whether a plugin drew chance so far: if none did, any other seed gives the same. It uses up the
   * chance, so it is for the end of a run.
   *
   * @throws IllegalStateException if chance was not watched
   */
  public boolean chanceDrawn() {
    if (chances == null) {
      throw new IllegalStateException("chance: not watched (expected: watchingChance first)");
    }
    for (Chance chance : chances) {
      if (chance.random.nextLong() != new SplittableRandom(chance.seed).nextLong()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where a thread is in the code of a plugin, also while a gateway is being made. From any thread.
   *
   * @return the plugin, the call and the line, in words; null if it is in no plugin
   */
  public @Nullable String pluginCall(StackTraceElement[] stack) {
    return errors.calling(stack);
  }

  PluginErrors errors() {
    return errors;
  }

  Parts parts() {
    return parts;
  }

  Timeline timeline() {
    return timeline;
  }

  /** The budget that was lent to plugins; else one by these options, which is lent from now on. */
  MemoryBudget memory(MemoryOptions options) {
    MemoryBudget budget =
        (MemoryBudget) resources.computeIfAbsent(MemoryBudget.class, absent -> options.budget());
    counters.gauge("memory.held_bytes", budget::taken);
    counters.gauge("memory.bound_bytes", budget::bytes);
    return budget;
  }

  Counters counters() {
    return counters;
  }

  /** The context of a plugin, by its unique name. */
  PluginContext context(String name) {
    long own = mix(seed, name);
    RandomGenerator random = new SplittableRandom(own);
    if (chances != null) {
      chances.add(new Chance(own, random));
    }
    return new Context(name, random);
  }

  /** A seed of its own for every name: FNV-1a, so that it is the same in every JVM. */
  private static long mix(long seed, String name) {
    long hash = 0xcbf29ce484222325L ^ seed;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return hash * 0x9e3779b97f4a7c15L;
  }

  private final class Context implements PluginContext {
    private final String name;
    private final RandomGenerator random;

    Context(String name, RandomGenerator random) {
      this.name = name;
      this.random = random;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Timeline timeline() {
      return timeline;
    }

    @Override
    public RandomGenerator random() {
      return random;
    }

    @Override
    public Counter counter(String counter) {
      return counters.counter(name + "." + counter);
    }

    @Override
    public void gauge(String gauge, DoubleSupplier value) {
      counters.gauge(name + "." + gauge, value);
    }

    @Override
    public <T> T create(Plugin<T> plugin) {
      return parts.create(plugin, context(name + "/" + Plugins.name(plugin)));
    }

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      return Optional.ofNullable(resources.get(type)).map(type::cast);
    }
  }
}
