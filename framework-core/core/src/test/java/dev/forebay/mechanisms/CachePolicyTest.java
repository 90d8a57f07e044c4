package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.caching.Cache;
import dev.forebay.core.caching.HotRequest;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.RequestInfo.Traits;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CachePolicyTest {

  private static final PromptKey KEY = new PromptKey(1, 2);
  private static final Plugin<ResponseCache> NO_STORE =
      NamedPlugin.of(
          ResponseCache.class,
          "none",
          context -> {
            throw new IllegalStateException();
          });
  private static final Cache DEFAULTS = Cache.in(NO_STORE);

  private static World world(Cache options, Scripted... backends) {
    World world = new World(9, backends);
    return world.build(p -> p.stage(options.withStore(world.cache())));
  }

  private static Scripted streams() {
    return new Scripted("a", self -> self.streams(3, millis(10)));
  }

  private static Client send(World world, Traits traits, String user, int bodyBytes) {
    InferenceRequest plain = Fakes.request(world.time, "r" + world.clients.size(), KEY);
    Caller caller = new Caller("127.0.0.1", "", "default", user, "");
    RequestInfo info = plain.info().withTraits(traits).withCaller(caller);
    InferenceRequest request =
        new InferenceRequest(
            info, Buffer.buffer(new byte[bodyBytes]), plain.call(), plain.attempt());
    Client client = Client.send(world.gateway(), request);
    world.clients.add(client);
    world.settle();
    return client;
  }

  private static String cache(Client client) {
    return client.header("x-forebay-cache");
  }

  @Test
  void whatMustNotBeCachedPassesByAndIsCountedByReason() {
    World world =
        world(DEFAULTS.withCacheable(new Cache.Cacheable(0.5, false, false, 100)), streams());
    Traits plain = Traits.PLAIN;
    assertEquals("bypass", cache(send(world, new Traits(0.6, false, false), "", 0)));
    assertEquals("bypass", cache(send(world, new Traits(0, true, false), "", 0)));
    assertEquals("bypass", cache(send(world, plain, "ann", 0)));
    assertEquals("bypass", cache(send(world, plain, "", 101)));
    world.send(null);
    world.settle();
    for (String reason : List.of("temperature", "tools", "user", "size", "no_identity")) {
      assertEquals(1, world.counter("cache.bypasses{reason=" + reason + "}"), reason);
    }
    assertEquals("miss", cache(send(world, new Traits(0.5, false, false), "", 100)));
    assertEquals("hit", cache(send(world, plain, "", 100)));
  }

  @Test
  void whatPassesByIsNotFoundByThoseWhoWantCachedAnswersOnly() {
    World world = world(DEFAULTS, streams());
    Client client = world.send(null, CacheMode.ONLY_IF_CACHED, 0);
    world.settle();
    assertEquals("not_cached", client.reason());
    assertEquals(0, world.backends.get(0).calls.size());
  }

  @Test
  void whatIsForbiddenOrAnotherModelsIsNotStored() {
    for (String header : List.of("cache-control", "x-forebay-model")) {
      World world =
          world(
              DEFAULTS,
              new Scripted(
                  "a",
                  self ->
                      request ->
                          self.streams(3, 0)
                              .apply(request)
                              .map(head -> head.withHeader(header, "no-store"))));
      world.send(KEY);
      world.settle();
      assertEquals(0, world.store.answers.size(), header);
    }
  }

  @Test
  void aHitSaysThatItsUsageWasUsedBefore() {
    World world = world(DEFAULTS, streams());
    Client miss = world.send(KEY);
    Client joined = world.send(KEY);
    world.settle();
    Client hit = world.send(KEY);
    world.settle();
    assertFalse(miss.usage().replayed());
    assertTrue(joined.usage().replayed());
    assertTrue(hit.usage().replayed());
    assertEquals(3, hit.usage().completionTokens());
  }

  @Test
  void aReplayKeepsTheChunksAndHasAPace() {
    for (var expected :
        List.of(
            new Expected(Cache.Pace.AT_ONCE, 0),
            new Expected(Cache.Pace.AS_RECORDED, millis(20)),
            new Expected(Cache.Pace.STEADY, millis(200)))) {
      World world = world(DEFAULTS.withReplay(new Cache.Replay(expected.pace, 10)), streams());
      Client first = world.send(KEY);
      world.settle();
      long began = world.time.nanos();
      Client hit = world.send(KEY);
      world.settle();
      assertEquals(first.chunks, hit.chunks);
      assertEquals(expected.nanos, hit.endedNanos - began, expected.pace.toString());
    }
  }

  private record Expected(Cache.Pace pace, long nanos) {}

  @Test
  void aPacedReplayEndsWithItsCall() {
    World world = world(DEFAULTS.withReplay(new Cache.Replay(Cache.Pace.STEADY, 10)), streams());
    world.send(KEY);
    world.settle();
    Client hit = world.send(KEY);
    world.time.after(millis(150), hit::leave);
    world.settle();
    assertEquals(Status.CANCELLED, hit.status());
    assertEquals(2, hit.chunks.size());
  }

  private static Cache stale(int fresh, int revalidate, int error, int overloaded) {
    return DEFAULTS.withStale(
        new Cache.Stale(
            Duration.ofSeconds(fresh),
            Duration.ofSeconds(revalidate),
            Duration.ofSeconds(error),
            Duration.ofSeconds(overloaded)));
  }

  private static void pass(World world, long seconds) {
    world.time.runUntil(world.time.nanos() + Duration.ofSeconds(seconds).toNanos());
  }

  @Test
  void anOldAnswerIsGivenAtOnceWhileOneCallFetchesANewOne() {
    World world = world(stale(10, 60, 0, 0), streams());
    world.send(KEY);
    world.settle();
    pass(world, 30);
    List<Client> old = List.of(world.send(KEY), world.send(KEY), world.send(KEY));
    world.settle();
    old.forEach(client -> assertEquals("stale", cache(client)));
    assertEquals(2, world.backends.get(0).calls.size());
    assertEquals(RequestInfo.BATCH, world.backends.get(0).calls.get(1).info().priority());
    assertEquals("hit", cache(world.send(KEY)));
    pass(world, 100);
    Client tooOld = world.send(KEY);
    world.settle();
    assertEquals("miss", cache(tooOld));
    assertEquals(3, world.counter("cache.stale"));
    assertEquals(1, world.counter("cache.revalidations"));
  }

  @Test
  void anOldAnswerHelpsWhereTheBackendFailsOrSheds() {
    Failure broken = Failure.overloaded(502, "refused", "");
    Failure sheds = Failure.overloaded(503, "overloaded", "");
    Failure full = Failure.saturated("queue_full", "");
    Failure fault = Failure.of(Status.CALLER_FAULT, 400, "bad", "");
    helps(stale(10, 0, 20, 100), broken, 29, true);
    helps(stale(10, 0, 20, 100), broken, 31, false);
    helps(stale(10, 0, 20, 100), sheds, 109, true);
    helps(stale(10, 0, 20, 100), full, 109, true);
    helps(stale(10, 0, 20, 100), full, 111, false);
    helps(stale(10, 0, 0, 100), broken, 11, false);
    helps(stale(10, 0, 100, 100), fault, 11, false);
  }

  /** The head was there, the content was not: with no stage below that retries, too. */
  @Test
  void anOldAnswerHelpsWhereAStreamBreaksBeforeItsContent() {
    helps(stale(10, 0, 20, 0), "cut", self -> self.cut(3, millis(5), 0), 29, true);
    helps(stale(10, 0, 20, 0), "cut", self -> self.cut(3, millis(5), 1), 29, true);
    helps(stale(10, 0, 20, 0), "cut", self -> self.cut(3, millis(5), 0), 31, false);
  }

  private static void helps(Cache options, Failure failure, long age, boolean expected) {
    helps(options, failure.reason(), self -> self.fails(failure, millis(5)), age, expected);
  }

  private static void helps(
      Cache options,
      String reason,
      Function<Scripted, Scripted.Act> broken,
      long age,
      boolean expected) {
    Scripted backend =
        Scripted.byNumber("a", number -> number == 1 ? self -> self.streams(3, 0) : broken);
    World world = world(options, backend);
    world.send(KEY);
    world.settle();
    pass(world, age);
    List<Client> asked = List.of(world.send(KEY), world.send(KEY));
    world.settle();
    for (Client client : asked) {
      assertEquals(expected, client.ok(), reason + " at " + age + " s");
      assertEquals(expected ? "stale" : "", cache(client));
    }
  }

  @Test
  void windowsThatTheStoreDoesNotCoverAreWarnedOf() {
    warns(stale(10, 0, 20, 30), Duration.ofSeconds(39), true);
    warns(stale(10, 0, 20, 30), Duration.ofSeconds(40), false);
    warns(stale(10, 30, 0, 0), Duration.ofSeconds(39), true);
    warns(stale(10, 30, 0, 0), null, false);
    warns(stale(10, 0, 0, 0), Duration.ofSeconds(1), false);
    warns(stale(0, 0, 20, 0), Duration.ofHours(1), true); // it is never old
  }

  private static void warns(Cache options, @Nullable Duration keeps, boolean expected) {
    World world = new World(1, streams());
    world.store.keeps = keeps;
    world.build(p -> p.stage(options.withStore(world.cache())));
    assertEquals(expected ? 1 : 0, world.counter("cache.stale_warnings"), options + " " + keeps);
  }

  @Test
  void theHottestRequestsAreRememberedOnlyWhereAsked() {
    World off = world(DEFAULTS, streams());
    off.send(KEY);
    off.settle();
    assertEquals(List.of(), off.gateway().hottest(10));
    World world = world(DEFAULTS.withHotRequests(8), streams());
    for (int i = 0; i < 2000; i++) {
      world.send(new PromptKey(0, i % 10 < 6 ? i % 2 : i));
    }
    world.settle();
    List<HotRequest> hottest = world.gateway().hottest(2);
    assertEquals(2, hottest.size());
    assertTrue(hottest.get(1).count() - hottest.get(1).error() >= 500, hottest.toString());
    assertEquals(8, world.gateway().hottest(100).size());
  }
}
