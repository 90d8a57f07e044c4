package dev.forebay.discovery.dns;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.policy.EndpointSource;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks when the shortest-lived record has expired; after a failure with growing, random pauses. */
final class DnsSource implements EndpointSource {

  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(30).toNanos();

  private final Dns options;
  private final PluginContext context;
  private final Lookup lookup;
  private Registration timer = Registration.NONE;
  private @Nullable Watcher watcher;
  private int failures;

  DnsSource(Dns options, PluginContext context, Lookup lookup) {
    this.options = options;
    this.context = context;
    this.lookup = lookup;
  }

  @Override
  public void watch(Watcher who) {
    watcher = who;
    ask();
  }

  private void ask() {
    lookup
        .ask()
        .onComplete((answer, thrown) -> context.timeline().execute(() -> answered(answer, thrown)));
  }

  private void answered(Lookup.@Nullable Answer answer, @Nullable Throwable thrown) {
    Watcher who = watcher;
    if (who == null) {
      return;
    }
    if (answer == null) {
      failures = Math.min(failures + 1, 30);
      timer = context.timeline().after(pauseNanos(), this::ask);
      who.failed("DNS " + options.name() + ": " + Lookup.why(thrown));
      return;
    }
    failures = 0;
    long ttl = Duration.ofSeconds(answer.ttlSeconds()).toNanos();
    long bounded = Math.clamp(ttl, options.minTtl().toNanos(), options.maxTtl().toNanos());
    timer = context.timeline().after(bounded, this::ask);
    who.members(answer.instances(), answer.leftOut());
  }

  private long pauseNanos() {
    double bound = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS * Math.pow(2, failures - 1.0));
    return (long) (bound * (0.5 + context.random().nextDouble() / 2));
  }

  @Override
  public Future<Void> close() {
    watcher = null;
    timer.cancel();
    lookup.close();
    return Future.succeededFuture();
  }
}
