package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Prober;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.HealthProbe;
import dev.forebay.spi.state.EndpointFigures;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Half-open trials and active probes. */
class HealthTest {

  private final Failure broken = Failure.overloaded(502, "refused", "");
  private final Probe probe = new Probe();
  private boolean fails = true;

  /** A cooldown of a second after each failure, but none after one that follows a cooldown. */
  private static Plugin<HealthPolicy> once() {
    boolean[] done = {false};
    return NamedPlugin.of(
        HealthPolicy.class,
        "once",
        context ->
            (endpoint, outcome) -> {
              boolean first = outcome.status().unhealthy() && !done[0];
              done[0] |= first;
              return first ? millis(1000) : 0;
            });
  }

  private Scripted moody(String id) {
    return new Scripted(
        id,
        self ->
            request ->
                fails
                    ? self.fails(broken, millis(1)).apply(request)
                    : self.streams(5, millis(100)).apply(request));
  }

  /** Two endpoints of which the first fails once, then rests. */
  private World resting() {
    World world = new World(99, moody("a"), new Scripted("b", self -> self.streams(1, millis(1))));
    world.build(p -> p.health(once()));
    world.send();
    world.time.runUntil(millis(10));
    assertEquals("cooling", endpoint(world, 0).state().toString());
    return world;
  }

  private static EndpointFigures endpoint(World world, int index) {
    return world.gateway().pool("default").state().endpoints().get(index);
  }

  private static int calls(World world, int backend) {
    return world.backends.get(backend).calls.size();
  }

  /** The caller gets none of it. */
  @Test
  void whatOperatorsAreToldOfAFailureIsShownAndLoggedNowAndThen() {
    Failure untrusted = Failure.overloaded(502, "tls", "none").withDetail("it has expired");
    World world = new World(99, new Scripted("a", self -> self.fails(untrusted, millis(1))));
    world.build(p -> p.health(once()));
    String log =
        Fakes.logged(
            () -> {
              for (int i = 0; i < 10; i++) {
                world.send();
                world.time.runUntil(world.time.nanos() + millis(10));
              }
            });
    assertEquals("tls: it has expired", endpoint(world, 0).why());
    String told = "balance: endpoint a: tls: it has expired";
    assertEquals(1, log.lines().filter(line -> line.contains(told)).count(), log);
    assertEquals("none", Objects.requireNonNull(world.clients.get(0).failure).getMessage());
    world.time.runUntil(world.time.nanos() + millis(600_000));
    assertEquals(
        1,
        Fakes.logged(
                () -> {
                  world.send();
                  world.settle();
                })
            .lines()
            .filter(line -> line.contains(told))
            .count());
  }

  @Test
  void aCooldownCountsFromTheFailureThatBeganIt() {
    World world = new World(99, moody("a"), new Scripted("b", self -> self.streams(1, millis(1))));
    world.build(p -> p.health(once()));
    String joined = endpoint(world, 0).since();
    world.time.runUntil(millis(5000));
    world.send();
    world.time.runUntil(millis(5010));
    assertEquals("cooling", endpoint(world, 0).state().toString());
    assertEquals(Instant.parse(joined).plusMillis(5001), Instant.parse(endpoint(world, 0).since()));
    world.time.runUntil(millis(6500));
    assertEquals("half-open", endpoint(world, 0).state().toString());
    assertEquals(Instant.parse(joined).plusMillis(6001), Instant.parse(endpoint(world, 0).since()));
  }

  @Test
  void afterACooldownOneRequestIsTriedAndTheRestGoesElsewhere() {
    World world = resting();
    world.time.runUntil(millis(2000));
    assertEquals("half-open", endpoint(world, 0).state().toString());
    fails = false;
    for (int i = 0; i < 10; i++) {
      world.send(); // the first answer's head ends the doubt at once
    }
    assertEquals("up", endpoint(world, 0).state().toString());
    assertTrue(calls(world, 0) > 2, calls(world, 0) + " calls");
    assertEquals(1, world.counter("balance.trials_passed"));
    world.settle();
  }

  @Test
  void whileATrialIsUnderWayThereIsNoOther() {
    World world = resting();
    world.time.runUntil(millis(2000));
    for (int i = 0; i < 10; i++) {
      world.send(); // the trial fails after a millisecond
    }
    assertEquals(2, calls(world, 0), "the failure, and one trial");
    assertEquals(9, calls(world, 1));
    world.time.runUntil(millis(2002));
    assertEquals("cooling", endpoint(world, 0).state().toString());
    assertEquals("trial failed: refused", endpoint(world, 0).why());
    assertEquals(1999L, endpoint(world, 0).cooldownMillis(), "twice as long as before");
    world.settle();
  }

  /** A cooldown of a minute after each failure. */
  private static Plugin<HealthPolicy> strict() {
    return NamedPlugin.of(
        HealthPolicy.class,
        "strict",
        context -> (endpoint, outcome) -> outcome.status().unhealthy() ? millis(60_000) : 0);
  }

  private static BalancingService.Options trials(int most) {
    return new BalancingService.Options(0.25, Duration.ofHours(1), Duration.ZERO, 0.1, 0, most);
  }

  private World moodyOnes(int count) {
    Scripted[] all = new Scripted[count];
    for (int i = 0; i < count; i++) {
      all[i] = moody("" + (char) ('a' + i));
    }
    return new World(99, all);
  }

  private static long up(World world, int count) {
    long up = 0;
    for (int i = 0; i < count; i++) {
      up += "up".equals(endpoint(world, i).state().toString()) ? 1 : 0;
    }
    return up;
  }

  @Test
  void failuresInPanicDoNotDoubleACooldownAndAnAnswerEndsIt() {
    World world = moodyOnes(4);
    world.build(p -> p.health(strict()).balancing(trials(1)));
    for (int i = 0; i < 20; i++) {
      world.send();
      world.time.runUntil(millis(10L * (i + 1)));
    }
    assertTrue(world.gateway().pool("default").state().panic());
    for (int i = 0; i < 4; i++) {
      long left = Objects.requireNonNullElse(endpoint(world, i).cooldownMillis(), 0L);
      assertTrue(left <= 60_000, left + " ms");
    }
    assertEquals(0, world.counter("balance.trials_failed"), "nobody was on trial");

    fails = false;
    for (int i = 0; i < 8; i++) {
      world.send();
      world.time.runUntil(millis(1000L * (i + 1)));
    }
    assertEquals(4, up(world, 4), "each has answered");
    assertTrue(world.gateway().ready());
    for (int i = 0; i < 4; i++) {
      assertTrue(calls(world, i) >= 6, "all are used: " + calls(world, i));
    }
    world.settle();
  }

  @Test
  void whatAnEndpointItselfSaidHoldsInPanicToo() {
    Failure later = Failure.overloaded(503, "overloaded", "").retryAfter(millis(30_000));
    World world =
        new World(
            99,
            new Scripted(
                "a",
                self ->
                    request ->
                        fails
                            ? self.fails(later, millis(1)).apply(request)
                            : self.streams(1, 0).apply(request)));
    world.build(p -> p.health(strict()).balancing(trials(1)));
    world.send();
    world.time.runUntil(millis(10));
    fails = false;
    world.send();
    world.time.runUntil(millis(20));
    assertEquals("cooling", endpoint(world, 0).state().toString());
    long left = Objects.requireNonNullElse(endpoint(world, 0).cooldownMillis(), 0L);
    assertTrue(left > 29_000 && left < 30_000, left + " ms: the guess of a minute has ended");
    world.settle();
  }

  @Test
  void ofSeveralTrialsThatFailOneDoublesTheCooldown() {
    World world = new World(99, moody("a"), new Scripted("b", self -> self.streams(1, millis(1))));
    world.build(p -> p.health(once()).balancing(trials(3)));
    world.send();
    world.time.runUntil(millis(2000));
    for (int i = 0; i < 12; i++) {
      world.send();
    }
    assertEquals(4, calls(world, 0), "the failure, and three trials");
    world.time.runUntil(millis(2002));
    assertEquals(1999L, endpoint(world, 0).cooldownMillis(), "twice as long as before, once");
    assertEquals(1, world.counter("balance.trials_failed"));
    world.settle();
  }

  @Test
  void thePanicThresholdIsAShareOfTheGroup() {
    for (int count : new int[] {4, 5}) {
      Scripted[] all = new Scripted[count];
      for (int i = 0; i < count; i++) {
        boolean first = i == 0;
        all[i] =
            new Scripted(
                "" + (char) ('a' + i),
                self ->
                    request ->
                        first
                            ? self.streams(1, 0).apply(request)
                            : self.fails(broken, 0).apply(request));
      }
      World world = new World(99, all);
      world.build(p -> p.health(strict()).balancing(trials(1)));
      for (int i = 0; i < 5 * count; i++) {
        world.send();
      }
      world.time.runUntil(millis(10));
      boolean panic = world.gateway().pool("default").state().panic();
      assertEquals(count == 5, panic, "one of " + count + " up, threshold 0.25");
      world.settle();
    }
  }

  @Test
  void aTrialThatIsGivenUpSaysNothing() {
    World world =
        new World(
            99,
            new Scripted(
                "a",
                self ->
                    request ->
                        fails
                            ? self.fails(broken, millis(1)).apply(request)
                            : self.silent().apply(request)),
            new Scripted("b", self -> self.streams(1, millis(1))));
    world.build(p -> p.health(once()));
    world.send();
    world.time.runUntil(millis(2000));
    fails = false;
    Client trial = world.send();
    Client other = world.send();
    trial.request.call().end();
    other.request.call().end();
    world.time.runUntil(millis(2010));
    assertEquals("half-open", endpoint(world, 0).state().toString());
    assertEquals(0, world.counter("balance.trials_failed"));
    world.settle();
  }

  @Test
  void anAccountThatIsThrottledWaitsWithItsNewEndpointsToo() {
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "").retryAfter(millis(900));
    Scripted a = new Scripted("a", "one", self -> self.fails(throttled, 0));
    World world = new World(9, a);
    world.build(p -> p.retry(1));
    world.send();
    Scripted b = new Scripted("b", "one", self -> self.streams(1, 0));
    world
        .gateway()
        .members(
            "default",
            List.of(
                new dev.forebay.gateway.Pool.Member(World.plugin(a), 1, 0),
                new dev.forebay.gateway.Pool.Member(World.plugin(b), 1, 0)));
    assertEquals("cooling", endpoint(world, 1).state().toString());
    assertTrue(world.gateway().pool("default").state().toString().contains("state=throttled"));
    world.settle();
  }

  @Test
  void oneAccountIsReloadedAndTheOtherStaysOut() {
    Failure out = Failure.of(Status.ACCOUNT_OUT, 402, "no_balance", "");
    World world =
        new World(
            9,
            new Scripted("a", "one", self -> self.fails(out, 0)),
            new Scripted("b", "two", self -> self.fails(out, 0)));
    world.build(p -> {});
    world.send();
    world.send();
    assertEquals("account out", endpoint(world, 0).state().toString());
    assertEquals("no_balance", endpoint(world, 0).why());
    assertTrue(world.gateway().pool("default").reloadAccount("two").result());
    assertFalse(world.gateway().pool("default").reloadAccount("three").result());
    assertEquals("account out", endpoint(world, 0).state().toString());
    assertEquals("up", endpoint(world, 1).state().toString());
    world.settle();
  }

  // Probes.

  /** Answers as it is told to, after a millisecond or never. */
  private static final class Probe implements HealthProbe {
    private final Map<String, String> down = new LinkedHashMap<>();
    private final List<Long> asked = new ArrayList<>();
    private boolean deaf;
    private boolean heedsItsCall = true;
    private int open;
    private int mostOpen;
    private boolean closed;

    @Override
    public Future<Void> probe(Backend backend, Call call) {
      asked.add(call.timeline().nanos());
      open++;
      mostOpen = Math.max(mostOpen, open);
      Promise<Void> answer = Promise.promise();
      if (!deaf) {
        String why = down.get(backend.facts().id());
        call.timeline()
            .after(
                millis(1),
                () -> {
                  if (why == null) {
                    answer.tryComplete();
                  } else {
                    answer.tryFail(why);
                  }
                });
      }
      if (heedsItsCall) {
        call.onEnd(() -> answer.tryFail("given up"));
      }
      return answer.future().onComplete(over -> open--);
    }

    @Override
    public Future<Void> close() {
      closed = true;
      return Future.succeededFuture();
    }
  }

  private World probed() {
    World world =
        new World(
            99,
            new Scripted("a", self -> self.streams(1, 0)),
            new Scripted("b", self -> self.streams(1, 0)));
    world.build(
        p ->
            p.probe(
                NamedPlugin.of(HealthProbe.class, "probe", context -> probe),
                new Prober.Options(Duration.ofSeconds(5), Duration.ofSeconds(3), 2, 3, 0.1)));
    return world;
  }

  private static void end(World world) {
    world.gateway().close();
    world.settle();
  }

  @Test
  void riseAndFallDecideAndAnUnknownEndpointIsNotDown() {
    probe.down.put("a", "status 503");
    World world = probed();
    assertEquals("up", endpoint(world, 0).state().toString(), "until an answer is there");
    world.time.runUntil(millis(1_050));
    assertEquals("up", endpoint(world, 0).state().toString(), "one bad answer is not enough");
    world.send();
    world.send();
    assertEquals(1, calls(world, 0));
    world.time.runUntil(millis(3_500));
    assertEquals("down", endpoint(world, 0).state().toString(), "three are, a second apart");
    assertEquals("status 503", endpoint(world, 0).why());
    assertEquals("up", endpoint(world, 1).state().toString());
    for (int i = 0; i < 6; i++) {
      world.send();
    }
    assertEquals(1, calls(world, 0));

    probe.down.clear();
    world.time.runUntil(millis(5_000));
    assertEquals("down", endpoint(world, 0).state().toString(), "one good answer is not enough");
    world.time.runUntil(millis(13_000));
    assertEquals("up", endpoint(world, 0).state().toString());

    probe.down.put("b", "refused");
    world.time.runUntil(millis(22_000));
    assertEquals("up", endpoint(world, 1).state().toString(), "two bad answers are not enough");
    world.time.runUntil(millis(29_000));
    assertEquals("down", endpoint(world, 1).state().toString());
    assertEquals(2, world.counter("balance.probed_down"));
    end(world);
    assertTrue(probe.closed);
  }

  @Test
  void intervalsAreJitteredAndAboutFiveSeconds() {
    World world = probed();
    world.time.runUntil(millis(600_000));
    int each = probe.asked.size() / 2;
    assertTrue(each > 110 && each < 130, each + " questions in ten minutes");
    long distinct = probe.asked.stream().map(at -> at % millis(5_000)).distinct().count();
    assertTrue(distinct > 100, distinct + " different moments");
    end(world);
  }

  @Test
  void anAnswerThatDoesNotComeIsABadOneAfterThreeSeconds() {
    probe.deaf = true;
    World world = probed();
    world.time.runUntil(millis(8_000));
    assertEquals(
        "up", endpoint(world, 0).state().toString(), "two without an answer are not enough");
    world.time.runUntil(millis(14_000));
    assertEquals("down", endpoint(world, 0).state().toString());
    assertEquals("no answer within 3000 ms", endpoint(world, 0).why());
    end(world);
  }

  @Test
  void aProbeThatNeverEndsIsNotAskedTwiceAtOnce() {
    probe.deaf = true;
    probe.heedsItsCall = false;
    World world = probed();
    world.time.runUntil(millis(60_000));
    assertEquals(2, probe.mostOpen, "one for each endpoint");
    assertEquals(2, probe.asked.size());
    assertTrue(
        endpoint(world, 0).toString().contains("it has not answered an earlier probe"),
        endpoint(world, 0).toString());
    end(world);
  }

  @Test
  void anEndpointThatLeavesIsAskedNoMore() {
    World world = probed();
    world.time.runUntil(millis(10_000));
    world
        .gateway()
        .members(
            "default",
            List.of(
                new dev.forebay.gateway.Pool.Member(World.plugin(world.backends.get(1)), 1, 0)));
    int asked = probe.asked.size();
    world.time.runUntil(millis(60_000));
    int more = probe.asked.size() - asked;
    assertTrue(more >= 9 && more <= 12, more + " questions in 50 s");
    end(world);
  }

  @Test
  void whereAllAreDownAllAreUsed() {
    probe.down.put("a", "refused");
    probe.down.put("b", "refused");
    World world = probed();
    world.time.runUntil(millis(4_000));
    assertFalse(world.gateway().ready());
    assertTrue(world.send().ok());
    end(world);
  }
}
