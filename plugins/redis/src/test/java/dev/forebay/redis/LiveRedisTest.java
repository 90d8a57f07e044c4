package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.caching.lru.Lru;
import dev.forebay.caching.tiered.Tiered;
import dev.forebay.conformance.Answers;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Requests;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real Redis that is paused, killed, started again, full; and two gateways that share it. */
class LiveRedisTest {

  private static final PromptKey KEY = Requests.key(1);
  private static final CachedAnswer ANSWER = Answers.of("the answer", 1);

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage one = new EventLoopStage(vertx, 1);
  private final EventLoopStage two = new EventLoopStage(vertx, 2);
  private RedisProcess redis;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start("maxmemory 8mb", "maxmemory-policy volatile-ttl");
  }

  @AfterEach
  void stop() throws IOException {
    vertx.close().toCompletionStage().toCompletableFuture().join();
    redis.close();
  }

  private Redis options() {
    return Redis.at(redis.url())
        .withTimeout(Duration.ofMillis(500))
        .withSocketTimeout(Duration.ofSeconds(5))
        .withFailures(3)
        .withPause(Duration.ofMillis(50));
  }

  @Test
  void aPausedOneIsLeftAloneAndItsHitsReturn() throws IOException {
    ResponseCache cache = options().create(one.context());
    put(one, cache, KEY, ANSWER);
    redis.pause();
    for (int i = 0; i < 200; i++) {
      assertTrue(one.await(() -> cache.get(KEY, Requests.any())).failed(), "each lookup ends");
    }
    assertEquals(3, one.count("failures", "timeout"));
    assertEquals(197, one.count("failures", "circuit-open"));
    redis.resume();
    one.until("a hit", () -> finds(cache, KEY, ANSWER));
  }

  @Test
  void aKilledOneIsFoundAgainWhenItIsBack() throws IOException {
    ResponseCache cache = options().create(one.context());
    put(one, cache, KEY, ANSWER);
    redis.kill();
    for (int i = 0; i < 200; i++) {
      assertTrue(one.await(() -> cache.get(KEY, Requests.any())).failed(), "each lookup ends");
    }
    assertTrue(one.count("circuit_opened") > 0);
    redis.restart();
    one.until(
        "a hit",
        () ->
            cache
                .put(KEY, Requests.any(), ANSWER)
                .otherwiseEmpty()
                .compose(tried -> finds(cache, KEY, ANSWER)));
  }

  @Test
  void oneThatIsNotThereFailsNothingButLookups() {
    ResponseCache cache =
        Redis.at("redis://127.0.0.1:1")
            .withTimeout(Duration.ofSeconds(5))
            .withSocketTimeout(Duration.ofSeconds(5))
            .create(one.context());
    assertTrue(one.await(() -> cache.get(KEY, Requests.any())).failed());
    assertEquals(1, one.count("failures", "gone"));
    assertTrue(one.await(cache::close).succeeded());
  }

  @Test
  void aFullOneRefusesWritesAndGoesOnAnswering() throws IOException {
    ResponseCache cache = options().create(one.context());
    put(one, cache, KEY, ANSWER);
    redis.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
    redis.command("CONFIG", "SET", "maxmemory", "1");
    assertTrue(one.await(() -> cache.put(Requests.key(2), Requests.any(), ANSWER)).failed());
    assertEquals(1, one.count("failures", "full"));
    assertEquals(ANSWER, one.await(() -> cache.get(KEY, Requests.any())).result());
  }

  @Test
  void aServerWithoutABoundIsWarnedOf() throws IOException {
    redis.command("CONFIG", "SET", "maxmemory", "0");
    options().create(one.context());
    one.until("a warning", () -> Future.succeededFuture(one.count("server_warnings") == 1));
  }

  @Test
  void aServerThatMakesRoomAsNoCacheShouldIsWarnedOf() throws IOException {
    for (String policy : List.of("noeviction", "allkeys-lru", "volatile-lru")) {
      redis.command("CONFIG", "SET", "maxmemory-policy", policy);
      EventLoopStage stage = new EventLoopStage(vertx, 3);
      options().create(stage.context());
      stage.until(policy, () -> Future.succeededFuture(stage.count("server_warnings") == 1));
    }
  }

  @Test
  void aServerThatMakesRoomAsAdvisedIsNot() {
    ResponseCache cache = options().create(one.context());
    for (int i = 0; i < 3; i++) { // replies come in order: the parameters were read before
      assertTrue(one.await(() -> cache.get(KEY, Requests.any())).succeeded());
    }
    assertEquals(0, one.count("server_warnings"));
  }

  @Test
  void aValueThatSomebodyChangedIsAMiss() throws IOException {
    ResponseCache cache = options().withPrefix("p").create(one.context());
    put(one, cache, KEY, ANSWER);
    redis.command("SETRANGE", "p:" + AnswerFormat.VERSION + ":" + KEY, "40", "x");
    assertEquals(null, one.await(() -> cache.get(KEY, Requests.any())).result());
    assertEquals(1, one.count("unreadable"));
  }

  @Test
  void answersEndWithinTheirTime() throws IOException {
    Redis hour = options().withPrefix("p").withTtl(Duration.ofHours(1)).withTtlJitter(0.5);
    ResponseCache cache = hour.create(one.context());
    put(one, cache, KEY, ANSWER);
    long millis = Long.parseLong(redis.command("PTTL", "p:" + AnswerFormat.VERSION + ":" + KEY));
    assertTrue(millis > 29 * 60_000 && millis <= 60 * 60_000, millis + " ms");
  }

  @Test
  void passwordsAreSent() throws IOException {
    redis.command("CONFIG", "SET", "requirepass", "s3cret");
    ResponseCache cache = options().withPassword("s3cret").create(one.context());
    put(one, cache, KEY, ANSWER);
    assertEquals(ANSWER, one.await(() -> cache.get(KEY, Requests.any())).result());
    ResponseCache stranger = options().withPassword("wrong").create(two.context());
    assertTrue(two.await(() -> stranger.get(KEY, Requests.any())).failed());
  }

  @Test
  void twoGatewaysShareOneAndWhatOneForgetsLeavesTheMemoryOfTheOther() {
    ResponseCache first = tiered(one);
    ResponseCache second = tiered(two);
    two.until("listening", () -> Future.succeededFuture(two.count("local_emptied") == 1));
    put(one, first, KEY, ANSWER);
    assertEquals(ANSWER, two.await(() -> second.get(KEY, Requests.any())).result());
    assertEquals(1, two.count("remote_hits"));
    two.until("a hit of its own", () -> localHit(second));
    one.await(() -> first.invalidate(KEY));
    two.until("gone", () -> second.get(KEY, Requests.any()).map(found -> found == null));
  }

  /** A gateway whose connections die without a word does not go on with what was changed since. */
  @Test
  void aSubscriptionThatDiesSilentlyIsNoticedAndTheMemoryIsEmptied() {
    Wire wire = new Wire(vertx, redis.port());
    ResponseCache first = tiered(one);
    ResponseCache second = tiered(two, impatient(wire.url()));
    two.until("listening", () -> emptied(1));
    put(one, first, KEY, ANSWER);
    two.until("a hit of its own", () -> localHit(second));
    wire.cut();
    long began = System.nanoTime();
    assertTrue(one.await(() -> first.invalidate(KEY)).succeeded());
    two.until("noticed", () -> emptied(2));
    System.out.printf(
        "LiveRedisTest: a dead subscription was replaced after %d ms (bound of an answer: 300"
            + " ms)%n",
        (System.nanoTime() - began) / 1_000_000);
    two.until("gone", () -> second.get(KEY, Requests.any()).map(found -> found == null));
    put(one, first, KEY, ANSWER);
    two.until("a hit of its own again", () -> localHit(second));
    one.await(() -> first.invalidate(KEY));
    two.until("news come again", () -> second.get(KEY, Requests.any()).map(found -> found == null));
  }

  @Test
  void aSubscriptionToAPausedOneIsMadeAnew() throws IOException {
    Wire wire = new Wire(vertx, redis.port());
    ResponseCache second = tiered(two, impatient(wire.url()));
    two.until("listening", () -> emptied(1));
    int before = wire.connections();
    redis.pause();
    two.until("another try", () -> Future.succeededFuture(wire.connections() > before + 1));
    assertEquals(1, two.count("local_emptied"), "nobody answers yet");
    redis.resume();
    two.until("listening again", () -> emptied(2));
    two.await(second::close);
  }

  @Test
  void aSubscriptionOnWhichNothingHappensStays() {
    Wire wire = new Wire(vertx, redis.port());
    Duration bound = Duration.ofSeconds(1); // a busy machine may stand still for less
    tiered(two, impatient(wire.url()).withTimeout(Duration.ofMillis(200)).withSocketTimeout(bound));
    two.until("listening", () -> emptied(1));
    int connections = wire.connections();
    two.await(() -> vertx.timer(3_500, TimeUnit.MILLISECONDS)); // more than three times its bound
    assertEquals(1, two.count("local_emptied"));
    assertEquals(connections, wire.connections());
  }

  private Future<Boolean> emptied(int times) {
    return Future.succeededFuture(two.count("local_emptied") == times);
  }

  private Redis impatient(String url) {
    return Redis.at(url)
        .withTimeout(Duration.ofMillis(200))
        .withSocketTimeout(Duration.ofMillis(300))
        .withFailures(3)
        .withPause(Duration.ofMillis(50));
  }

  private Future<Boolean> localHit(ResponseCache cache) {
    long before = two.count("local_hits");
    return cache.get(KEY, Requests.any()).map(found -> two.count("local_hits") > before);
  }

  private ResponseCache tiered(EventLoopStage stage) {
    return tiered(stage, options());
  }

  private static ResponseCache tiered(EventLoopStage stage, Redis options) {
    return Tiered.of(Lru.entries(64), options).create(stage.context());
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> Redis.at("http://127.0.0.1:6379"));
    assertThrows(IllegalArgumentException.class, () -> Redis.at("redis://me:secret@host:1"));
    assertThrows(
        IllegalArgumentException.class, () -> Redis.at("redis://host:1").withPrefix("{a}"));
  }

  private static void put(
      EventLoopStage stage, ResponseCache cache, PromptKey key, CachedAnswer answer) {
    assertTrue(stage.await(() -> cache.put(key, Requests.any(), answer)).succeeded());
  }

  private static Future<Boolean> finds(ResponseCache cache, PromptKey key, CachedAnswer answer) {
    return cache.get(key, Requests.any()).map(answer::equals).otherwise(false);
  }
}
