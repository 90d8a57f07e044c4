package dev.forebay.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.forebay.scaling.Scaling.Scaled;
import dev.forebay.scaling.fixed.Fixed;
import dev.forebay.spi.host.ComingCapacity;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.PoolLoad.Traffic;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.PoolState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolViewTest {

  private List<EndpointFigures> members = List.of();
  private long picks;
  private long seconds;
  private final ComingCapacity outlook = new ComingCapacity();
  private final PoolView view =
      new PoolView(
          Options.defaults(Scaled.class, Map.entry("by", new Fixed(1))), this::state, outlook);

  private GatewayState state() {
    Snapshot figures =
        new Snapshot(
            new TreeMap<>(Map.of(new Series("balance", "picks"), picks)),
            new TreeMap<>(),
            new TreeMap<>());
    PoolState pool = new PoolState(0, false, members, List.of());
    return new GatewayState(0, true, Map.of(), Map.of("default", pool), Map.of(), figures);
  }

  private @Nullable Double arrivals(long counted) {
    picks = counted;
    seconds += 10;
    Traffic traffic = view.load(seconds * 1_000_000_000L, 0, 1, 1, List.of(), 0).traffic();
    assertEquals(traffic.arrivals(), traffic.finished());
    return traffic.arrivals();
  }

  private static EndpointFigures member(String id, EndpointFigures.State state) {
    return new EndpointFigures(
        id, "played", id, 0, 1, null, state, null, "", null, null, 0, 0, 0, 0, 0, 0, null, null);
  }

  /** When what comes is expected, in seconds. */
  private long expected(long at, int replicas, long orderedAt, EndpointFigures... there) {
    members = List.of(there);
    long now = at * 1_000_000_000L;
    view.load(now, 0, replicas, 1, List.of(), orderedAt * 1_000_000_000L);
    return outlook.of("default").atNanos() / 1_000_000_000L;
  }

  @Test
  void aMemberThatReplacesAnotherSaysNothingOfHowLongAStartTakes() {
    expected(0, 1, 0);
    expected(30, 1, 10, member("a", EndpointFigures.State.UP));
    EndpointFigures other = member("b", EndpointFigures.State.UP);
    expected(4_000, 1, 10, other);
    assertEquals(5_000 + 20 + 45, expected(5_000, 2, 5_000, other), "a start, and its warm-up");
  }

  @Test
  void ifNobodyServesTheFirstMemberIsExpectedBeforeItIsWarm() {
    expected(0, 1, 0);
    expected(30, 1, 10, member("a", EndpointFigures.State.UP));
    assertEquals(120, expected(100, 1, 100));
  }

  @Test
  void aRateNeedsTwoLooks() {
    assertNull(arrivals(100));
    assertEquals(3.0, arrivals(130));
  }

  @Test
  void aCounterThatFellSaysNothing() {
    arrivals(1_000);
    assertNull(arrivals(20), "a reload made it again: that nobody asks would be a guess");
    assertEquals(2.0, arrivals(40));
  }
}
