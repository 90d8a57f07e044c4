package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.caching.lru.Lru;
import dev.forebay.caching.tiered.Tiered;
import dev.forebay.conformance.Answers;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.ResponseCacheContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.redis.twin.RedisTwin;
import dev.forebay.redis.twin.TwinFault;
import dev.forebay.redis.twin.TwinModel;
import dev.forebay.redis.twin.TwinServer;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The tiered cache in virtual time: its contract, and two gateways that share a twin. */
class TieredTest implements ResponseCacheContract {

  private static final PromptKey KEY = Requests.key(1);
  private static final String SERVER = "redis://nowhere:6379";
  private static final long MEBIBYTE = 1 << 20;

  @Override
  public Plugin<ResponseCache> plugin() {
    return Tiered.of(
        Lru.entries(512).withMaxBytes(2 * MEBIBYTE).withMaxEntryBytes(2 * MEBIBYTE),
        RedisTwin.of(
            TwinModel.defaults().withMaxMemory(2 * MEBIBYTE),
            Redis.at(SERVER).withMaxValue(4 * MEBIBYTE).withCompressOver(1L << 40)));
  }

  @Override
  public long memoryBoundBytes() {
    return 4 * MEBIBYTE;
  }

  @Override
  public int memoryBound() {
    return 8_000;
  }

  @Test
  void anAnswerOfOneGatewayIsAHitOfTheOtherAndThenOfItsOwnMemory() {
    Two two = new Two();
    CachedAnswer answer = Answers.of("shared", 1);
    two.first.put(KEY, answer);
    assertEquals(answer, two.second.get(KEY));
    assertEquals(1, two.second.context.child("remote").count("hits"));
    assertEquals(answer, two.second.get(KEY));
    assertEquals(1, two.second.context.count("local_hits"));
  }

  @Test
  void whatOneForgetsLeavesTheMemoryOfTheOtherWithinMilliseconds() {
    Two two = new Two();
    two.first.put(KEY, Answers.of("shared", 1));
    two.second.get(KEY);
    two.first.invalidate(KEY);
    two.time.runUntil(two.time.nanos() + 2_000_000);
    assertNull(two.second.get(KEY));
    assertEquals(2, two.second.context.count("changed_elsewhere"), "stored, and forgotten");
  }

  @Test
  void whatOneReplacesIsReplacedAtTheOther() {
    Two two = new Two();
    two.first.put(KEY, Answers.of("old", 1));
    two.second.get(KEY);
    CachedAnswer newer = Answers.of("new", 2);
    two.first.put(KEY, newer);
    two.time.runUntil(two.time.nanos() + 2_000_000);
    assertEquals(newer, two.second.get(KEY));
  }

  @Test
  void anAnswerOnItsWayWhenItIsForgottenDoesNotStay() {
    Two two = new Two();
    two.first.put(KEY, Answers.of("old", 1));
    Future<@Nullable CachedAnswer> onItsWay = two.second.cache.get(KEY, Requests.any());
    two.second.context.await(two.second.cache.invalidate(KEY));
    two.second.context.await(onItsWay);
    assertNull(two.second.get(KEY));
  }

  @Test
  void aStoreThatIsGoneLeavesTheLocalTierWorking() {
    Two two =
        new Two(TwinFault.once(TwinFault.Kind.GONE, Duration.ofSeconds(1), Duration.ofSeconds(10)));
    CachedAnswer answer = Answers.of("kept", 1);
    two.first.put(KEY, answer);
    two.time.runUntil(2_000_000_000L);
    assertEquals(answer, two.first.get(KEY));
    PromptKey other = Requests.key(2);
    two.first.put(other, answer);
    assertEquals(answer, two.first.get(other));
    assertNull(two.first.get(Requests.key(3)));
  }

  @Test
  void afterNewsWereLostTheLocalTierIsEmptied() {
    Two two =
        new Two(TwinFault.once(TwinFault.Kind.GONE, Duration.ofSeconds(1), Duration.ofSeconds(1)));
    two.first.put(KEY, Answers.of("from before", 1));
    two.time.runUntil(3_000_000_000L);
    two.second.put(Requests.key(2), Answers.of("the first news", 1));
    two.time.runUntil(two.time.nanos() + 2_000_000);
    assertNull(two.first.get(KEY));
    assertEquals(1, two.first.context.count("local_emptied"));
  }

  @Test
  void anAnswerIsKeptAsLongAsEitherTierKeepsIt() {
    Plugin<ResponseCache> day =
        RedisTwin.of(
            TwinModel.defaults(),
            Redis.at(SERVER).withTtl(Duration.ofHours(24)).withTtlJitter(0.25));
    assertEquals(Duration.ofHours(18), day.create(TestContext.create()).keeps());
    for (int hours : new int[] {1, 36}) {
      Plugin<ResponseCache> near = Lru.entries(64).withTtl(Duration.ofHours(hours));
      assertEquals(
          Duration.ofHours(Math.max(18, hours)),
          Tiered.of(near, day).create(TestContext.create()).keeps());
    }
  }

  @Test
  void lookupsOfOneKeyAtATimeAreOneLookup() {
    Two two = new Two();
    two.first.put(KEY, Answers.of("shared", 1));
    for (int i = 0; i < 100; i++) {
      two.second.cache.get(KEY, Requests.any());
    }
    two.second.get(KEY);
    assertEquals(1, two.second.context.child("remote").count("hits"));
  }

  /** Writes and lookups of two gateways at random: what is found was put under that key. */
  @Test
  void whatIsFoundWasPutThereAndIsTheLatestOnceTheNewsAreThrough() {
    for (int seed = 1; seed <= 20; seed++) {
      Two two = new Two();
      SplittableRandom chance = new SplittableRandom(seed);
      Map<PromptKey, String> latest = new HashMap<>();
      for (int step = 0; step < 500; step++) {
        PromptKey key = Requests.key(chance.nextInt(8));
        One gateway = chance.nextBoolean() ? two.first : two.second;
        String what = "seed " + seed + ", step " + step;
        switch (chance.nextInt(5)) {
          case 0 -> {
            latest.put(key, key + " " + step);
            gateway.put(key, Answers.of(key + " " + step, step));
            two.time.runUntil(two.time.nanos() + 2_000_000);
          }
          case 1 -> {
            latest.remove(key);
            gateway.invalidate(key);
            two.time.runUntil(two.time.nanos() + 2_000_000);
          }
          default -> {
            String expected = latest.get(key);
            CachedAnswer found = gateway.get(key);
            assertEquals(
                expected == null ? null : Answers.of(expected, step(expected)), found, what);
          }
        }
      }
      assertTrue(two.first.context.count("local_hits") > 0);
    }
  }

  private static int step(String text) {
    return Integer.parseInt(text.substring(text.indexOf(' ') + 1));
  }

  /** Two gateways with a local tier each, and one Redis. */
  private static final class Two {
    final VirtualTimeline time = new VirtualTimeline();
    final TwinServer server;
    final One first;
    final One second;

    Two(TwinFault... faults) {
      server = new TwinServer(TwinModel.defaults().withFaults(List.of(faults)));
      first = new One(TestContext.of("first", 1, time), server);
      second = new One(TestContext.of("second", 2, time), server);
    }
  }

  private static final class One {
    final TestContext context;
    final ResponseCache cache;

    One(TestContext context, TwinServer server) {
      this.context = context.lend(RedisStore.Connector.class, server);
      this.cache = Tiered.of(Lru.entries(64), Redis.at(SERVER)).create(this.context);
    }

    @Nullable CachedAnswer get(PromptKey key) {
      Future<@Nullable CachedAnswer> found = context.await(cache.get(key, Requests.any()));
      return found.succeeded() ? found.result() : null;
    }

    void put(PromptKey key, CachedAnswer answer) {
      context.await(cache.put(key, Requests.any(), answer));
    }

    void invalidate(PromptKey key) {
      context.await(cache.invalidate(key));
    }
  }
}
