package dev.forebay.limiting.limits;

import dev.forebay.limiting.rate.Limit;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.RateLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Several limits of one request: it goes on if all of them admit it, and otherwise takes nothing of
 * any. A refusal names the limit with the longest wait, since an earlier try would meet that. If
 * some delay it, it waits for the longest.
 *
 * <p>A limiter that fails is left out of that decision, and counted as {@code failed_open}; one
 * that must not be passed is to have a stage of its own with {@code on-failure: refuse}.
 *
 * @param each the limits
 */
@RecordBuilder
@Doc("Several limits of one request: all must admit it, or it takes nothing of any.")
public record Limits(@Doc("the limits, with names that differ") List<Plugin<RateLimiter>> each)
    implements Plugin<RateLimiter>, LimitsBuilder.With {

  private static final int MOST = 64;

  /** Copies. */
  public Limits {
    each = List.copyOf(each);
  }

  /** Several limits. */
  @SafeVarargs
  public static Limits of(Plugin<RateLimiter>... each) {
    List<Plugin<RateLimiter>> all = new ArrayList<>();
    for (Plugin<RateLimiter> one : each) {
      all.add(one);
    }
    return Options.defaults(Limits.class, Map.entry("each", all));
  }

  @Override
  public RateLimiter create(PluginContext context) {
    if (each.isEmpty() || each.size() > MOST) {
      throw new IllegalArgumentException(
          "each: " + each.size() + " limits (expected: 1 to " + MOST + ")");
    }
    Set<String> names = new LinkedHashSet<>();
    for (Plugin<RateLimiter> plugin : each) {
      if (Plugins.options(plugin) instanceof Limit limit && !names.add(limit.name())) {
        throw new IllegalArgumentException(
            "each: two limits have the name " + limit.name() + " (expected: names that differ)");
      }
    }
    List<RateLimiter> made = each.stream().map(plugin -> made(plugin, context)).toList();
    return new AllLimits(made, context.counter("failed_open"));
  }

  /** A limit is named after its own name, so that two of one plugin have counters of their own. */
  private static RateLimiter made(Plugin<RateLimiter> plugin, PluginContext context) {
    return Plugins.options(plugin) instanceof Limit limit
        ? context.create(NamedPlugin.of(RateLimiter.class, limit.name(), plugin::create))
        : context.create(plugin);
  }
}
