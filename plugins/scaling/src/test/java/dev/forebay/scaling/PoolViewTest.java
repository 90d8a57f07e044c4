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
import dev.forebay.spi.state.GatewayState;
import dev.forebay.spi.state.PoolState;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PoolViewTest {

  private long picks;
  private long seconds;
  private final PoolView view =
      new PoolView(
          Options.defaults(Scaled.class, Map.entry("by", new Fixed(1))),
          this::state,
          new ComingCapacity());

  private GatewayState state() {
    Snapshot figures =
        new Snapshot(
            new TreeMap<>(Map.of(new Series("balance", "picks"), picks)),
            new TreeMap<>(),
            new TreeMap<>());
    PoolState pool = new PoolState(0, false, List.of(), List.of());
    return new GatewayState(0, true, Map.of(), Map.of("default", pool), Map.of(), figures);
  }

  private @Nullable Double arrivals(long counted) {
    picks = counted;
    seconds += 10;
    Traffic traffic = view.load(seconds * 1_000_000_000L, 0, 1, 1, List.of(), 0).traffic();
    assertEquals(traffic.arrivals(), traffic.finished());
    return traffic.arrivals();
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
