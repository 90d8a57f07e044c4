package dev.forebay.livepage;

import dev.forebay.livepage.Monitor.Sample;
import dev.forebay.spi.state.AccountFigures;
import dev.forebay.spi.state.DiscoveryState;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.GatewayState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What changed between samples: states of endpoints, accounts, sources and pools, and the verdict.
 * The last 100 changes are kept. If more than ten of one kind come with one sample, they are
 * counted, not listed.
 */
final class Changes {

  /** Changes that are kept. */
  static final int MOST = 100;

  private static final int MOST_AT_ONCE = 10;
  private static final int CALM_SAMPLES = 10;

  private final Deque<Change> kept = new ArrayDeque<>();
  private Map<String, Thing> known = new LinkedHashMap<>();
  private boolean first = true;
  private Verdict verdict = Verdict.of(null);
  private long verdictSince;
  private int betterFor;

  /**
   * A change.
   *
   * @param at when it was seen, in milliseconds since 1970 UTC
   * @param what changed, such as {@code endpoint gpu-1}
   * @param to what it is now
   * @param why; null if nothing is known
   * @param level how much an operator should care
   */
  record Change(long at, String what, String to, @Nullable String why, Verdict.Level level) {}

  /** What something is. */
  private record Thing(String kind, String state, @Nullable String why, Verdict.Level level) {}

  /** Compares a sample with the one before. */
  void see(long at, Sample sample) {
    Map<String, Thing> now = things(sample.state());
    if (!first) {
      compare(at, now);
    }
    known = now;
    Verdict next = settled(Verdict.of(sample));
    if (first || next.level() != verdict.level() || next.side() != verdict.side()) {
      verdictSince = first || next.level() != verdict.level() ? at : verdictSince;
      if (!first) {
        add(new Change(at, "verdict", next.headline(), null, next.level()));
      }
    }
    verdict = next;
    first = false;
  }

  /** A verdict becomes worse at once, and better only when it has been so for ten samples. */
  private Verdict settled(Verdict next) {
    boolean better = !first && next.level().compareTo(verdict.level()) < 0;
    betterFor = better ? betterFor + 1 : 0;
    return better && betterFor < CALM_SAMPLES ? verdict : next;
  }

  /** The verdict that holds. */
  Verdict verdict() {
    return verdict;
  }

  /** Since when it has been so good or bad, in milliseconds since 1970 UTC. */
  long verdictSince() {
    return verdictSince;
  }

  /** The changes that are kept, the last first. */
  List<Change> latest() {
    List<Change> latest = new ArrayList<>(kept);
    return latest.reversed();
  }

  private void compare(long at, Map<String, Thing> now) {
    Map<String, List<Change>> byKind = new LinkedHashMap<>();
    now.forEach(
        (name, thing) -> {
          Thing before = known.get(name);
          if (before == null || !before.state().equals(thing.state())) {
            String to = before == null && thing.kind().equals("endpoint") ? "joined, " : "";
            byKind
                .computeIfAbsent(thing.kind(), kind -> new ArrayList<>())
                .add(new Change(at, name, to + thing.state(), thing.why(), thing.level()));
          }
        });
    known.forEach(
        (name, thing) -> {
          if (!now.containsKey(name)) {
            boolean well = thing.level() == Verdict.Level.GOOD || !thing.kind().equals("endpoint");
            byKind
                .computeIfAbsent(thing.kind(), kind -> new ArrayList<>())
                .add(
                    new Change(
                        at,
                        name,
                        thing.kind().equals("account") ? "ok" : "gone",
                        null,
                        well ? Verdict.Level.GOOD : thing.level()));
          }
        });
    byKind.forEach((kind, all) -> add(at, kind, all));
  }

  private void add(long at, String kind, List<Change> all) {
    if (all.size() <= MOST_AT_ONCE) {
      all.forEach(this::add);
      return;
    }
    Verdict.Level worst = Verdict.Level.GOOD;
    for (Change change : all) {
      worst = worst.compareTo(change.level()) >= 0 ? worst : change.level();
    }
    String first = all.get(0).what() + " " + all.get(0).to() + ", and others";
    add(new Change(at, all.size() + " of kind " + kind, "changed", first, worst));
  }

  private void add(Change change) {
    kept.addLast(change);
    if (kept.size() > MOST) {
      kept.removeFirst();
    }
  }

  private static Map<String, Thing> things(GatewayState state) {
    Map<String, Thing> things = new LinkedHashMap<>();
    state
        .pools()
        .forEach(
            (pool, told) -> {
              for (EndpointFigures each : told.endpoints()) {
                things.put("endpoint " + Totals.key(pool, each.id()), thing(each));
              }
              for (AccountFigures each : told.accounts()) {
                if (each.state() != null) {
                  things.put("account " + each.account(), thing(each));
                }
              }
              String panic = told.panic() ? "ignores cooldowns: too few are healthy" : "normal";
              things.put(
                  "pool " + pool,
                  new Thing(
                      "pool", panic, null, told.panic() ? Verdict.Level.BAD : Verdict.Level.GOOD));
            });
    state
        .parts()
        .forEach(
            (name, part) -> {
              if (part instanceof DiscoveryState source) {
                things.put("source " + name, thing(source));
              }
            });
    return things;
  }

  private static Thing thing(EndpointFigures endpoint) {
    Verdict.Level level =
        switch (endpoint.state()) {
          case UP -> Verdict.Level.GOOD;
          case HALF_OPEN, DRAINING -> Verdict.Level.WARN;
          default -> Verdict.Level.BAD;
        };
    return new Thing("endpoint", endpoint.state().toString(), Verdict.why(endpoint), level);
  }

  private static Thing thing(AccountFigures account) {
    return new Thing("account", String.valueOf(account.state()), account.why(), Verdict.Level.WARN);
  }

  private static Thing thing(DiscoveryState source) {
    boolean failing = source.state() == DiscoveryState.State.FAILING;
    return new Thing(
        "source",
        source.state().toString(),
        source.why(),
        failing ? Verdict.Level.WARN : Verdict.Level.GOOD);
  }
}
