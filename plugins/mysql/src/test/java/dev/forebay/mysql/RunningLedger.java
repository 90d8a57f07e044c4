package dev.forebay.mysql;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.ledger.Ledger;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.CallerKeys;
import dev.forebay.spi.host.RequestWatcher;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A section {@code ledger} in a gateway of which only its ends of requests matter. */
final class RunningLedger implements AutoCloseable {

  private final Host host;
  private final Section section;
  private final Map<String, DoubleSupplier> gauges = new ConcurrentHashMap<>();
  private final List<UsageLedger> stores = new ArrayList<>();
  private @Nullable RequestWatcher watcher;
  private @Nullable CallerKeys keys;

  RunningLedger(String name, MysqlLedger store, @Nullable String folder, int seed) {
    this(name, store, folder, seed, true);
  }

  RunningLedger(
      String name, MysqlLedger store, @Nullable String folder, int seed, boolean knownFirst) {
    host = new Host(new EventLoopStage(Servers.VERTX, seed), "ledger");
    Ledger options =
        Ledger.in(store)
            .withGateway(name)
            .withKeys(true)
            .withKnownFirst(knownFirst)
            .withOutbox(
                new Ledger.OutboxOptions(
                    100_000, 500, Duration.ofMillis(50), folder == null ? "" : folder, 1L << 28));
    section = options.create(host);
    on(
        () -> {
          stores.forEach(UsageLedger::prepare);
          section.prepare();
          return Future.succeededFuture();
        });
  }

  /** What a gateway lends, with the stage's timeline and counters. */
  private final class Host implements PluginContext {
    private final EventLoopStage stage;
    private final PluginContext own;
    private final String name;

    Host(EventLoopStage stage, String name) {
      this(stage, stage.context(), name);
    }

    private Host(EventLoopStage stage, PluginContext own, String name) {
      this.stage = stage;
      this.own = own;
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Timeline timeline() {
      return own.timeline();
    }

    @Override
    public RandomGenerator random() {
      return own.random();
    }

    @Override
    public Labelled<Counter> counters(String counter, Label... labels) {
      return own.counters(counter, labels);
    }

    @Override
    public Labelled<Gauge> gauges(String gauge, Label... labels) {
      return values -> value -> gauges.put(gauge, value);
    }

    @Override
    public Labelled<Histogram> histograms(String histogram, Buckets buckets, Label... labels) {
      return own.histograms(histogram, buckets, labels);
    }

    @Override
    public PluginContext child(String part) {
      return new Host(stage, own.child(part), name + "/" + part);
    }

    @Override
    public <T> T create(Plugin<T> plugin) {
      T made = plugin.create(child(Plugins.name(plugin)));
      if (made instanceof UsageLedger ledger) {
        stores.add(ledger);
      }
      return made;
    }

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      if (type == RequestWatcher.Watchers.class) {
        RequestWatcher.Watchers watchers = added -> watcher = added;
        return Optional.of(type.cast(watchers));
      }
      if (type == CallerKeys.Place.class) {
        CallerKeys.Place place = added -> keys = added;
        return Optional.of(type.cast(place));
      }
      return own.resource(type);
    }
  }

  RequestWatcher watcher() {
    return Objects.requireNonNull(watcher);
  }

  CallerKeys keys() {
    return Objects.requireNonNull(keys);
  }

  UsageLedger store() {
    return stores.getFirst();
  }

  long count(String counter) {
    return host.stage.count(counter);
  }

  /** A gauge of the section. */
  double gauge(String name) {
    return on(() -> Future.succeededFuture(Objects.requireNonNull(gauges.get(name)).getAsDouble()));
  }

  /** Waits until keys and budgets have been read. */
  RunningLedger known() {
    Servers.until("keys and budgets", 60, () -> on(() -> Future.succeededFuture(section.ready())));
    return this;
  }

  /** Does something on the timeline, and waits for it. */
  <T> T on(Supplier<Future<T>> action) {
    Promise<T> done = Promise.promise();
    host.timeline().execute(() -> action.get().onComplete(done));
    return Servers.await(done.future());
  }

  /** A request of a user begins and ends; whether it was let in. */
  boolean request(String tenant, String user, long nanodollars) {
    RequestInfo info =
        RequestInfo.chat("r", "model", new Caller("192.0.2.1", "key", tenant, user, ""), 0);
    Failure refused = watcher().begins(info);
    if (refused != null) {
      return false;
    }
    Outcome outcome =
        Outcome.ok(new Usage(10, 2, 5, 0), new Timings(0, 1, 2)).withCost(nanodollars / 1e9);
    watcher().ended(new RequestWatcher.Ended(info, outcome, "backend", "miss", "", 1_000_000));
    return true;
  }

  @Override
  public void close() {
    on(section::close);
    stores.forEach(store -> on(store::close));
  }
}
