package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.gateway.Pool;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.state.EndpointFigures;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class BalancingTest {

  private final Failure overloaded = Failure.overloaded(503, "overloaded", "");

  private static Plugin<HealthPolicy> cooldowns(List<Long> nanos) {
    List<Long> left = new ArrayList<>(nanos);
    return NamedPlugin.of(
        HealthPolicy.class,
        "cooldowns",
        context ->
            (endpoint, outcome) ->
                outcome.status().unhealthy() && !left.isEmpty() ? left.remove(0) : 0);
  }

  private static Pool.Member member(Scripted backend) {
    return new Pool.Member(World.plugin(backend), 1, 0);
  }

  private static EndpointFigures endpoint(World world, int index) {
    return world.gateway().pool("default").state().endpoints().get(index);
  }

  @Test
  void aCooldownIsExtendedAndNeverShortened() {
    World world =
        new World(
            9,
            new Scripted("a", self -> self.fails(overloaded, millis(1))),
            new Scripted("b", self -> self.streams(1, 0)),
            new Scripted("c", self -> self.streams(1, 0)));
    world.build(p -> p.health(cooldowns(List.of(millis(10_000), millis(5)))));
    world.send(); // a
    world.send(); // b
    world.send(); // c
    world.send(); // a again, before it has failed
    world.time.runUntil(millis(2));
    assertEquals("cooling", endpoint(world, 0).state().toString());
    assertEquals(9_999L, endpoint(world, 0).cooldownMillis());
    for (int i = 0; i < 6; i++) {
      assertTrue(world.send().ok(), "goes to those that are up");
    }
    world.settle();
    assertEquals(2, world.backends.get(0).calls.size());
  }

  @Test
  void theLastEndpointIsUsedThoughItCools() {
    World world = new World(9, new Scripted("a", self -> self.fails(overloaded, millis(1))));
    world.build(p -> p.health(cooldowns(List.of(millis(60_000)))));
    world.send();
    world.time.runUntil(millis(2));
    assertFalse(world.gateway().ready());
    world.send();
    world.settle();
    assertEquals(2, world.backends.get(0).calls.size());
  }

  @Test
  void anAccountThatIsOutIsOutEvenInPanicUntilItIsReloaded() {
    Failure out = Failure.of(Status.ACCOUNT_OUT, 402, "no_balance", "");
    World world =
        new World(
            9,
            new Scripted("a", "shared", self -> self.fails(out, 0)),
            new Scripted("b", "shared", self -> self.streams(1, 0)));
    world.build(p -> p.retry(1));
    world.send();
    Client second = world.send();
    assertEquals("account_out", second.reason());
    assertEquals(503, second.failure == null ? 0 : second.failure.httpStatus());
    world.gateway().pool("default").reloadAccounts();
    world.send();
    world.settle();
    assertEquals(2, world.backends.get(0).calls.size() + world.backends.get(1).calls.size());
  }

  /** A refusal that a caller may have caused: others are asked first, and nobody is shut out. */
  @Test
  void anAccountInDoubtIsPassedByForAWhileButNeverOut() {
    Failure doubt = Failure.of(Status.ACCOUNT_OUT, 503, "upstream_403", "").retryAfter(millis(900));
    Scripted a = new Scripted("a", "one", self -> self.fails(doubt, 0));
    Scripted b = new Scripted("b", "one", self -> self.fails(doubt, 0));
    Scripted c = new Scripted("c", "two", self -> self.streams(1, 0));
    World world = new World(9, a, b, c);
    world.build(p -> p.retry(2));
    askedSixTimes(world, millis(800));
    assertEquals(1, a.calls.size() + b.calls.size());
    assertTrue(world.gateway().pool("default").state().toString().contains("state=doubtful"));
    world.time.runUntil(millis(1_800));
    askedSixTimes(world, millis(2_600));
    world.settle();
    assertEquals(2, a.calls.size() + b.calls.size(), "asked again when the doubt was over");
  }

  private static void askedSixTimes(World world, long untilNanos) {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      clients.add(world.send());
    }
    world.time.runUntil(untilNanos);
    for (Client client : clients) {
      assertTrue(client.ok(), "by the other account");
    }
  }

  /** One caller's prompt or model leaves the only account to all others. */
  @Test
  void theOnlyAccountServesOnThoughItIsInDoubt() {
    Failure doubt = Failure.of(Status.ACCOUNT_OUT, 503, "upstream_403", "").retryAfter(millis(900));
    AtomicInteger asked = new AtomicInteger();
    Scripted a =
        new Scripted(
            "a",
            self ->
                request ->
                    (asked.getAndIncrement() % 2 == 0 ? self.fails(doubt, 0) : self.streams(1, 0))
                        .apply(request));
    World world = new World(9, a);
    world.build(p -> p.health(cooldowns(List.of(millis(60_000)))));
    for (int i = 0; i < 3; i++) {
      assertEquals("upstream_403", world.send().reason());
      assertTrue(world.gateway().ready());
      assertEquals("up", endpoint(world, 0).state().toString());
      assertTrue(world.gateway().pool("default").state().toString().contains("state=doubtful"));
      assertTrue(world.send().ok(), "another caller");
      assertFalse(world.gateway().pool("default").state().toString().contains("doubtful"));
    }
    world.settle();
  }

  @Test
  void aThrottledAccountCoolsDownWithAllItsEndpoints() {
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "").retryAfter(millis(900));
    World world =
        new World(
            9,
            new Scripted("a", "one", self -> self.fails(throttled, 0)),
            new Scripted("b", "one", self -> self.streams(1, 0)),
            new Scripted("c", "two", self -> self.streams(1, 0)));
    world.build(p -> p.retry(1));
    world.send();
    for (int i = 0; i < 4; i++) {
      assertTrue(world.send().ok());
    }
    world.settle();
    assertEquals(0, world.backends.get(1).calls.size());
    assertEquals(4, world.backends.get(2).calls.size());
  }

  @Test
  void aRequestGoesToWhoOffersItsModel() {
    Scripted other = new Scripted("other", self -> self.streams(1, 0));
    Scripted one = new Scripted("one", self -> self.streams(1, 0));
    Scripted any = new Scripted("any", self -> self.streams(1, 0));
    other.models = List.of("x");
    one.models = List.of("m", "x");
    World world = new World(9, other, one, any);
    world.build(p -> {});
    for (int i = 0; i < 6; i++) {
      assertTrue(world.send().ok(), "the request is for m");
    }
    world.settle();
    assertEquals(0, other.calls.size());
    assertEquals(3, one.calls.size());
    assertEquals(3, any.calls.size());
  }

  @Test
  void membersThatAreAlikeTakeWhateverTheirPoolTakes() {
    Scripted a = new Scripted("a", self -> self.streams(1, 0));
    Scripted b = new Scripted("b", self -> self.streams(1, 0));
    a.models = List.of("m", "x");
    b.models = List.of("x", "m");
    World world = new World(9, a, b);
    world.build(p -> {});
    world.send();
    world.send();
    world.settle();
    assertEquals(1, a.calls.size());
    assertEquals(1, b.calls.size());
  }

  @Test
  void anAccountThatRefusesWithoutSayingForHowLongGetsLess() {
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "");
    Function<Scripted, Scripted.Act> threeAtOnce =
        self ->
            request ->
                self.open >= 3
                    ? self.fails(throttled, 0).apply(request)
                    : self.streams(2, millis(100)).apply(request);
    Scripted a = new Scripted("a", "one", threeAtOnce);
    Scripted b = new Scripted("b", "two", self -> self.streams(2, millis(100)));
    World world = new World(99, a, b);
    world.build(p -> p.retry(2));
    for (int i = 0; i < 20; i++) {
      assertTrue(!world.send().over(), "under way, here or there");
    }
    assertEquals(4, a.calls.size(), "three, and the one that showed the limit");
    assertTrue(world.gateway().pool("default").state().toString().contains("limit=3, inFlight=3]"));
    world.time.runUntil(millis(5_000));
    for (int i = 0; i < 5; i++) {
      world.send();
      world.time.runUntil(millis(7_000L + 2_000L * i));
    }
    assertTrue(
        world.gateway().pool("default").state().toString().contains("limit=5"), "it grows again");
    world.time.runUntil(millis(60_001));
    assertFalse(
        world.gateway().pool("default").state().toString().contains("limit="), "it is forgotten");
    world.settle();
  }

  @Test
  void aFullAccountIsAskedAgainAMinuteAfterItsRefusalWithoutAnAnswer() {
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "");
    Scripted a =
        new Scripted(
            "a",
            "one",
            self ->
                request ->
                    self.open >= 1
                        ? self.fails(throttled, 0).apply(request)
                        : self.streams(2, millis(100_000)).apply(request));
    Scripted b = new Scripted("b", "two", self -> self.streams(2, millis(100_000)));
    World world = new World(99, a, b);
    world.build(p -> p.retry(2).balance(world.balancer()));
    for (int i = 0; i < 5; i++) {
      world.send();
    }
    assertEquals(2, a.calls.size(), "one, and the one that showed the limit");
    world.time.runUntil(millis(59_900));
    world.send();
    assertEquals(2, a.calls.size(), "it is full");
    world.time.runUntil(millis(60_001));
    world.send();
    assertEquals(3, a.calls.size(), "its stream goes on, but its limit is forgotten");
    world.settle();
    world.clients.forEach(client -> assertTrue(client.ok(), client.reason()));
  }

  @Test
  void aRetryLeavesTheAccountThatRefused() {
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "");
    World world =
        new World(
            9,
            new Scripted("a", "one", self -> self.fails(throttled, 0)),
            new Scripted("b", "one", self -> self.fails(throttled, 0)),
            new Scripted("c", "two", self -> self.streams(1, 0)));
    world.build(p -> p.retry(2));
    for (int i = 1; i <= 9; i++) {
      Client client = world.send();
      world.time.runUntil(millis(2_000L * i));
      assertTrue(client.ok(), i + ": its second try is at the other account");
    }
    world.settle();
    assertTrue(world.backends.get(0).calls.size() + world.backends.get(1).calls.size() > 0);
  }

  @Test
  void whereThereIsOneAccountARetryIsAtItsOtherEndpoint() {
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "");
    World world =
        new World(
            9,
            new Scripted("a", "one", self -> self.fails(throttled, 0)),
            new Scripted("b", "one", self -> self.streams(1, 0)));
    world.build(p -> p.retry(2));
    for (int i = 1; i <= 6; i++) {
      Client client = world.send();
      world.time.runUntil(millis(2_000L * i));
      assertTrue(client.ok());
    }
    world.settle();
  }

  @Test
  void whatAnswersInPanicSpeaksForItsGroupOnly() {
    boolean[] fails = {true};
    Function<Scripted, Scripted.Act> script =
        self ->
            request ->
                fails[0]
                    ? self.fails(overloaded, 0).apply(request)
                    : self.streams(1, 0).apply(request);
    World world = new World(9, new Scripted("a", script));
    Scripted second = new Scripted("b", script);
    Scripted backup = new Scripted("c", script);
    world.build(
        p ->
            p.health(cooldowns(List.of(millis(60_000), millis(60_000), millis(60_000))))
                .retry(1)
                .backends(World.plugin(second))
                .backups(World.plugin(backup)));
    world.send();
    world.send();
    world.send();
    for (int i = 0; i < 3; i++) {
      assertEquals("cooling", endpoint(world, i).state().toString(), i + " has failed");
    }
    fails[0] = false;
    assertTrue(world.send().ok(), "asked in panic");
    List<Object> states = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      states.add(endpoint(world, i).id() + " " + endpoint(world, i).state().toString());
    }
    states.sort(Comparator.comparing(Object::toString));
    assertTrue(states.contains("c cooling"), states + ": it was not used with those of the group");
    assertTrue(states.contains("a up") || states.contains("b up"), states.toString());
    assertTrue(states.contains("a half-open") || states.contains("b half-open"), states.toString());
    world.settle();
  }

  @Test
  void aTrialThatIsAnsweredDoesNotEndTheCooldownAfterOneThatFailed() {
    Scripted trial =
        Scripted.byNumber(
            "a",
            number ->
                switch (number) {
                  case 1 -> self -> self.fails(overloaded, 0);
                  case 2 -> self -> self.whole(millis(10));
                  default -> self -> self.fails(overloaded, millis(5));
                });
    World world = new World(9, trial, new Scripted("b", self -> self.streams(1, 0)));
    Balancer first = (request, candidates) -> candidates.get(0);
    world.build(
        p ->
            p.health(cooldowns(List.of(millis(1_000))))
                .retry(1)
                .balance(NamedPlugin.of(Balancer.class, "first", context -> first))
                .balancing(
                    new BalancingService.Options(
                        0.25, Duration.ofMinutes(2), Duration.ZERO, 0.1, 0, 2)));
    world.send();
    world.time.runUntil(millis(1_001));
    world.send();
    world.send();
    assertEquals(3, trial.calls.size(), "two trials at once");
    world.time.runUntil(millis(1_100));
    assertEquals("cooling", endpoint(world, 0).state().toString());
    assertEquals(1_906L, endpoint(world, 0).cooldownMillis());
    world.settle();
  }

  @Test
  void anEndpointThatMovedUnderItsIdStartsAnew() {
    Scripted before = new Scripted("a", self -> self.fails(overloaded, 0));
    Scripted spare = new Scripted("b", self -> self.streams(1, 0));
    before.address = URI.create("http://10.0.0.1:80/v1");
    World world = new World(9, before, spare);
    world.build(p -> p.health(cooldowns(List.of(millis(60_000)))).retry(1));
    world.send();
    assertEquals("cooling", endpoint(world, 0).state().toString());
    Scripted renewed = new Scripted("a", self -> self.streams(1, 0));
    renewed.address = before.address;
    world.gateway().members("default", List.of(member(renewed), member(spare)));
    assertEquals("cooling", endpoint(world, 0).state().toString(), "the same place, made again");
    Scripted moved = new Scripted("a", self -> self.streams(1, 0));
    moved.address = URI.create("http://10.0.0.2:80/v1");
    world.gateway().members("default", List.of(member(moved), member(spare)));
    assertEquals("up", endpoint(world, 0).state().toString());
    assertEquals(0L, endpoint(world, 0).dispatched());
    assertTrue(before.closed && renewed.closed);
    world.settle();
  }

  @Test
  void aBalancerLearnsAlsoWhereThereIsOneCandidate() {
    World world = new World(9, new Scripted("a", self -> self.streams(1, 0)));
    world.build(p -> p.balance(world.balancer()));
    int before = world.least.chosen;
    world.send();
    world.settle();
    assertEquals(before + 1, world.least.chosen);
  }

  @Test
  void anErrorRateFadesWhileNobodyAsks() {
    boolean[] fails = {true};
    World world =
        new World(
            9,
            new Scripted(
                "a",
                self ->
                    request ->
                        fails[0]
                            ? self.fails(broken(), 0).apply(request)
                            : self.streams(1, 0).apply(request)));
    double[] seen = {-1};
    Balancer looks =
        (request, candidates) -> {
          seen[0] = candidates.get(1).errorRate();
          return candidates.get(1);
        };
    Scripted spare = new Scripted("b", self -> self.streams(1, 0));
    world.build(
        p ->
            p.balance(NamedPlugin.of(Balancer.class, "looks", context -> looks))
                .backends(World.plugin(spare)));
    world.send();
    fails[0] = false;
    world.send();
    assertEquals(0.1, seen[0], 1e-9);
    world.time.runUntil(millis(30_000));
    world.send();
    assertTrue(seen[0] < 0.01, seen[0] + " after half a minute");
    world.settle();
  }

  private static Failure broken() {
    return Failure.overloaded(502, "refused", "");
  }

  @Test
  void membersThatStayKeepTheirStateAndThoseThatLeaveAreClosedWhenTheyAreDone() {
    Scripted a = new Scripted("a", self -> self.streams(10, millis(10)));
    Scripted b = new Scripted("b", self -> self.streams(10, millis(10)));
    World world = new World(9, a, b);
    world.build(p -> p.balance(world.balancer()));
    world.send();
    world.send();
    Scripted c = new Scripted("c", self -> self.streams(1, 0));
    world.gateway().members("default", List.of(member(b), member(c)));
    assertEquals(1, endpoint(world, 0).inFlight(), "b keeps what it has under way");
    assertFalse(a.closed, "a request runs on it");
    for (int i = 0; i < 3; i++) {
      assertTrue(world.send().ok(), "goes to c, which is idle");
    }
    world.settle();
    assertTrue(a.closed);
    assertFalse(b.closed);
    assertEquals(1, a.calls.size());
    assertEquals(3, c.calls.size());
    assertEquals(0, endpoint(world, 0).inFlight());
  }

  @Test
  void membersThatCannotBeMadeChangeNothing() {
    World world = new World(9, new Scripted("a", self -> self.streams(1, 0)));
    world.build(p -> {});
    Scripted x = new Scripted("x", self -> self.streams(1, 0));
    world
        .gateway()
        .members("default", List.of(member(x), member(new Scripted("x", self -> self.silent()))));
    assertTrue(world.send().ok());
    world.settle();
    assertEquals(1, world.errors());
    assertEquals(1, world.backends.get(0).calls.size());
    assertTrue(x.closed);
  }

  @Test
  void theTimeToFirstContentOfAForeignStreamCountsFromSending() {
    World world =
        new World(
            9,
            new Scripted(
                "a",
                self ->
                    request -> {
                      io.vertx.core.Promise<dev.forebay.spi.InferenceResponse> head =
                          io.vertx.core.Promise.promise();
                      request
                          .call()
                          .timeline()
                          .after(
                              millis(70),
                              () ->
                                  self.unruly(
                                          n ->
                                              io.vertx.core.Future.succeededFuture(
                                                  Scripted.chunk("x", true)))
                                      .apply(request)
                                      .onComplete(head));
                      return head.future();
                    }));
    world.build(p -> {});
    Client client = world.send();
    world.settle();
    assertEquals(
        millis(70),
        client.outcome == null ? -1 : client.outcome.timings().timeToFirstContentNanos());
  }
}
