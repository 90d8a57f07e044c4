package dev.forebay.server;

import dev.forebay.gateway.Blueprint;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What of a document cannot change while its gateway runs. */
final class FixedOptions {

  /** Options of {@code http} that are read for each request. */
  private static final Set<String> FREE =
      Set.of(
          "max-body",
          "max-requests",
          "body-timeout",
          "stall-timeout",
          "drain-timeout",
          "priorities",
          "proxies",
          "affinity-cookie");

  private FixedOptions() {}

  /** Those that differ, such as {@code http.port}. */
  static List<String> changed(GatewayDocument now, GatewayDocument next) {
    List<String> changed = new ArrayList<>();
    differing("http.", now.http(), next.http(), changed);
    differing("administration.", now.administration(), next.administration(), changed);
    changed.removeIf(name -> name.startsWith("http.") && FREE.contains(name.substring(5)));
    if (!Objects.equals(now.secrets().cacheKeySecret(), next.secrets().cacheKeySecret())) {
      changed.add("cache-key-secret");
    }
    differing(now.blueprint(), next.blueprint(), changed);
    return changed;
  }

  private static void differing(Blueprint now, Blueprint next, List<String> changed) {
    if (!now.memory().equals(next.memory())) {
      changed.add("memory");
    }
    now.sections().stream()
        .filter(section -> !next.sections().contains(section))
        .map(Plugins::name)
        .forEach(changed::add);
    next.sections().stream()
        .filter(section -> !now.sections().contains(section))
        .map(Plugins::name)
        .filter(name -> !changed.contains(name))
        .forEach(changed::add);
  }

  private static <T extends Record> void differing(
      String prefix, T now, T next, List<String> changed) {
    for (Options.Option option : Options.of(now.getClass()).all()) {
      if (!Objects.equals(option.of(now), option.of(next))) {
        changed.add(prefix + option.name());
      }
    }
  }
}
