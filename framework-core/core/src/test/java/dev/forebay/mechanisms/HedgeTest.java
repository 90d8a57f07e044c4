package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.cost.Prices;
import dev.forebay.core.retrying.Hedge;
import dev.forebay.core.retrying.Retry;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The first content wins, whoever brings it; nothing else does, and nothing is left behind. */
class HedgeTest {

  private final Failure overloaded = Failure.overloaded(503, "overloaded", "too much");

  private static Hedge after(long millis) {
    return after(millis, 1);
  }

  private static Hedge after(long millis, double maxShare) {
    return new Hedge(Duration.ofMillis(millis), 0.95, 100, Duration.ZERO, maxShare, 1, false);
  }

  private static Hedge learned(double maxShare) {
    return new Hedge(null, 0.9, 20, Duration.ofMillis(1), maxShare, 1, false);
  }

  private static World race(Scripted a, Scripted b) {
    return new World(9, a, b).build(p -> p.stage(after(50)));
  }

  @Test
  void theSecondAnswersWhereTheFirstIsSlow() {
    Scripted slow = new Scripted("a", self -> self.speaks(millis(400), 3, millis(400)));
    World world = race(slow, new Scripted("b", self -> self.speaks(millis(10), 3, millis(10))));
    Client client = world.send();
    world.time.runUntil(millis(60));
    assertEquals(0, slow.open, "the loser is stopped with the winner's first content");
    world.settle();
    assertTrue(client.ok(), client.reason());
    assertEquals("b", served(client));
    assertEquals(millis(80), client.endedNanos, "50 ms, then three chunks of 10 ms");
    assertEquals(1, world.counter("hedge.sent"));
    assertEquals(1, world.counter("hedge.won"));
    assertEquals(10, world.counter("hedge.lost_tokens"), "the prompt, and no content");
  }

  @Test
  void theFirstAnswersWhereItSpeaksBeforeTheSecond() {
    Scripted first = new Scripted("a", self -> self.speaks(millis(70), 3, millis(70)));
    Scripted second = new Scripted("b", self -> self.speaks(millis(30), 3, millis(30)));
    World world = race(first, second);
    Client client = world.send();
    world.settle();
    assertEquals("a", served(client));
    assertEquals("[0][1][2]", client.text());
    assertEquals(1, second.calls.size());
    assertEquals(0, world.counter("hedge.won"));
  }

  @Test
  void oneThatSpeaksInTimeIsLeftAlone() {
    Scripted second = new Scripted("b", self -> self.streams(3, 0));
    World world = race(new Scripted("a", self -> self.speaks(millis(20), 90, millis(20))), second);
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertEquals(0, second.calls.size());
  }

  @Test
  void anErrorNeverWins() {
    Scripted second =
        new Scripted("b", self -> request -> self.fails(overloaded, millis(1)).apply(request));
    World world = race(new Scripted("a", self -> self.speaks(millis(100), 2, millis(100))), second);
    Client client = world.send();
    world.settle();
    assertTrue(client.ok(), client.reason());
    assertEquals("a", served(client));
    assertEquals(1, second.calls.size());
  }

  @Test
  void anErrorFrameAfterTheHeadNeverWins() {
    Scripted second = new Scripted("b", self -> self.streams(9, 0, 0));
    World world = race(new Scripted("a", self -> self.speaks(millis(100), 2, millis(100))), second);
    Client client = world.send();
    world.settle();
    assertEquals("a", served(client));
    assertEquals(1, second.calls.size());
  }

  @Test
  void anEmptyStreamNeverWins() {
    Scripted second = new Scripted("b", HedgeTest::empty);
    World world = race(new Scripted("a", self -> self.speaks(millis(100), 2, millis(100))), second);
    Client client = world.send();
    world.settle();
    assertEquals("a", served(client));
    assertEquals(1, second.calls.size());
  }

  @Test
  void whereAllAreEmptyTheAnswerIsEmpty() {
    World world =
        race(
            new Scripted("a", self -> request -> later(self, request, HedgeTest::empty)),
            new Scripted("b", HedgeTest::empty));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok(), client.reason());
    assertEquals(1, client.chunks.size());
  }

  @Test
  void keepAlivesDoNotWin() {
    Scripted first = new Scripted("a", self -> self.keepsAlive(millis(5)));
    World world = race(first, new Scripted("b", self -> self.speaks(millis(100), 2, millis(100))));
    Client client = world.send();
    world.settle();
    assertEquals("b", served(client));
    assertEquals(millis(250), client.endedNanos);
  }

  @Test
  void aFirstThatFailsWhileTheSecondRunsDoesNotEndTheRace() {
    World world =
        race(
            new Scripted("a", self -> self.fails(overloaded, millis(60))),
            new Scripted("b", self -> self.speaks(millis(100), 2, millis(100))));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok(), client.reason());
    assertEquals("b", served(client));
  }

  @Test
  void aFirstThatFailsBeforeTheSecondIsTheRetrysBusiness() {
    Scripted second = new Scripted("b", self -> self.streams(2, 0));
    World world = race(new Scripted("a", self -> self.fails(overloaded, millis(10))), second);
    Client client = world.send();
    world.settle();
    assertEquals(Status.OVERLOADED, client.status());
    assertEquals(0, second.calls.size());
  }

  @Test
  void whatIsTheCallersFaultEndsTheRaceAtOnce() {
    Failure fault = Failure.of(Status.CALLER_FAULT, 400, "bad", "bad");
    World world =
        race(
            new Scripted("a", self -> self.fails(fault, millis(60))),
            new Scripted("b", self -> self.speaks(millis(100), 2, millis(100))));
    Client client = world.send();
    world.settle();
    assertEquals(Status.CALLER_FAULT, client.status());
    assertEquals(millis(60), client.endedNanos);
  }

  @Test
  void bothFailingIsOneFailureAfterTwoTries() {
    World world =
        race(
            new Scripted("a", self -> self.fails(overloaded, millis(90))),
            new Scripted("b", self -> self.fails(overloaded, millis(60))));
    Client client = world.send();
    world.settle();
    Failure failure = client.failure;
    assertEquals(2, failure == null ? 0 : failure.attempts());
    assertEquals("a", failure == null ? "" : failure.servedBy());
  }

  @Test
  void whoQueuesInTheGatewayIsNotHedged() {
    Scripted a = new Scripted("a", self -> self.speaks(millis(40), 2, millis(40)));
    World world =
        new World(1, a, new Scripted("b", self -> self.speaks(millis(40), 2, millis(40))));
    world.build(
        p -> p.stage(after(50)).admit(world.capacity(), world.queue()).balance(world.balancer()));
    for (int i = 0; i < 6; i++) {
      world.send();
    }
    world.settle();
    world.clients.forEach(client -> assertTrue(client.ok(), client.reason()));
    assertEquals(0, world.counter("hedge.sent"), "each has content 40 ms after its pick");
  }

  @Test
  void theBudgetOfRetriesIsItsBudget() {
    World world = new World(9, new Scripted("a", self -> self.silent()));
    Gateway gateway =
        Gateway.builder(new Host(world.policies, 1))
            .pipeline(
                p ->
                    p.stage(after(10))
                        .backends(
                            World.plugin(
                                new Scripted("a", self -> self.speaks(millis(30), 1, millis(30)))),
                            World.plugin(
                                new Scripted("b", self -> self.speaks(millis(30), 1, millis(30))))))
            .extraWork(0.1, 0)
            .build();
    for (int i = 0; i < 200; i++) {
      Client.send(gateway, Fakes.request(world.time, "r" + i));
    }
    world.time.run();
    assertEquals(10, gateway.counters().get("hedge.sent"), "what 100 requests have saved up");
    assertEquals(10, gateway.counters().get("extra-work.taken"));
    assertEquals(190, gateway.counters().get("hedge.budget_denied"));
  }

  @Test
  void theDelayIsLearnedAndTheShareIsKept() {
    SplittableRandom random = new SplittableRandom(7);
    Scripted a = new Scripted("a", self -> sometimesSlow(self, random));
    Scripted b = new Scripted("b", self -> sometimesSlow(self, random));
    World world = new World(99, a, b).build(p -> p.stage(learned(0.05)));
    for (int i = 0; i < 2000; i++) {
      world.time.after(millis(5L * i), world::send);
    }
    world.settle();
    long sent = world.counter("hedge.sent");
    assertTrue(sent > 50 && sent <= 100, "hedges: " + sent);
    assertTrue(world.counter("hedge.won") > sent / 2);
  }

  /** If all endpoints are slow, nobody's second calls use up those of urgent requests. */
  @Test
  void urgentRequestsHaveASecondCallAfterOthersHaveUsedUpTheirShare() {
    Scripted a = new Scripted("a", self -> self.speaks(millis(400), 1, millis(400)));
    Scripted b = new Scripted("b", self -> self.speaks(millis(400), 1, millis(400)));
    World world = new World(999, a, b).build(p -> p.stage(after(50, 0.05)));
    for (int i = 0; i < 200; i++) {
      world.send();
    }
    world.time.runUntil(millis(100));
    assertEquals(9, world.counter("hedge.sent"), "a twentieth of those of 200 that still count");
    for (int i = 0; i < 20; i++) {
      InferenceRequest request = Fakes.request(world.time, "vip" + i);
      RequestInfo urgent = request.info().withPriority(RequestInfo.VIP);
      Client.send(world.gateway(), request.with(urgent));
    }
    world.time.run();
    assertEquals(9 + 9, world.counter("hedge.sent"), "as many for urgent ones");
  }

  private static Scripted.Act sometimesSlow(Scripted self, SplittableRandom random) {
    return request ->
        self.speaks(random.nextInt(15) == 0 ? millis(900) : millis(20 + random.nextInt(20)), 2, 0)
            .apply(request);
  }

  @Test
  void whatTheLoserCostIsPartOfTheCost() {
    World world = new World(9);
    Gateway gateway =
        Gateway.builder(new Host(world.policies, 1))
            .pipeline(
                p ->
                    p.stage(after(50))
                        .backends(
                            World.plugin(
                                new Scripted(
                                    "a", self -> self.speaks(millis(400), 3, millis(400)))),
                            World.plugin(
                                new Scripted("b", self -> self.speaks(millis(10), 3, millis(10))))))
            .prices(new Prices(Prices.Preset.NONE, java.util.Map.of(), null, 1.0, 10.0, false))
            .build();
    Client client = Client.send(gateway, Fakes.request(world.time, "r"));
    world.time.run();
    double usd = client.outcome == null ? 0 : client.outcome.costUsd();
    assertEquals((10 + 10 + 3 * 10) / 1e6, usd, 1e-12, "two prompts and one answer");
    assertEquals(50_000L, gateway.counters().get("cost.nanodollars"));
    assertEquals(10_000L, gateway.counters().get("hedge.lost_nanodollars"));
  }

  /** Whoever leaves, and whatever backends do, with retries around hedges: nothing is left. */
  @Property(tries = 300)
  void nothingIsLeftBehind(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    World world =
        new World(
            1 + random.nextInt(6),
            new Scripted("a", self -> any(self, random)),
            new Scripted("b", self -> any(self, random)),
            new Scripted("c", self -> any(self, random)));
    world.build(
        p ->
            p.deadline(Duration.ofMillis(400))
                .cache(world.cache())
                .stage(
                    new Retry(
                        3,
                        Duration.ofMillis(90),
                        Duration.ofMillis(10),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100)))
                .stage(random.nextBoolean() ? after(random.nextInt(1, 30)) : learned(1))
                .admit(world.capacity(), world.queue())
                .balance(world.balancer()));
    for (int i = 0; i < 50; i++) {
      long stays = random.nextInt(2) == 0 ? Long.MAX_VALUE : random.nextLong(millis(150));
      dev.forebay.spi.PromptKey key =
          random.nextInt(3) > 0 ? null : new dev.forebay.spi.PromptKey(0, random.nextInt(4));
      world.time.after(
          random.nextLong(millis(300)),
          () -> {
            Client client = world.send(key);
            if (stays != Long.MAX_VALUE) {
              world.time.after(stays, client::leave);
            }
          });
    }
    world.settle();
    assertEquals(0, world.errors(), "seed " + seed);
    assertEquals(0, world.least.open, "seed " + seed);
    assertTrue(world.permits.most <= world.permits.limit, "seed " + seed);
    int calls = world.backends.stream().mapToInt(backend -> backend.calls.size()).sum();
    assertTrue(calls <= 50 * 1.2 + 10 + 1, "seed " + seed + ": " + calls + " calls");
  }

  private Scripted.Act any(Scripted self, SplittableRandom random) {
    return request ->
        (switch (random.nextInt(10)) {
              case 0 -> self.streams(10, millis(4));
              case 1 -> self.streams(10, millis(10), random.nextInt(3));
              case 2 -> self.whole(millis(10));
              case 3 -> self.fails(overloaded, random.nextInt(40) * millis(1));
              case 4 -> self.silent();
              case 5 -> self.keepsAlive(millis(10));
              case 6 -> self.unruly(number -> Promise.<Chunk>promise().future());
              case 7 -> self.late(random.nextLong(millis(300)));
              case 8 -> empty(self);
              default -> self.speaks(millis(random.nextInt(60)), 5, millis(3));
            })
            .apply(request);
  }

  /** A stream that ends without any content. */
  private static Scripted.Act empty(Scripted self) {
    return request -> {
      StreamSource source = new StreamSource(request.call(), 0, () -> {});
      source.write(new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true));
      return Future.succeededFuture(self.response(source));
    };
  }

  private static Future<dev.forebay.spi.InferenceResponse> later(
      Scripted self,
      dev.forebay.spi.InferenceRequest request,
      java.util.function.Function<Scripted, Scripted.Act> act) {
    Promise<dev.forebay.spi.InferenceResponse> head = Promise.promise();
    request
        .call()
        .timeline()
        .after(millis(80), () -> act.apply(self).apply(request).onComplete(head));
    return head.future();
  }

  private static @Nullable String served(Client client) {
    return client.response == null ? null : client.response.servedBy();
  }
}
