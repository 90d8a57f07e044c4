package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.HealthPolicy;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** Three failures within 30 seconds put an endpoint aside for 30 seconds. */
class ReferenceHealth implements HealthPolicy {

  static final long WINDOW_NANOS = 30_000_000_000L;

  private static final int MOST_FAILURES = 3;

  final Map<String, Failures> failures = new LinkedHashMap<>();
  private final PluginContext context;

  ReferenceHealth(PluginContext context) {
    this.context = context;
  }

  static Plugin<HealthPolicy> plugin(Function<PluginContext, HealthPolicy> maker) {
    return NamedPlugin.of(HealthPolicy.class, "broken", maker);
  }

  /** Failures within a window. */
  static final class Failures {
    int count;
    int trips;
    long sinceNanos;
  }

  @Override
  public long finished(Endpoint endpoint, Outcome outcome) {
    if (!counts(outcome)) {
      return 0;
    }
    Failures known = failures(endpoint);
    long now = context.timeline().nanos();
    if (known.count == 0 || now - known.sinceNanos > windowNanos()) {
      known.count = 0;
      known.sinceNanos = now;
    }
    known.count++;
    if (known.count < MOST_FAILURES) {
      return 0;
    }
    known.trips++;
    return cooldown(known.trips);
  }

  boolean counts(Outcome outcome) {
    return outcome.status().unhealthy();
  }

  Failures failures(Endpoint endpoint) {
    return failures.computeIfAbsent(endpoint.id(), id -> new Failures());
  }

  long windowNanos() {
    return WINDOW_NANOS;
  }

  long cooldown(int trips) {
    return WINDOW_NANOS;
  }

  @Override
  public void members(List<Endpoint> all) {
    Set<String> ids = new LinkedHashSet<>();
    all.forEach(endpoint -> ids.add(endpoint.id()));
    failures.keySet().retainAll(ids);
  }
}
