package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.retrying.Deadline;
import dev.forebay.core.retrying.Retry;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Status;
import dev.forebay.timeline.VirtualTimeline;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryTest {

  private final Failure overloaded = Failure.overloaded(503, "overloaded", "too much");

  private static Retry stallsAfter(long millis) {
    return new Retry(
        3,
        Duration.ofMillis(millis),
        Duration.ofMillis(1),
        Duration.ofMillis(10),
        Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"silent", "keepsAlive", "unruly", "late"})
  void aTryThatStallsIsGivenUpAndItsEndpointAvoided(String how) {
    Scripted stalling =
        new Scripted(
            "a",
            self ->
                switch (how) {
                  case "silent" -> self.silent();
                  case "keepsAlive" -> self.keepsAlive(millis(10));
                  case "late" -> self.late(millis(500));
                  default ->
                      self.unruly(
                          n -> io.vertx.core.Promise.<dev.forebay.spi.Chunk>promise().future());
                });
    World world = new World(9, stalling, new Scripted("b", self -> self.streams(3, millis(1))));
    world.build(p -> p.stage(stallsAfter(100)).admit(world.capacity(), world.queue()));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok(), client.reason());
    assertEquals("b", client.response == null ? "" : client.response.servedBy());
    assertEquals("2", client.header("x-forebay-attempts"));
    assertEquals(1, stalling.calls.size());
  }

  /** Five requests, one permit, 80 ms each: who waits for the permit has made no try yet. */
  @Test
  void waitingInTheGatewayIsNoTry() {
    World world = new World(1, new Scripted("a", self -> self.speaks(millis(80), 1, 0)));
    world.build(p -> p.stage(stallsAfter(100)).admit(world.capacity(), world.queue()));
    List<Client> clients = Stream.generate(world::send).limit(5).toList();
    world.settle();
    clients.forEach(client -> assertEquals("1", client.header("x-forebay-attempts")));
    assertEquals(5, world.backends.get(0).calls.size());
    assertEquals(0, world.counter("extra-work.taken"));
  }

  @Test
  void theClockOfATryRunsOnceAnEndpointHasIt() {
    Scripted backend =
        Scripted.byNumber(
            "a",
            number ->
                self ->
                    switch (number) {
                      case 1 -> self.speaks(millis(70), 1, 0);
                      case 2 -> self.silent();
                      default -> self.streams(1, 0);
                    });
    World world = new World(1, backend);
    world.build(p -> p.stage(stallsAfter(100)).admit(world.capacity(), world.queue()));
    world.send();
    Client second = world.send();
    world.settle();
    assertEquals("2", second.header("x-forebay-attempts"));
    assertTrue(
        second.endedNanos >= millis(170) && second.endedNanos <= millis(181),
        () -> "at " + second.endedNanos);
  }

  /** A server dies under its requests: shares cover 20 of them, and the reserve 256. */
  @ParameterizedTest
  @CsvSource({"200, reset, 200", "200, connect_timeout, 200", "400, refused, 276", "400, cut, 276"})
  void requestsThatLoseTheirConnectionDrawOnTheReserve(int cut, String reason, long recovered) {
    Failure lost = Failure.overloaded(502, reason, "the connection broke");
    World world =
        new World(
            1000,
            Scripted.byNumber(
                "a",
                number ->
                    self -> number <= cut ? self.fails(lost, millis(5)) : self.streams(1, 0)));
    world.build(p -> p.retry(2));
    List<Client> clients = Stream.generate(world::send).limit(cut).toList();
    world.settle();
    assertEquals(recovered, clients.stream().filter(Client::ok).count());
    assertEquals(recovered, world.counter("extra-work.taken"));
  }

  @Test
  void requestsThatAreRefusedOtherwiseDoNot() {
    World world =
        new World(
            1000,
            Scripted.byNumber(
                "a",
                number ->
                    self ->
                        number <= 200 ? self.fails(overloaded, millis(5)) : self.streams(1, 0)));
    world.build(p -> p.retry(2));
    List<Client> clients = Stream.generate(world::send).limit(200).toList();
    world.settle();
    assertEquals(20, clients.stream().filter(Client::ok).count());
  }

  @Test
  void keepAlivesDoNotExtendDeadlines() {
    World world = new World(9, new Scripted("a", self -> self.keepsAlive(millis(10))));
    world.build(p -> p.stage(new Deadline(Duration.ofSeconds(60), Duration.ofMillis(95))));
    Client client = world.send();
    world.settle();
    assertEquals(Status.TIMED_OUT, client.status());
    assertEquals(millis(95), client.endedNanos);
  }

  @Test
  void theTotalDeadlineCutsAStreamThatGoesOn() {
    World world = new World(9, new Scripted("a", self -> self.streams(1000, millis(10))));
    world.build(p -> p.stage(new Deadline(Duration.ofMillis(105), Duration.ofMillis(50))));
    Client client = world.send();
    world.settle();
    assertEquals(Status.TIMED_OUT, client.status());
    assertEquals(millis(105), client.endedNanos);
    assertEquals(11, client.chunks.size());
    assertEquals(1L, world.gateway().outcomes().get(Status.TIMED_OUT));
  }

  private static boolean isContent(Chunk chunk) {
    return chunk.kind() == Chunk.Kind.CONTENT;
  }

  private static Deadline nextContentWithin(long millis) {
    return new Deadline(Duration.ofSeconds(60), null, Duration.ofMillis(millis));
  }

  /** The first content comes after 80 ms, then one each 10 ms, then only keep-alives. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aStreamThatFallsSilentIsCut(boolean keepsAlive) {
    Scripted backend =
        new Scripted("a", self -> self.fallsSilent(millis(80), 3, millis(10), keepsAlive));
    World world = new World(9, backend);
    world.build(p -> p.stage(nextContentWithin(50)));
    Client client = world.send();
    world.settle();
    assertEquals(Status.OVERLOADED, client.status());
    assertEquals("stalled", client.reason());
    assertEquals(millis(80 + 20 + 50), client.endedNanos);
    assertEquals(3, client.chunks.stream().filter(RetryTest::isContent).count());
    assertEquals(1L, world.gateway().outcomes().get(Status.OVERLOADED));
  }

  @Test
  void aCallerWhoReadsSlowlyIsNotCut() {
    World world = new World(9, new Scripted("a", self -> self.streams(20, millis(10))));
    world.build(p -> p.stage(nextContentWithin(50)));
    Client slow = world.send(null, CacheMode.DEFAULT, millis(200));
    Client quick = world.send();
    world.settle();
    assertTrue(slow.ok(), slow.reason());
    assertTrue(quick.ok(), quick.reason());
  }

  @Test
  void deadlinesCountFromArrival() {
    World world = new World(9, new Scripted("a", self -> self.silent()));
    world.ledger.waitNanos = millis(40);
    world.build(p -> p.rateLimit(world.limiter()).deadline(Duration.ofMillis(100)));
    Client client = world.send();
    world.settle();
    assertEquals(Status.TIMED_OUT, client.status());
    assertEquals(millis(100), client.endedNanos);
  }

  @Test
  void retryAfterIsWaitedForWhereThereIsNoElsewhere() {
    int[] calls = {0};
    World world =
        new World(
            9,
            new Scripted(
                "a",
                self ->
                    request ->
                        (calls[0]++ == 0
                                ? self.fails(overloaded.retryAfter(millis(700)), 0)
                                : self.streams(1, 0))
                            .apply(request)));
    world.build(p -> p.retry(2));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertEquals(millis(700), client.endedNanos);
  }

  @Test
  void retryAfterOfOneEndpointDoesNotKeepFromAnother() {
    World world =
        new World(
            9,
            new Scripted("a", self -> self.fails(overloaded.retryAfter(millis(4000)), 0)),
            new Scripted("b", self -> self.streams(1, 0)));
    world.build(p -> p.retry(2));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertTrue(client.endedNanos <= millis(50), () -> "at " + client.endedNanos);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 499})
  void whatIsTheCallersFaultIsNotTriedAgain(int status) {
    Failure fault = Failure.of(Status.CALLER_FAULT, status, "bad", "bad");
    World world = new World(9, new Scripted("a", self -> self.fails(fault, 0)));
    world.build(p -> p.retry(3));
    Client client = world.send();
    world.settle();
    assertEquals(Status.CALLER_FAULT, client.status());
    assertEquals(1, world.backends.get(0).calls.size());
  }

  /** Two stages of retries and a fallback, one budget: 1.2 calls per request and the floor. */
  @Property(tries = 100)
  void extraWorkNeverExceedsItsBudget(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    VirtualTimeline time = new VirtualTimeline();
    double sick = random.nextDouble();
    Scripted a = new Scripted("a", self -> sometimes(self, random, sick));
    Scripted b = new Scripted("b", self -> sometimes(self, random, sick));
    Gateway gateway =
        Gateway.builder(new Host(time, seed))
            .pipeline(p -> p.retry(3))
            .pool("one", p -> p.fallback("two").retry(3).backends(World.plugin(a)))
            .pool("two", p -> p.retry(2).models("other").backends(World.plugin(b)))
            .extraWork(0.2, 1)
            .build();
    int requests = 1 + random.nextInt(400);
    long span = millis(1 + random.nextInt(20_000));
    for (int i = 0; i < requests; i++) {
      String id = "r" + i;
      time.after(random.nextLong(span), () -> Client.send(gateway, Fakes.request(time, id)));
    }
    time.run();
    int calls = a.calls.size() + b.calls.size();
    double floor = 10 + time.nanos() / 1e9;
    assertTrue(
        calls <= requests * 1.2 + floor,
        () -> "seed " + seed + ": " + calls + " calls for " + requests + " requests");
    assertEquals(calls - requests, gateway.counters().get("extra-work.taken"));
    assertEquals(0, gateway.open());
  }

  private Scripted.Act sometimes(Scripted self, SplittableRandom random, double sick) {
    return request ->
        (random.nextDouble() < sick ? self.fails(overloaded, 0) : self.streams(2, millis(1)))
            .apply(request);
  }

  @Test
  void aFallbackAnswersWhereTheFirstPoolCannot() {
    VirtualTimeline time = new VirtualTimeline();
    Scripted a = new Scripted("a", self -> self.fails(overloaded, millis(1)));
    Scripted b = new Scripted("b", self -> self.streams(2, millis(1)));
    Gateway gateway =
        Gateway.builder(new Host(time, 1))
            .pool("one", p -> p.fallback("two").backends(World.plugin(a)))
            .pool("two", p -> p.models("other").backends(World.plugin(b)))
            .build();
    Client client = Client.send(gateway, Fakes.request(time, "r"));
    time.run();
    assertTrue(client.ok(), client.reason());
    assertEquals("[0][1]", client.text());
    assertEquals(0, time.pending());
  }
}
