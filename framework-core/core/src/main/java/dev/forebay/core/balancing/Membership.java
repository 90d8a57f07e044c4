package dev.forebay.core.balancing;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.state.DiscoveryState;
import dev.forebay.spi.state.DiscoveryState.State;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The members that a source of endpoints gives a pool. While the source fails, the last list holds
 * (fail static); that it fails is counted, shown, and logged once until it is well again.
 */
public final class Membership {

  private static final Logger LOG = LoggerFactory.getLogger(Membership.class);

  /** Instances that are named of those that are left out. */
  private static final int MOST_NAMED = 10;

  private static final int LONGEST_LINE = 200;

  private final EndpointSource source;
  private final Function<EndpointSource, Future<Void>> closer;
  private final Options options;
  private final Function<List<Instance>, Optional<String>> apply;
  private final PluginErrors errors;
  private final Timeline timeline;
  private final String name;
  private final Counter lists;
  private final Counter changes;
  private final Counter failures;
  private @Nullable List<Instance> current;
  private @Nullable String failing;
  private @Nullable String unusable;
  private @Nullable String leftOut;
  private long sinceNanos;
  private boolean closed;

  /**
   * A membership that does not watch yet.
   *
   * @param closer closes the source
   * @param apply takes each list that differs from the one before, in more than its order, on the
   *     gateway's timeline; tells which instance it left out and why, if any; it throws if the list
   *     cannot be used, and has then changed nothing
   */
  public Membership(
      EndpointSource source,
      Function<EndpointSource, Future<Void>> closer,
      Options options,
      Function<List<Instance>, Optional<String>> apply,
      PluginContext context,
      PluginErrors errors) {
    this.source = source;
    this.closer = closer;
    this.options = options;
    this.apply = apply;
    this.errors = errors;
    this.timeline = context.timeline();
    this.name = context.name();
    this.sinceNanos = timeline.nanos();
    this.lists = context.counter("lists");
    this.changes = context.counter("changes");
    this.failures = context.counter("failures");
    context.gauge("members", () -> current == null ? 0 : current.size());
    context.gauge("failing", () -> failing == null ? 0 : 1);
  }

  /**
   * Options of discovery, beside the source and the template of a backend.
   *
   * @param maxMembers instances that a list may have
   * @param acceptEmpty whether a list without instances is taken as it is
   */
  @Doc("Takes the members of a pool from a source outside.")
  public record Options(
      @Doc("Instances that a list may have; a longer one is refused, and the last one holds.")
          @Default("1000")
          @Range(min = 1, max = 100_000)
          @Unit("instances")
          int maxMembers,
      @Doc(
              "Whether a list without instances is taken as it is. If not, it counts as a failure"
                  + " of the source: an empty registry is more often broken than right.")
          @Default("false")
          boolean acceptEmpty) {}

  /** Begins to watch. */
  public void start() {
    timeline.check();
    try {
      source.watch(new Lane());
    } catch (Exception | Error e) {
      errors.note(name, e);
      failed("it threw " + e.getClass().getSimpleName());
    }
  }

  /** Stops. */
  public Future<Void> close() {
    closed = true;
    return closer.apply(source);
  }

  /** The source, if it starts and stops the members itself. */
  public Optional<ScalingTarget> target() {
    return source instanceof ScalingTarget target ? Optional.of(target) : Optional.empty();
  }

  /** What it knows. */
  public DiscoveryState state() {
    timeline.check();
    List<Instance> known = current;
    return new DiscoveryState(
        failing != null ? State.FAILING : known == null ? State.WAITING : State.CURRENT,
        failing,
        leftOut,
        (timeline.nanos() - sinceNanos) / 1_000_000,
        known == null ? List.of() : known.stream().map(Instance::id).toList());
  }

  private void members(List<Instance> all, List<String> without) {
    lists.increment();
    String refused = refusal(all);
    if (refused != null) {
      failed(refused);
      return;
    }
    if (!same(all, current)) {
      try {
        unusable = apply.apply(all).orElse(null);
      } catch (Exception | Error e) {
        failed("its list cannot be used: " + e.getMessage());
        return;
      }
      changes.increment();
      sinceNanos = current == null ? timeline.nanos() : sinceNanos;
      current = all;
      LOG.info("{}: {} members: {}", name, all.size(), shown(all));
    }
    leaveOut(without);
    if (failing != null) {
      sinceNanos = timeline.nanos();
      LOG.info("{}: well again", name);
    }
    failing = null;
  }

  /** Shows what is left out, by the source and here, and logs it if it is something else. */
  private void leaveOut(List<String> without) {
    List<String> named = new ArrayList<>();
    without.stream().limit(MOST_NAMED).map(Membership::shortened).forEach(named::add);
    if (without.size() > MOST_NAMED) {
      named.add((without.size() - MOST_NAMED) + " more");
    }
    String here = unusable;
    if (here != null) {
      named.add(here);
    }
    String now = named.isEmpty() ? null : String.join("; ", named);
    if (now != null && !now.equals(leftOut)) {
      LOG.warn("{}: left out, the others are used: {}", name, now);
    }
    leftOut = now;
  }

  private static String shortened(String line) {
    return line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line;
  }

  /** In whatever order: name servers rotate their records. */
  private static boolean same(List<Instance> all, @Nullable List<Instance> before) {
    return before != null
        && all.size() == before.size()
        && (all.equals(before) || new HashSet<>(all).equals(new HashSet<>(before)));
  }

  private @Nullable String refusal(List<Instance> all) {
    if (all.isEmpty() && !options.acceptEmpty()) {
      return "an empty list (expected: at least one instance, or accept-empty: true)";
    }
    if (all.size() > options.maxMembers()) {
      return all.size()
          + " instances (expected: at most max-members, "
          + options.maxMembers()
          + ")";
    }
    Set<String> ids = new HashSet<>();
    for (Instance instance : all) {
      if (!ids.add(instance.id())) {
        return "id " + instance.id() + " twice (expected: unique ids)";
      }
    }
    return null;
  }

  private void failed(String why) {
    failures.increment();
    if (failing == null) {
      sinceNanos = timeline.nanos();
      LOG.warn("{}: {}; {}", name, why, current == null ? "no list yet" : "the last list holds");
    }
    failing = why;
  }

  private static String shown(List<Instance> all) {
    List<String> ids = all.stream().limit(10).map(Instance::id).toList();
    return String.join(", ", ids) + (all.size() > ids.size() ? ", …" : "");
  }

  /** What a source says, as long as it is asked; it may say it on any thread. */
  private final class Lane implements EndpointSource.Watcher {
    @Override
    public void members(List<Instance> all) {
      members(all, List.of());
    }

    @Override
    public void members(List<Instance> all, List<String> leftOut) {
      List<Instance> copy = List.copyOf(all);
      List<String> without = List.copyOf(leftOut);
      run(() -> Membership.this.members(copy, without));
    }

    @Override
    public void failed(String why) {
      run(() -> Membership.this.failed(why));
    }

    private void run(Runnable action) {
      timeline.execute(
          () -> {
            if (!closed) {
              action.run();
            }
          });
    }
  }
}
