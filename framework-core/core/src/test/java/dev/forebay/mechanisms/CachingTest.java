package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.caching.Cache;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Status;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class CachingTest {

  private static final PromptKey KEY = new PromptKey(1, 2);

  private static World world(Scripted backend) {
    World world = new World(9, backend);
    return world.build(p -> p.cache(world.cache()).retry(2).admit(world.capacity(), world.queue()));
  }

  @Test
  void identicalRequestsShareOneCallAndTheNextIsAHit() {
    World world = world(new Scripted("a", self -> self.streams(5, millis(10))));
    for (int i = 0; i < 1000; i++) {
      world.send(KEY);
    }
    world.settle();
    assertEquals(1, world.backends.get(0).calls.size());
    for (Client client : world.clients) {
      assertEquals("[0][1][2][3][4]", client.text());
    }
    assertEquals("joined", world.clients.get(999).header("x-forebay-cache"));
    Client hit = world.send(KEY);
    world.settle();
    assertEquals("hit", hit.header("x-forebay-cache"));
    assertEquals("[0][1][2][3][4]", hit.text());
  }

  /** Its caller gets it, and nobody else. */
  @Test
  void anAnswerWhoseEndWasNotSeenIsNotStored() {
    for (Chunk.Kind end : List.of(Chunk.Kind.UNPROVEN, Chunk.Kind.TRAILER)) {
      Chunk last = new Chunk(Buffer.buffer("[DONE]"), end, 0, true);
      World world = world(new Scripted("a", self -> self.gives(List.of(last))));
      Client client = world.send(KEY);
      world.settle();
      assertTrue(client.ok(), client.reason());
      assertEquals(end == Chunk.Kind.TRAILER ? 1 : 0, world.store.answers.size());
    }
  }

  @Test
  void wholeAnswersAreStoredHoweverLateTheyAreRead() {
    World world = world(new Scripted("a", self -> self.whole(millis(10))));
    world.send(KEY, CacheMode.DEFAULT, millis(50));
    world.settle();
    assertEquals(1, world.store.answers.size());
  }

  @Test
  void aLateFollowerReadsFromTheBeginning() {
    World world = world(new Scripted("a", self -> self.streams(5, millis(10))));
    world.send(KEY);
    world.time.runUntil(millis(25));
    Client late = world.send(KEY);
    world.settle();
    assertEquals("[0][1][2][3][4]", late.text());
    assertEquals("joined", late.header("x-forebay-cache"));
    assertEquals(1, world.backends.get(0).calls.size());
  }

  @Test
  void aLeaderWhoLeavesTakesNoFollowerAlong() {
    for (long at : List.of(millis(1), millis(25))) {
      World world = world(new Scripted("a", self -> self.streams(5, millis(10))));
      Client leader = world.send(KEY);
      Client follower = world.send(KEY);
      world.time.after(at, leader::leave);
      world.settle();
      assertTrue(follower.ok());
      assertEquals("[0][1][2][3][4]", follower.text());
      assertEquals(1, world.backends.get(0).calls.size());
      assertEquals(1, world.store.answers.size());
    }
  }

  @Test
  void whereAllLeaveTheBackendIsStoppedAndNobodyJoinsWhatIsGone() {
    World world = world(new Scripted("a", self -> self.streams(5, millis(10))));
    Client one = world.send(KEY);
    Client two = world.send(KEY);
    world.time.after(millis(15), one::leave);
    Client[] three = {one};
    world.time.after(
        millis(15),
        () -> {
          two.leave();
          three[0] = world.send(KEY);
        });
    world.time.runUntil(millis(15));
    assertEquals(1, world.backends.get(0).open, "the stream of the one who came last");
    world.settle();
    assertTrue(three[0].ok(), three[0].reason());
    assertEquals("[0][1][2][3][4]", three[0].text());
  }

  @Test
  void whoLeavesBetweenChunksOfASlowReaderStopsTheBackend() {
    World world = world(new Scripted("a", self -> self.streams(5, millis(10))));
    Client slow = world.send(KEY, CacheMode.DEFAULT, millis(200));
    world.time.after(millis(100), slow::leave);
    world.time.runUntil(millis(100));
    Client next = world.send(KEY);
    world.settle();
    assertTrue(next.ok(), next.reason());
  }

  @Test
  void aFlightThatEndsByItsLeadersDeadlineSendsFollowersBack() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(300))));
    world.build(
        p ->
            p.deadline(Duration.ofSeconds(5))
                .cache(world.cache())
                .admit(world.capacity(), world.queue()));
    world.send();
    Client leader =
        Client.send(
            world.gateway(),
            shortened(world, Fakes.request(world.time, "leader", KEY), millis(100)));
    world.clients.add(leader);
    Client follower = world.send(KEY);
    world.settle();
    assertEquals(Status.TIMED_OUT, leader.status());
    assertTrue(follower.ok(), follower.reason());
  }

  private static dev.forebay.spi.InferenceRequest shortened(
      World world, dev.forebay.spi.InferenceRequest request, long nanos) {
    return request.with(request.info().withDeadlineNanos(world.time.nanos() + nanos));
  }

  @Test
  void onlyCompleteAnswersAreStored() {
    Failure overloaded = Failure.overloaded(503, "overloaded", "");
    World cut = world(new Scripted("a", self -> self.streams(5, millis(1), 3)));
    cut.send(KEY);
    cut.settle();
    assertEquals(0, cut.store.answers.size());
    World refused = world(new Scripted("a", self -> self.fails(overloaded, millis(1))));
    Client one = refused.send(KEY);
    Client two = refused.send(KEY);
    refused.settle();
    assertEquals(Status.OVERLOADED, one.status());
    assertEquals(Status.OVERLOADED, two.status());
    assertEquals(0, refused.store.answers.size());
  }

  @Test
  void aLongAnswerIsPassedOnAndNotStored() {
    World world = new World(9, new Scripted("a", self -> self.streams(2000, 1000)));
    world.build(p -> p.stage(Cache.in(world.cache()).withMaxAnswer(50_000)));
    Client quick = world.send(KEY);
    Client slow = world.send(KEY, CacheMode.DEFAULT, millis(1));
    world.settle();
    assertEquals(2000, quick.chunks.size());
    assertEquals(2000, slow.chunks.size());
    assertEquals(quick.text(), slow.text());
    assertTrue(
        quick.endedNanos >= millis(1500), "the quick one waits for the slow: " + quick.endedNanos);
    assertEquals(0, world.store.answers.size());
  }

  @Test
  void callersSayWhatCachesMayDo() {
    World world = world(new Scripted("a", self -> self.streams(2, millis(1))));
    Client miss = world.send(KEY, CacheMode.ONLY_IF_CACHED, 0);
    assertEquals("not_cached", miss.reason());
    world.send(KEY, CacheMode.NO_STORE, 0);
    world.settle();
    assertEquals(0, world.store.answers.size());
    world.send(KEY, CacheMode.NO_CACHE, 0);
    world.settle();
    assertEquals(1, world.store.answers.size());
    Client again = world.send(KEY, CacheMode.NO_CACHE, 0);
    world.settle();
    assertEquals("miss", again.header("x-forebay-cache"));
    assertEquals(3, world.backends.get(0).calls.size());
  }

  @Test
  void aReplayEndsWithItsCall() {
    World world = new World(9, new Scripted("a", self -> self.streams(5, 0)));
    world.build(p -> p.deadline(Duration.ofMillis(100)).cache(world.cache()));
    world.send(KEY);
    world.settle();
    Client slow = world.send(KEY, CacheMode.DEFAULT, millis(40));
    world.settle();
    assertEquals(Status.TIMED_OUT, slow.status());
    assertTrue(slow.chunks.size() <= 3);
  }
}
