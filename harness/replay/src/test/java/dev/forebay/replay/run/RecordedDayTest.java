package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.FakeLoad;
import dev.forebay.conformance.TestContext;
import dev.forebay.replay.trace.Overlay;
import dev.forebay.replay.trace.OverlayOptions;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceFormats;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.scaling.hpa.Hpa;
import dev.forebay.scaling.rules.Direction;
import dev.forebay.servers.PublicTraces;
import dev.forebay.spi.policy.PoolLoad.State;
import dev.forebay.spi.policy.ScalingPolicy;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The recorded day of the scenario daily-cycle, with a decision each 15 s: {@code hpa} with the
 * documented settings, on servers that answer four requests at a time and start in 45 s.
 *
 * <p>It flaps if it shrinks within five minutes of having grown: then what was started was stopped
 * before it was of use. That it grows soon after it has shrunk is no flapping, as long as it is
 * rare: a load that rises again was not known.
 */
class RecordedDayTest {

  private static final int INTERVAL = 15;
  private static final int DECISIONS = 86_400 / INTERVAL;
  private static final int START = 45;
  private static final int WINDOW = 300;
  private static final int SLOTS = 4;
  private static final long NANOS_PER_TOKEN = 42_000_000;

  /**
   * What became of the day.
   *
   * @param flaps how often it shrank within five minutes of having grown
   * @param regrown how often it grew within five minutes of having shrunk
   */
  private record Day(int flaps, int regrown, int changes, int least, int most, int lacking) {}

  /** Requests under way at each decision, if none waits. */
  private static int[] underWay() {
    String spec =
        "servegen:"
            + PublicTraces.file("servegen_reason_deepseek-r1_rates.csv.gz")
            + ","
            + PublicTraces.file("servegen_reason_deepseek-r1_lengths.tar.gz");
    Trace whole = TraceFormats.open(spec, TraceFormats.ALL, 1);
    Trace day = Overlay.apply(whole, OverlayOptions.defaults().with("keep", 0.02), 1);
    int[] underWay = new int[DECISIONS];
    for (TraceRequest request : day.requests()) {
      long from = request.arrivalNanos();
      long to = from + request.outputTokens() * NANOS_PER_TOKEN;
      for (long i = from / 1_000_000_000 / INTERVAL + 1; i < DECISIONS; i++) {
        if (i * INTERVAL * 1_000_000_000 > to) {
          break;
        }
        underWay[(int) i]++;
      }
    }
    return underWay;
  }

  private static Day day(Hpa options, int[] underWay) {
    ScalingPolicy policy = options.create(TestContext.create());
    int replicas = 3;
    int ready = 3;
    int grownAt = -WINDOW;
    int shrunkAt = -WINDOW;
    int flaps = 0;
    int regrown = 0;
    int changes = 0;
    int least = replicas;
    int most = replicas;
    int lacking = 0;
    for (int i = 1; i < DECISIONS; i++) {
      int now = i * INTERVAL;
      ready = now - grownAt >= START ? replicas : Math.min(ready, replicas);
      double use = (double) underWay[i] / (SLOTS * ready);
      lacking += use > 1 ? 1 : 0;
      FakeLoad load =
          new FakeLoad()
              .members(ready, State.READY, Math.min(1, use), 0.3)
              .coming(replicas - ready)
              .at(now)
              .traffic(underWay[i] / 60.0, underWay[i] / 60.0)
              .between(3, 20);
      int wanted = policy.decide(load.load()).replicas();
      if (wanted < replicas) {
        flaps += now - grownAt < WINDOW ? 1 : 0;
        shrunkAt = now;
        changes++;
      } else if (wanted > replicas) {
        regrown += now - shrunkAt < WINDOW ? 1 : 0;
        shrunkAt = -WINDOW;
        grownAt = now;
        changes++;
      }
      replicas = wanted;
      least = Math.min(least, replicas);
      most = Math.max(most, replicas);
    }
    return new Day(flaps, regrown, changes, least, most, lacking);
  }

  @Test
  void hpaFollowsARecordedDayWithoutFlapping() {
    int[] underWay = underWay();
    Day day = day(Hpa.defaults(), underWay);
    assertEquals(0, day.flaps(), day::toString);
    assertTrue(day.regrown() <= 48, "twice an hour at most: " + day);
    assertTrue(day.most() >= 15 && day.least() == 3, day::toString);
    Direction eager = new Direction(0.1, Duration.ZERO, List.of(), Direction.Select.MAX);
    Day flapping = day(Hpa.defaults().withDown(eager), underWay);
    assertTrue(flapping.flaps() > 100, flapping::toString);
  }
}
