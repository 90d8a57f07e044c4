package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.Traits;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Requests that share one call: in both forms, and where it fails. */
class SharedCallTest {

  private static final PromptKey KEY = new PromptKey(1, 2);

  private static World world(Scripted backend) {
    World world = new World(9, backend);
    return world.build(p -> p.cache(world.cache()));
  }

  private static InferenceRequest asking(World world, boolean stream, boolean usage) {
    InferenceRequest plain = Fakes.request(world.time, "r" + world.clients.size(), KEY);
    return plain.with(
        plain.info().withStream(stream).withTraits(new Traits(Double.NaN, false, usage)));
  }

  private static Client send(World world, boolean stream) {
    Client client = Client.send(world.gateway(), asking(world, stream, stream));
    world.clients.add(client);
    return client;
  }

  /** A backend whose answers are in OpenAI's form. */
  private static Scripted real(int tokens) {
    return new Scripted("a", self -> self.answers(tokens, millis(10)));
  }

  private static final String TEXT = " tok".repeat(5);

  private static void isCorrect(Client client, boolean stream) {
    assertTrue(client.ok(), client.reason());
    if (stream) {
      assertTrue(client.text().endsWith("data: [DONE]\n\n"), client.text());
      assertEquals(TEXT, client.content());
      assertTrue(client.text().contains("\"usage\":{"), client.text());
      assertEquals("text/event-stream", client.header("content-type"));
    } else {
      JsonObject whole = new JsonObject(client.text());
      assertEquals("chat.completion", whole.getString("object"));
      JsonObject choice = whole.getJsonArray("choices").getJsonObject(0);
      assertEquals(TEXT, choice.getJsonObject("message").getString("content"));
      assertEquals("stop", choice.getString("finish_reason"));
      assertEquals(5, whole.getJsonObject("usage").getInteger("completion_tokens"));
      assertEquals("application/json", client.header("content-type"));
    }
  }

  @Test
  void aThousandStreamedAndWholeShareOneCall() {
    for (boolean first : List.of(true, false)) {
      World world = world(real(5));
      for (int i = 0; i < 1000; i++) {
        boolean stream = (i % 2 == 0) == first;
        world.time.after(millis(i / 20), () -> send(world, stream)); // also while it is under way
      }
      world.settle();
      assertEquals(1, world.backends.get(0).calls.size());
      assertEquals(1000, world.clients.size());
      for (Client client : world.clients) {
        isCorrect(client, client.request.info().stream());
      }
      Client hit = send(world, true);
      Client other = send(world, false);
      world.settle();
      isCorrect(hit, true);
      isCorrect(other, false);
      assertEquals("hit", hit.header("x-forebay-cache"));
      assertEquals("hit", other.header("x-forebay-cache"));
      assertEquals(1, world.backends.get(0).calls.size());
    }
  }

  @Test
  void theCallGoesOnForThoseWhoWaitForTheOtherForm() {
    World world = world(real(5));
    Client leader = send(world, true);
    world.time.runUntil(millis(25));
    Client whole = send(world, false);
    world.time.after(millis(1), leader::leave);
    world.settle();
    isCorrect(whole, false);
    assertEquals(1, world.backends.get(0).calls.size());
    assertEquals(1, world.store.answers.size());
  }

  @Test
  void whereTheyLeaveTooTheBackendIsStopped() {
    World world = world(real(50));
    Client leader = send(world, true);
    world.time.runUntil(millis(25));
    Client whole = send(world, false);
    world.time.after(millis(1), leader::leave);
    world.time.after(millis(2), whole::leave);
    world.time.runUntil(millis(30));
    assertEquals(0, world.backends.get(0).open);
    world.settle();
  }

  @Test
  void whoWantsTheUsageOfAStreamJoinsOnlyWhereItIsAskedFor() {
    World world = world(real(5));
    Client without = Client.send(world.gateway(), asking(world, true, false));
    world.clients.add(without);
    send(world, true);
    world.settle();
    assertEquals(2, world.backends.get(0).calls.size());
    World other = world(real(5));
    send(other, true);
    Client follower = Client.send(other.gateway(), asking(other, true, false));
    other.clients.add(follower);
    other.settle();
    assertEquals(1, other.backends.get(0).calls.size());
    assertTrue(!follower.text().contains("\"choices\":[],"), follower.text());
    assertEquals(TEXT, follower.content());
  }

  private static Client send(World world, boolean usage, int priority) {
    InferenceRequest plain = asking(world, true, usage);
    Client client = Client.send(world.gateway(), plain.with(plain.info().withPriority(priority)));
    world.clients.add(client);
    return client;
  }

  @Test
  void whoWantsTheUsageLeadsAFlightForAllWhoDo() {
    World world = world(real(5));
    for (int i = 0; i < 40; i++) {
      boolean usage = i % 2 == 1;
      world.time.after(millis(i / 4), () -> send(world, usage, RequestInfo.STANDARD));
    }
    world.settle();
    assertEquals(2, world.backends.get(0).calls.size(), "one with, one without");
    for (Client client : world.clients) {
      assertTrue(client.ok(), client.reason());
      boolean asked = client.request.info().traits().includeUsage();
      assertEquals(asked, client.text().contains("\"usage\":{"), client.text());
    }
  }

  @Test
  void nobodyWaitsWithTheUrgencyOfALessUrgentLeader() {
    World world = new World(1, real(5));
    world.build(p -> p.cache(world.cache()).admit(world.capacity(), world.queue()));
    world.send(new PromptKey(8, 8)); // has the one permit
    for (int i = 0; i < 10; i++) {
      send(world, true, RequestInfo.BATCH);
      send(world, true, RequestInfo.STANDARD);
      send(world, true, 0);
    }
    world.settle();
    assertEquals(4, world.backends.get(0).calls.size(), "the other, and one of each class");
    world.clients.forEach(client -> assertTrue(client.ok(), client.reason()));
  }

  @Test
  void whatIsInvalidatedWhileItIsOnItsWayIsNotKept() {
    World world = world(real(5));
    Client asked = send(world, true);
    world.time.runUntil(millis(15));
    world.gateway().invalidate(KEY);
    Client later = send(world, true);
    world.settle();
    assertTrue(asked.ok() && later.ok());
    assertEquals(2, world.backends.get(0).calls.size(), "nobody joins it any more");
    assertEquals("miss", later.header("x-forebay-cache"));
  }

  @Test
  void followersOfAFlightThatFailedAreRetriedAsOne() {
    Failure overloaded = Failure.overloaded(503, "overloaded", "");
    World world =
        world(
            Scripted.byNumber(
                "a",
                number ->
                    self ->
                        number == 1
                            ? self.fails(overloaded, millis(10))
                            : self.answers(5, millis(1))));
    for (int i = 0; i < 100; i++) {
      send(world, true);
    }
    world.settle();
    assertEquals(2, world.backends.get(0).calls.size(), "one more, not 99");
    assertEquals("overloaded", world.clients.get(0).reason());
    for (Client follower : world.clients.subList(1, 100)) {
      isCorrect(follower, true);
    }
    assertEquals(1, world.counter("extra-work.taken"));
    assertEquals(1, world.counter("cache.shared_calls_retried"));
  }

  /** After its head, and after a prelude that says nothing: nobody was told anything yet. */
  @Test
  void followersOfAStreamThatBreaksBeforeItsContentAreRetriedAsOne() {
    for (int chunks : List.of(0, 1)) {
      World world =
          world(
              Scripted.byNumber(
                  "a",
                  number ->
                      self ->
                          number == 1
                              ? self.cut(5, millis(10), chunks)
                              : self.answers(5, millis(1))));
      for (int i = 0; i < 100; i++) {
        send(world, i % 2 == 0);
      }
      world.settle();
      assertEquals("cut", world.clients.get(0).reason());
      for (Client follower : world.clients.subList(1, 100)) {
        isCorrect(follower, follower.request.info().stream());
      }
      assertEquals(2, world.backends.get(0).calls.size(), "one more, not 99");
      assertEquals(1, world.counter("cache.shared_calls_retried"));
    }
  }

  @Test
  void whoLeavesBeforeTheContentEndsTheCall() {
    World world = world(new Scripted("a", self -> self.speaks(millis(100), 5, millis(10))));
    Client leader = send(world, true);
    Client follower = send(world, true);
    world.time.runUntil(millis(20));
    leader.leave();
    world.time.runUntil(millis(30));
    assertEquals(1, world.backends.get(0).open, "for the follower");
    follower.leave();
    world.time.runUntil(millis(40));
    assertEquals(0, world.backends.get(0).open);
    world.settle();
  }

  @Test
  void retriesOfFollowersAreBounded() {
    World world =
        world(
            new Scripted(
                "a", self -> self.fails(Failure.overloaded(503, "overloaded", ""), millis(10))));
    for (int i = 0; i < 100; i++) {
      send(world, true);
    }
    world.settle();
    int calls = world.backends.get(0).calls.size();
    assertTrue(calls <= 4, "calls: " + calls);
    world.clients.forEach(client -> assertEquals("overloaded", client.reason()));
  }

  @Test
  void aCutStreamIsRetriedForThoseWhoHaveReadNothing() {
    World world =
        world(
            Scripted.byNumber(
                "a",
                number ->
                    self -> number == 1 ? self.streams(5, millis(10), 3) : self.answers(5, 0)));
    Client reader = send(world, true);
    List<Client> wholes = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      wholes.add(send(world, false));
    }
    world.settle();
    assertEquals("cut", reader.reason());
    wholes.forEach(whole -> isCorrect(whole, false));
    assertEquals(2, world.backends.get(0).calls.size());
  }

  @Test
  void whatCannotBeConvertedIsAskedForOnceInItsOwnForm() {
    World world = world(new Scripted("a", self -> self.streams(5, millis(10))));
    for (int i = 0; i < 100; i++) {
      send(world, i % 2 == 0);
    }
    world.settle();
    int calls = world.backends.get(0).calls.size();
    assertTrue(calls <= 5, "calls: " + calls);
  }

  @Test
  void aSlowStoreIsAMiss() {
    World world = new World(9, real(5));
    world.store.silent = true;
    world.build(p -> p.cache(world.cache()));
    Client client = send(world, false);
    world.settle();
    isCorrect(client, false);
    assertEquals("miss", client.header("x-forebay-cache"));
    assertEquals(1, world.counter("cache.lookup_timeouts"));
    assertTrue(client.endedNanos <= millis(1_100), "" + client.endedNanos);
  }

  /**
   * Whatever backends, callers and the order of things do: who gets an answer gets all of it, and
   * what is stored is complete.
   */
  @Test
  void aCutOrFailedAnswerIsNeverGivenAsAWholeOne() {
    for (long seed = 1; seed <= 300; seed++) {
      SplittableRandom chance = new SplittableRandom(seed);
      World world = world(erratic(new SplittableRandom(seed + 1_000)));
      int clients = 5 + chance.nextInt(30);
      for (int i = 0; i < clients; i++) {
        boolean stream = chance.nextBoolean();
        boolean leaves = chance.nextInt(5) == 0;
        long leavesAfter = millis(chance.nextInt(60));
        world.time.after(
            millis(chance.nextInt(150)),
            () -> {
              Client client = send(world, stream);
              if (leaves) {
                world.time.after(leavesAfter, client::leave);
              }
            });
      }
      world.settle();
      for (Client client : world.clients) {
        if (client.ok()) {
          isCorrect(client, client.request.info().stream());
        }
      }
      for (boolean stream : List.of(true, false)) {
        int asked = world.backends.get(0).calls.size();
        Client after = send(world, stream);
        world.settle();
        if (world.backends.get(0).calls.size() == asked) {
          isCorrect(after, stream);
        }
      }
    }
  }

  private static Scripted erratic(SplittableRandom chance) {
    return Scripted.byNumber(
        "a",
        number ->
            self ->
                switch (chance.nextInt(4)) {
                  case 0 -> self.fails(Failure.overloaded(503, "overloaded", ""), millis(7));
                  case 1 -> self.cut(5, millis(5), 1 + chance.nextInt(6));
                  default -> self.answers(5, millis(chance.nextInt(12)));
                });
  }
}
