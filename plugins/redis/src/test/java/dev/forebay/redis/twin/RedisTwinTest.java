package dev.forebay.redis.twin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Answers;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.ResponseCacheContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.edge.http.CacheKeyOptions;
import dev.forebay.edge.http.PromptKeys;
import dev.forebay.redis.Redis;
import dev.forebay.redis.RedisFailure;
import dev.forebay.redis.RedisStore;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The contract in virtual time, and what goes wrong with a Redis: the cache above the twin. */
class RedisTwinTest implements ResponseCacheContract {

  private static final String SERVER = "redis://nowhere:6379";
  private static final long MEBIBYTE = 1 << 20;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Override
  public Plugin<ResponseCache> plugin() {
    return RedisTwin.of(
        TwinModel.defaults().withMaxMemory(2 * MEBIBYTE),
        Redis.at(SERVER)
            .withMaxValue(4 * MEBIBYTE)
            .withCompressOver(1L << 40)); // as they are: the bound is the server's
  }

  @Override
  public long memoryBoundBytes() {
    return 2 * MEBIBYTE;
  }

  @Override
  public int memoryBound() {
    return 8_000; // 2 MiB of small answers
  }

  @Test
  void aLookupIsAMissAfterTheBoundAndNotLater() {
    Case paused = new Case(TwinFault.once(TwinFault.Kind.PAUSED, Duration.ZERO, MINUTE));
    long began = paused.context.timeline().nanos();
    Future<@Nullable CachedAnswer> found =
        paused.context.await(paused.cache.get(Requests.key(1), Requests.any()));
    assertEquals(RedisFailure.Reason.TIMEOUT, reason(found));
    long millis = (paused.context.timeline().nanos() - began) / 1_000_000;
    assertTrue(millis <= 16, millis + " ms");
    assertEquals(1, paused.context.count("failures", "timeout"));
  }

  @Test
  void aRedisThatStandsStillIsLeftAloneAfterAFewLookups() {
    Case paused = new Case(TwinFault.once(TwinFault.Kind.PAUSED, Duration.ZERO, MINUTE));
    long waited = 0;
    for (int i = 0; i < 1_000; i++) {
      long began = paused.context.timeline().nanos();
      Future<@Nullable CachedAnswer> found = paused.cache.get(Requests.key(i), Requests.any());
      paused.context.await(found);
      waited += paused.context.timeline().nanos() - began;
      paused.context.pass(10_000_000);
    }
    assertEquals(5, paused.context.count("failures", "timeout"));
    assertEquals(995, paused.context.count("failures", "circuit-open"));
    assertTrue(waited <= 5 * 16_000_000L, waited + " ns for 1,000 lookups");
  }

  /** Answers that take two seconds are worth a tenth of a second of waiting, and no more. */
  @Test
  void aLookupWaitsForATwentiethOfWhatAMissCosts() {
    Case late = new Case(TwinFault.once(TwinFault.Kind.PAUSED, Duration.ofSeconds(60), MINUTE));
    assertTrue(waitedMillis(late, 0) <= 1, "it answers at once");
    for (int i = 1; i <= 30; i++) {
      late.context.await(late.cache.get(Requests.key(i), Requests.any()));
      late.context.pass(1_000_000_000);
      late.context.await(late.cache.put(Requests.key(i), Requests.any(), Answers.of("a", 1)));
    }
    late.context.pass(60_000_000_000L - late.context.timeline().nanos());
    long waited = waitedMillis(late, 100);
    assertTrue(waited == 50 || waited == 51, waited + " ms, not a twentieth of a second");
  }

  /**
   * What a pause costs if answers take long: five lookups wait for the ceiling, the others nothing.
   */
  @Test
  void aPauseCostsFiveLookupsTheCeilingAtMost() {
    Case paused = new Case(TwinFault.once(TwinFault.Kind.PAUSED, Duration.ofSeconds(60), MINUTE));
    paused.context.await(paused.cache.get(Requests.key(1), Requests.any()));
    paused.context.pass(30_000_000_000L);
    paused.context.await(paused.cache.put(Requests.key(1), Requests.any(), Answers.of("a", 1)));
    paused.context.pass(61_000_000_000L - paused.context.timeline().nanos());
    long waited = 0;
    for (int i = 100; i < 200; i++) {
      long wait = waitedMillis(paused, i);
      assertTrue(wait <= 100, wait + " ms");
      waited += wait;
    }
    assertEquals(500, waited);
  }

  private static long waitedMillis(Case at, int key) {
    long began = at.context.timeline().nanos();
    at.context.await(at.cache.get(Requests.key(key), Requests.any()));
    return (at.context.timeline().nanos() - began) / 1_000_000;
  }

  /** 200 lookups/s for 4 s: fewer than one in a hundred wait at all. */
  @Test
  void whoWaitsWhenItIsFoundToStandStillIsLetGo() {
    Case paused = new Case(TwinFault.once(TwinFault.Kind.PAUSED, Duration.ZERO, MINUTE));
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 800; i++) {
      long began = paused.context.timeline().nanos();
      paused
          .cache
          .get(Requests.key(i), Requests.any())
          .onComplete(over -> waits.add(paused.context.timeline().nanos() - began));
      paused.context.pass(5_000_000);
    }
    waits.sort(null);
    assertEquals(800, waits.size());
    assertEquals(15_000_000, waits.get(799));
    assertEquals(0, waits.get(791), waits + " ns");
    assertEquals(5, paused.context.count("failures", "timeout"));
  }

  @Test
  void whatIsFoundTooLateIsNoHit() {
    Case slow =
        new Case(
            TwinFault.once(TwinFault.Kind.PAUSED, Duration.ofSeconds(1), Duration.ofMillis(500)));
    slow.put(1);
    slow.context.passSeconds(1);
    assertNull(slow.find(1));
    slow.context.passSeconds(1);
    assertEquals(1, slow.context.count("failures", "timeout"));
    assertEquals(0, slow.context.count("hits"));
    assertNotNull(slow.find(1));
    assertEquals(1, slow.context.count("hits"));
  }

  @Test
  void hitsReturnWhenItGoesOn() {
    Case paused = new Case(TwinFault.once(TwinFault.Kind.PAUSED, Duration.ofSeconds(10), MINUTE));
    paused.put(1);
    paused.context.passSeconds(10);
    for (int i = 0; i < 10; i++) {
      assertNull(paused.find(1));
    }
    paused.context.passSeconds(60);
    paused.find(1); // sets the probe off
    paused.context.passSeconds(1);
    assertNotNull(paused.find(1));
    assertEquals(1, paused.context.count("circuit_opened"));
  }

  @Test
  void afterARestartItIsEmptyAndFillsAgain() {
    Case gone =
        new Case(
            TwinFault.once(TwinFault.Kind.GONE, Duration.ofSeconds(10), Duration.ofSeconds(5)));
    gone.put(1);
    gone.context.passSeconds(10);
    for (int i = 0; i < 100; i++) {
      assertNull(gone.find(1));
    }
    assertEquals(5, gone.context.count("failures", "gone"));
    gone.context.passSeconds(6);
    gone.find(1);
    gone.context.passSeconds(1);
    assertNull(gone.find(1));
    assertEquals(1, gone.context.count("misses"));
    gone.put(1);
    assertNotNull(gone.find(1));
  }

  @Test
  void aFullOneIsStillReadAndForgottenFrom() {
    Case full = new Case(TwinFault.once(TwinFault.Kind.FULL, Duration.ofSeconds(10), MINUTE));
    full.put(1);
    full.put(2);
    full.context.passSeconds(10);
    for (int i = 0; i < 50; i++) {
      full.put(3 + i);
      assertNotNull(full.find(1));
    }
    assertEquals(1, full.context.count("failures", "full"));
    assertEquals(49, full.context.count("failures", "circuit-open"));
    full.context.await(full.cache.invalidate(Requests.key(2)));
    assertNull(full.find(2));
    full.context.passSeconds(61);
    full.put(3);
    full.context.passSeconds(1);
    full.put(4);
    assertNotNull(full.find(4));
  }

  @Test
  void oneThatLoadsOrIsReadOnlyFailsNoRequest() {
    for (TwinFault.Kind kind :
        new TwinFault.Kind[] {TwinFault.Kind.LOADING, TwinFault.Kind.READ_ONLY}) {
      Case bad = new Case(TwinFault.always(kind));
      for (int i = 0; i < 100; i++) {
        bad.put(i);
        assertNull(bad.find(i));
      }
      assertTrue(
          bad.context.count("failures", "circuit-open") >= 90, kind + " " + bad.context.counters());
    }
  }

  @Test
  void whatIsUnderWayHasABound() {
    Case paused =
        new Case(
            Redis.at(SERVER).withFailures(1_000_000).withPause(Duration.ofSeconds(1)),
            TwinFault.once(TwinFault.Kind.PAUSED, Duration.ZERO, MINUTE));
    for (int i = 0; i < 1_000; i++) {
      paused.cache.get(Requests.key(i), Requests.any());
    }
    assertEquals(256, 1_000 - paused.context.count("failures", "busy"));
    paused.context.passSeconds(61);
    assertEquals(0, paused.context.gauges().get("under_way"));
  }

  /** Keys as the edge makes them: what everybody shares is found by the other, the rest is not. */
  @Test
  void whatIsStoredForATenantIsNotFoundForAnother() {
    for (CacheKeyOptions.Scope scope : CacheKeyOptions.Scope.values()) {
      Case redis = new Case();
      PromptKey acme = keyOf("acme", scope);
      CachedAnswer answer = Answers.of("for acme", 1);
      redis.context.await(redis.cache.put(acme, Requests.any(), answer));
      assertEquals(answer, redis.find(keyOf("acme", scope)));
      boolean shared = scope == CacheKeyOptions.Scope.EVERYBODY;
      assertEquals(shared ? answer : null, redis.find(keyOf("other", scope)), scope::name);
    }
  }

  private static PromptKey keyOf(String tenant, CacheKeyOptions.Scope scope) {
    Buffer body = Buffer.buffer("{\"model\":\"m\",\"messages\":[],\"user\":\"u\"}");
    return PromptKeys.of("a secret of two gateways")
        .key("chat", tenant, body, new CacheKeyOptions(scope, true));
  }

  @Test
  void endsAreSpreadByChance() {
    Case redis = new Case(Redis.at(SERVER).withTtl(Duration.ofSeconds(1_000)).withTtlJitter(0.5));
    for (int i = 0; i < 200; i++) {
      redis.put(i);
    }
    redis.context.passSeconds(750);
    long left = 0;
    for (int i = 0; i < 200; i++) {
      left += redis.find(i) == null ? 0 : 1;
    }
    assertTrue(left > 60 && left < 140, left + " of 200 are left after three quarters of the time");
    redis.context.passSeconds(250);
    for (int i = 0; i < 200; i++) {
      assertNull(redis.find(i));
    }
  }

  @Test
  void twoGatewaysShareWhatTheServerHolds() {
    VirtualTimeline time = new VirtualTimeline();
    TwinServer server = new TwinServer(TwinModel.defaults());
    TestContext one = TestContext.of("one", 1, time).lend(RedisStore.Connector.class, server);
    TestContext two = TestContext.of("two", 2, time).lend(RedisStore.Connector.class, server);
    ResponseCache first = Redis.at(SERVER).create(one);
    ResponseCache second = Redis.at(SERVER).create(two);
    CachedAnswer answer = Answers.of("shared", 1);
    one.await(first.put(Requests.key(1), Requests.any(), answer));
    assertEquals(answer, two.await(second.get(Requests.key(1), Requests.any())).result());
  }

  private static RedisFailure.Reason reason(Future<?> failed) {
    return ((RedisFailure) failed.cause()).reason();
  }

  /** A cache above a twin with faults. */
  private static final class Case {
    final TestContext context = TestContext.create();
    final ResponseCache cache;

    Case(TwinFault... faults) {
      this(Redis.at(SERVER), faults);
    }

    Case(Redis options, TwinFault... faults) {
      cache =
          RedisTwin.of(TwinModel.defaults().withFaults(List.of(faults)), options).create(context);
    }

    void put(int key) {
      context.await(cache.put(Requests.key(key), Requests.any(), Answers.of("answer " + key, 1)));
    }

    @Nullable CachedAnswer find(int key) {
      return find(Requests.key(key));
    }

    @Nullable CachedAnswer find(PromptKey key) {
      Future<@Nullable CachedAnswer> found = context.await(cache.get(key, Requests.any()));
      return found.succeeded() ? found.result() : null;
    }
  }
}
