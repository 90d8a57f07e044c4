package dev.forebay.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Requests;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pool;
import dev.forebay.scaling.Scaling.Scaled;
import dev.forebay.scaling.none.None;
import dev.forebay.scaling.waitingroom.WaitingRoom;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.SimulatedBackend;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Call;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The section in a gateway in virtual time, with a policy and a target that the test plays. */
class ScalingTest {

  private static final long START_SECONDS = 20;

  private final VirtualTimeline timeline = new VirtualTimeline();
  private final List<String> orders = new ArrayList<>();
  private final List<PoolLoad> loads = new ArrayList<>();
  private final Map<String, Plugin<Backend>> servers = new LinkedHashMap<>();
  private final Set<String> there = new LinkedHashSet<>();
  private @Nullable Gateway made;
  private @Nullable Scaling scaling;
  private int kept;
  private int wanted;
  private int refusals;
  private boolean lost;
  private boolean stubborn;
  private int number;

  private Gateway gateway() {
    return Objects.requireNonNull(made);
  }

  /** A target that starts members in 20 s, and lets those go that it is told, or the last. */
  private final class Target implements ScalingTarget {
    @Override
    public Future<Observed> observe() {
      return lost
          ? Future.failedFuture("no answer")
          : Future.succeededFuture(new Observed(kept, List.of()));
    }

    @Override
    public Future<Void> scale(int replicas, List<String> leaving) {
      if (refusals-- > 0) {
        return Future.failedFuture("409");
      }
      orders.add(replicas + " " + leaving);
      int more = replicas - kept;
      kept = replicas;
      if (stubborn) {
        leaving.forEach(id -> there.remove(there.iterator().next().equals(id) ? "m2" : "m1"));
      } else {
        there.removeAll(leaving);
      }
      for (int i = 0; i < more; i++) {
        timeline.after(START_SECONDS * 1_000_000_000L, () -> join());
      }
      if (!leaving.isEmpty()) {
        changed();
      }
      return Future.succeededFuture();
    }
  }

  private void join() {
    if (there.size() < kept) {
      add();
      changed();
    }
  }

  private void add() {
    String id = "m" + ++number;
    SimulatedServer server =
        new SimulatedServer(
            timeline, ServerParameters.DEFAULT, List.of(), 1, AnswerLength.lognormal(1));
    servers.put(id, NamedPlugin.of(Backend.class, id, context -> new SimulatedBackend(id, server)));
    there.add(id);
  }

  private void changed() {
    gateway()
        .members(
            "default",
            there.stream()
                .map(id -> new Pool.Member(Objects.requireNonNull(servers.get(id)), 1, 0))
                .toList());
  }

  private Scaled scaled() {
    return Options.defaults(
            Scaled.class,
            Map.entry(
                "by",
                NamedPlugin.of(
                    ScalingPolicy.class,
                    "played",
                    context ->
                        load -> {
                          loads.add(load);
                          return new ScalingPolicy.Decision(wanted, "played", "nothing");
                        })),
            Map.entry(
                "target", NamedPlugin.of(ScalingTarget.class, "played", context -> new Target())))
        .withMin(1)
        .withMax(6)
        .withWarmUp(Duration.ofSeconds(10));
  }

  private void start(int members, Scaled scaled) {
    for (int i = 0; i < members; i++) {
      add();
    }
    kept = members;
    wanted = members;
    made =
        Gateway.builder(new Host(timeline, 1))
            .pipeline(
                pipeline ->
                    pipeline
                        .stage(Options.defaults(WaitingRoom.class))
                        .backends(List.copyOf(servers.values())))
            .section(section(scaled))
            .build()
            .start();
    pass(1);
  }

  private Plugin<Section> section(Scaled scaled) {
    scaling = new Scaling(List.of(scaled), Duration.ofSeconds(15));
    return scaling;
  }

  /** The section that runs. */
  private Plugin<Section> section() {
    return Objects.requireNonNull(scaling);
  }

  private void pass(long seconds) {
    timeline.runUntil(timeline.nanos() + seconds * 1_000_000_000L);
  }

  private int serving() {
    return gateway().pool("default").serving();
  }

  private Future<InferenceResponse> ask(String id, int tokens) {
    return gateway().serve(Requests.inference(id, Call.root(timeline), tokens));
  }

  private double gauge(String name) {
    return gateway().gauges().getOrDefault("scaling." + name + "{pool=default}", Double.NaN);
  }

  @Test
  void whatIsDecidedIsOrderedAndWhatIsTooMuchIsDrainedFirst() {
    start(2, scaled());
    wanted = 4;
    pass(15);
    assertEquals(List.of("4 []"), orders);
    assertEquals(2, gauge("coming_replicas"), "ordered, and not there");
    pass(START_SECONDS + 1);
    assertEquals(4, serving());
    assertEquals(2, gauge("ready_replicas"), "they serve, and are not warm yet");
    pass(15);
    assertEquals(0, gauge("coming_replicas"));
    wanted = 2;
    pass(20);
    assertEquals(2, serving());
    assertEquals(List.of("4 []", "2 [m1, m2]"), orders);
    assertEquals(2, there.size());
  }

  @Test
  void theMemberWithTheLeastLeftToDoLeavesAndTheOtherFinishes() {
    start(2, scaled());
    Future<InferenceResponse> answer = ask("long", 4_000);
    pass(1);
    assertTrue(answer.succeeded(), String.valueOf(answer.cause()));
    String busy = answer.result().servedBy();
    wanted = 1;
    pass(20);
    assertEquals(List.of("1 [" + (busy.equals("m1") ? "m2" : "m1") + "]"), orders);
    assertTrue(there.contains(busy));
  }

  @Test
  void aMemberThatDrainsGoesWhenItsTimeIsUp() {
    start(1, scaled().withMin(0).withIdle(Duration.ZERO).withDrain(Duration.ofSeconds(30)));
    ask("long", 4_000);
    wanted = 0;
    pass(40);
    assertEquals(List.of(), orders, "it finishes what it has");
    pass(10);
    assertEquals(List.of("0 [m1]"), orders);
  }

  @Test
  void ifTheTargetLetsAnotherGoTheOneThatWasToLeaveServesAgain() {
    start(3, scaled());
    stubborn = true;
    wanted = 2;
    pass(20);
    assertEquals(List.of("2 [m1]"), orders);
    assertEquals(Set.of("m1", "m3"), there);
    assertEquals(1, serving(), "m1 drains, and may still be about to leave");
    pass(60);
    assertEquals(2, serving());
    assertEquals(List.of("2 [m1]"), orders);
  }

  @Test
  void standbysAreStartedWithoutRequestsAndServeAtOnce() {
    start(2, scaled().withStandbys(1).withMin(2));
    pass(START_SECONDS + 2);
    assertEquals(List.of("3 []"), orders);
    assertEquals(3, there.size());
    assertEquals(2, serving(), "the third stands by");
    wanted = 3;
    pass(15);
    assertEquals(3, serving(), "at once, before the next has started");
    assertEquals(List.of("3 []", "4 []"), orders);
    pass(START_SECONDS + 2);
    assertEquals(3, serving());
    assertEquals(4, there.size());
  }

  @Test
  void aTargetThatCannotBeAskedChangesNothing() {
    start(2, scaled());
    int asked = loads.size();
    lost = true;
    wanted = 5;
    pass(120);
    assertEquals(asked, loads.size(), "the policy was not asked");
    assertEquals(List.of(), orders);
    assertEquals(2, serving());
    lost = false;
    pass(16);
    assertEquals(List.of("5 []"), orders);
  }

  @Test
  void aRefusedOrderIsTriedAgain() {
    start(2, scaled());
    refusals = 2;
    wanted = 3;
    pass(15);
    assertEquals(List.of(), orders);
    pass(12);
    assertEquals(List.of("3 []"), orders);
  }

  @Test
  void whatSomebodyElseSetIsTakenOver() {
    start(3, scaled());
    kept = 2;
    there.remove("m3");
    changed();
    pass(16);
    assertEquals(2, loads.getLast().replicas());
    assertEquals(List.of("3 []"), orders, "the policy wants 3");
  }

  @Test
  void moreThanWasOrderedIsTakenOverAndThePolicyDecidesFromThere() {
    start(2, scaled());
    kept = 5;
    pass(16);
    assertEquals(5, loads.getLast().replicas());
  }

  @Test
  void aPoolThatSomebodySetToZeroStaysThereUntilSomebodySetsItHigher() {
    start(2, scaled().withStandbys(1));
    kept = 0;
    there.clear();
    changed();
    orders.clear();
    pass(60);
    assertEquals(List.of(), orders, "it is off, standbys as well");
    kept = 2;
    join();
    join();
    pass(16);
    assertEquals(1, loads.getLast().replicas());
    pass(16);
    assertEquals(2, serving());
    assertEquals(List.of("3 []"), orders, "2 as the policy wants, and the standby");
  }

  @Test
  void anArrivalAtAnEmptyPoolStartsAMemberAndIsAnswered() {
    start(0, scaled().withMin(0).withIdle(Duration.ofSeconds(60)));
    wanted = 0;
    pass(30);
    assertTrue(gateway().ready(), "or nobody behind a balancer would ever arrive");
    Future<InferenceResponse> answer = ask("first", 4);
    pass(1);
    assertEquals(List.of("1 []"), orders, "at once");
    assertFalse(answer.isComplete());
    assertTrue(gateway().ready(), "further ones may wait, too");
    pass(START_SECONDS);
    assertTrue(answer.succeeded(), String.valueOf(answer.cause()));
    answer.result().tokens().cancel();
    pass(40);
    assertEquals(List.of("1 []"), orders, "not idle for a minute yet");
    pass(60);
    assertEquals(List.of("1 []", "0 [m1]"), orders);
    assertTrue(gateway().ready());
  }

  @Test
  void anArrivalWhileTheTargetCannotBeAskedStartsAMemberOnceItCan() {
    lost = true;
    start(0, scaled().withMin(0));
    wanted = 0;
    Future<InferenceResponse> answer = ask("first", 4);
    pass(30);
    assertEquals(List.of(), orders);
    lost = false;
    pass(15 + START_SECONDS);
    assertEquals(List.of("1 []"), orders, "the policy wants none");
    assertTrue(answer.succeeded(), String.valueOf(answer.cause()));
  }

  @Test
  void withoutATargetASourceMustStartMembers() {
    Scaled with = scaled();
    Scaled without =
        new Scaled(
            with.pool(),
            with.by(),
            null,
            with.min(),
            with.max(),
            with.standbys(),
            with.warmUp(),
            with.drain(),
            with.idle());
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> start(2, without));
    assertTrue(String.valueOf(refused.getMessage()).contains("target: missing"), refused::toString);
  }

  private Future<Void> reload(String pool, Plugin<Section> section) {
    return gateway()
        .reload(
            Gateway.builder(new Host(timeline, 1))
                .pool(pool, pipeline -> pipeline.backends(List.copyOf(servers.values())))
                .section(section)
                .blueprint());
  }

  @Test
  void aReloadCannotTakeAwayThePoolThatIsScaled() {
    start(2, scaled());
    Future<Void> refused = reload("other", section());
    assertEquals("pool: default (expected: a pool: other)", refused.cause().getMessage());
    wanted = 4;
    pass(15);
    assertEquals(List.of("4 []"), orders, "it is scaled as before");
  }

  @Test
  void thePoolOfAReloadIsScaledOn() {
    start(2, scaled());
    Future<Void> done = reload("default", section());
    assertTrue(done.succeeded(), String.valueOf(done.cause()));
    wanted = 1;
    pass(20);
    assertEquals(1, serving(), "members of the new pool drain");
    assertEquals(List.of("1 [m1]"), orders);
  }

  @Test
  void theTargetNoneOrdersNothingAndShowsWhatShouldBe() {
    start(2, scaled().withTarget(new None()));
    wanted = 5;
    pass(60);
    assertEquals(List.of(), orders);
    assertEquals(2, serving());
    assertEquals(5, gauge("wanted_replicas"));
  }
}
