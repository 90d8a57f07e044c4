package dev.forebay.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.livepage.Verdict.Level;
import dev.forebay.livepage.Verdict.Side;
import dev.forebay.spi.Status;
import dev.forebay.spi.metrics.Series;
import dev.forebay.spi.metrics.Snapshot;
import dev.forebay.spi.state.EndpointFigures.State;
import dev.forebay.spi.state.GatewayState;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the page says first. */
class VerdictTest {

  private static Verdict of(int up, int down, Map<Status, Long> outcomes) {
    return Verdict.of(
        States.sample(
            States.gateway(States.endpoints(up, down), outcomes, Map.of(), new TreeMap<>())));
  }

  private static void assertVerdict(Level level, Side side, String headline, Verdict verdict) {
    assertEquals(level, verdict.level(), verdict.toString());
    assertEquals(side, verdict.side(), verdict.toString());
    assertEquals(headline, verdict.headline());
  }

  @Test
  void allIsWell() {
    Verdict verdict = of(3, 0, Map.of(Status.OK, 120L));
    assertVerdict(Level.GOOD, Side.NONE, "12.0 answers a second.", verdict);
    assertEquals("All 3 endpoints are up.", verdict.detail());
  }

  @Test
  void nobodyAsks() {
    Verdict verdict = of(2, 0, Map.of());
    assertVerdict(
        Level.GOOD, Side.NONE, "3 requests under way, none ended in the last 10 s.", verdict);
  }

  @Test
  void anEndpointIsOutButNobodyNoticed() {
    Verdict verdict = of(2, 1, Map.of(Status.OK, 100L));
    assertVerdict(
        Level.WARN,
        Side.UPSTREAM,
        "1 of 3 endpoints out; no request was lost in the last 10 s.",
        verdict);
    assertEquals("Out: e2 (down: refused)", verdict.detail());
  }

  @Test
  void noEndpointIsLeft() {
    Verdict verdict = of(0, 5, Map.of(Status.SATURATED, 10L));
    assertVerdict(
        Level.BAD, Side.UPSTREAM, "No endpoint is up. 100 % of requests are lost.", verdict);
    assertEquals(
        "Out: e0 (down: refused), e1 (down: refused), e2 (down: refused) and 2 more.",
        verdict.detail());
  }

  @Test
  void somebodyDrainedTheLastEndpoint() {
    Verdict verdict =
        Verdict.of(
            States.sample(
                States.gateway(
                    List.of(States.endpoint("a", State.DRAINING)),
                    Map.of(),
                    Map.of(),
                    new TreeMap<>())));
    assertVerdict(Level.BAD, Side.GATEWAY, "No endpoint is up.", verdict);
    assertEquals("All are draining.", verdict.detail());
  }

  @Test
  void oneThatDrainsIsNotToldAsUp() {
    GatewayState state =
        States.gateway(
            List.of(States.endpoint("a", State.DRAINING), States.endpoint("b", State.UP)),
            Map.of(Status.OK, 100L),
            Map.of(),
            new TreeMap<>());
    assertEquals("1 of 2 endpoints up, 1 draining.", Verdict.of(States.sample(state)).detail());
  }

  @Test
  void aPoolWithoutEndpointsIsDown() {
    Verdict verdict = of(0, 0, Map.of(Status.SATURATED, 10L));
    assertVerdict(
        Level.BAD, Side.UPSTREAM, "No endpoint is up. 100 % of requests are lost.", verdict);
    assertEquals("There is no endpoint at all.", verdict.detail());
    assertVerdict(Level.BAD, Side.UPSTREAM, "No endpoint is up.", of(0, 0, Map.of()));
  }

  @Test
  void aPoolThatTheAutoscalerEmptiedIsNotDown() {
    Verdict none = scaled(0, Map.of());
    assertVerdict(
        Level.GOOD, Side.NONE, "3 requests under way, none ended in the last 10 s.", none);
    assertEquals("There is no endpoint now.", none.detail());
    Verdict starts = scaled(1, Map.of());
    assertVerdict(Level.WARN, Side.GATEWAY, "No endpoint is up.", starts);
    assertEquals("The autoscaler starts some.", starts.detail());
    Verdict lost = scaled(1, Map.of(Status.SATURATED, 10L));
    assertEquals(Level.BAD, lost.level());
    assertEquals("There is no endpoint now.", lost.detail());
  }

  /** Of an empty pool of which the autoscaler wants so many members. */
  private static Verdict scaled(double wanted, Map<Status, Long> outcomes) {
    GatewayState empty =
        States.gateway(States.endpoints(0, 0), outcomes, Map.of(), new TreeMap<>());
    SortedMap<Series, Double> gauges = new TreeMap<>();
    gauges.put(
        new Series("scaling", "wanted_replicas", new TreeMap<>(Map.of("pool", "default"))), wanted);
    return Verdict.of(
        States.sample(
            new GatewayState(
                empty.open(),
                true,
                empty.outcomes(),
                empty.pools(),
                empty.parts(),
                new Snapshot(new TreeMap<>(), gauges, new TreeMap<>()))));
  }

  @Test
  void fivePercentAreBadAndLessIsToBeWatched() {
    Map<Status, Long> bad = Map.of(Status.OK, 95L, Status.OVERLOADED, 5L);
    assertVerdict(
        Level.BAD, Side.UPSTREAM, "5 % of requests are lost: the upstream fails.", of(3, 0, bad));
    Map<Status, Long> few = Map.of(Status.OK, 999L, Status.OVERLOADED, 1L);
    assertVerdict(
        Level.WARN,
        Side.UPSTREAM,
        "Less than 1 % of requests are lost: the upstream fails.",
        of(3, 0, few));
  }

  @Test
  void tooMuchWorkForTheWholeFleetIsNotTheUpstreamsFault() {
    Map<Status, Long> full = Map.of(Status.OK, 50L, Status.SATURATED, 50L);
    String headline = "50 % of requests are lost: there is no room for them (503).";
    assertVerdict(Level.BAD, Side.GATEWAY, headline, of(3, 0, full));
    assertVerdict(Level.BAD, Side.UPSTREAM, headline, of(2, 1, full));
  }

  @Test
  void aPluginThatFailsIsTheGatewaysFault() {
    Map<Status, Long> broken = Map.of(Status.OK, 50L, Status.INTERNAL, 50L);
    assertVerdict(
        Level.BAD,
        Side.GATEWAY,
        "50 % of requests are lost: a plugin fails (500).",
        of(2, 1, broken));
  }

  @Test
  void callersWhoAskTooMuchAreToldApart() {
    Verdict verdict = of(3, 0, Map.of(Status.OK, 50L, Status.REFUSED, 50L));
    assertVerdict(
        Level.WARN, Side.CALLERS, "50 % of requests are over their caller's limit (429).", verdict);
  }

  @ParameterizedTest
  @EnumSource(Status.class)
  void onlyWhatEndsInAServersErrorIsLost(Status status) {
    Set<Status> callers =
        EnumSet.of(
            Status.CALLER_FAULT, Status.CONTEXT_LENGTH, Status.MODEL_MISSING, Status.CANCELLED);
    Map<Status, Long> outcomes = new EnumMap<>(Map.of(Status.OK, 1L));
    outcomes.put(status, 100L);
    Verdict verdict = of(3, 0, outcomes);
    boolean well = status == Status.OK || callers.contains(status);
    assertEquals(well ? Side.NONE : verdict.side(), verdict.side());
    assertEquals(well, verdict.level() == Level.GOOD, verdict.toString());
    assertTrue(Ending.of(status).key().matches("[a-z_]+"));
  }
}
