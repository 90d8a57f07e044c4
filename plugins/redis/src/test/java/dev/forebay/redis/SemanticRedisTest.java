package dev.forebay.redis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.caching.lru.Lru;
import dev.forebay.caching.semantic.Semantic;
import dev.forebay.caching.tiered.Tiered;
import dev.forebay.conformance.Answers;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.FakeEmbeddings;
import dev.forebay.conformance.Requests;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two gateways with a semantic cache over one real Redis: by embeddings that know words only. */
class SemanticRedisTest {

  private static final String QUESTION = "What is the capital of France, please?";
  private static final String SIMILAR = "what is the capital of France please";
  private static final String OTHER = "How do I bake a cake with apples?";

  private final Vertx vertx = Vertx.vertx();
  private RedisProcess redis;
  private Gateway one;
  private Gateway two;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start("maxmemory 32mb", "maxmemory-policy volatile-ttl");
    Plugin<ResponseCache> shared = options();
    one = new Gateway(1, shared);
    two = new Gateway(2, Tiered.of(Lru.entries(64), shared));
  }

  @AfterEach
  void stop() throws IOException {
    vertx.close().toCompletionStage().toCompletableFuture().join();
    redis.close();
  }

  private Redis options() {
    return Redis.at(redis.url())
        .withPrefix("p")
        .withTimeout(Duration.ofSeconds(1))
        .withSocketTimeout(Duration.ofSeconds(5))
        .withFailures(3)
        .withPause(Duration.ofMillis(50));
  }

  @Test
  void aSimilarQuestionIsAnsweredByWhatAnotherGatewayWasAsked() {
    one.put(1, "acme", QUESTION);
    assertNotNull(two.untilFound(2, "acme", SIMILAR));
    assertNull(two.get(3, "acme", OTHER));
    two.put(4, "acme", OTHER);
    assertNotNull(one.untilFound(5, "acme", OTHER + " "), "and the other way round");
  }

  @Test
  void tenantsShareNothing() {
    one.put(1, "acme", QUESTION);
    assertNotNull(two.untilFound(2, "acme", SIMILAR), "it is there to be found");
    assertNull(two.get(3, "other", SIMILAR));
    assertNull(one.get(4, "other", QUESTION));
    assertEquals(0, one.stage.count("similar"));
    assertEquals(1, two.stage.count("similar"));
  }

  @Test
  void whatWasForgottenByOneAnswersNothingAtTheOther() {
    one.put(1, "acme", QUESTION);
    assertNotNull(two.untilFound(2, "acme", SIMILAR));
    one.stage.await(() -> one.cache.invalidate(Requests.key(1)));
    two.stage.until("gone", () -> two.find(3, "acme", SIMILAR).map(found -> found == null));
  }

  @Test
  void whereTheyAreNotSharedNothingIsWrittenAboutQuestions() throws IOException {
    EventLoopStage stage = new EventLoopStage(vertx, 3);
    ResponseCache alone =
        Semantic.around(options(), FakeEmbeddings.taking(1_000_000).plugin(), "words")
            .withShare(false)
            .create(stage.context());
    CachedAnswer answer = Answers.of("answer", 1);
    stage.await(() -> alone.put(Requests.key(1), request(stage, "acme", QUESTION), answer));
    stage.until(
        "a hit of its own",
        () ->
            alone
                .get(Requests.key(2), request(stage, "acme", SIMILAR))
                .map(found -> found != null));
    assertEquals("", redis.command("KEYS", "p:notes:*").trim());
  }

  @Test
  void vectorsHaveABoundAndATime() throws IOException {
    for (int i = 0; i < 300; i++) {
      one.put(i, "acme", "question number " + i);
    }
    String list = redis.command("KEYS", "p:notes:*");
    assertTrue(!list.contains("\n"), "one scope: " + list);
    one.stage.until("trimmed", () -> Future.succeededFuture(length(list) == 256));
    assertTrue(Long.parseLong(redis.command("PTTL", list)) > 0);
  }

  private int length(String list) {
    try {
      return Integer.parseInt(redis.command("LLEN", list));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A gateway's cache, on an event loop of its own. */
  private final class Gateway {
    final EventLoopStage stage;
    final ResponseCache cache;

    Gateway(int seed, Plugin<ResponseCache> store) {
      stage = new EventLoopStage(vertx, seed);
      cache =
          Semantic.around(store, FakeEmbeddings.taking(1_000_000).plugin(), "words")
              .create(stage.context());
    }

    void put(int key, String tenant, String text) {
      CachedAnswer answer = Answers.of("answer " + key, 1);
      long before = stage.count("shared");
      assertTrue(
          stage
              .await(() -> cache.put(Requests.key(key), request(tenant, text), answer))
              .succeeded());
      stage.until("shared", () -> Future.succeededFuture(stage.count("shared") > before));
    }

    Future<@Nullable CachedAnswer> find(int key, String tenant, String text) {
      return cache.get(Requests.key(key), request(tenant, text));
    }

    @Nullable CachedAnswer get(int key, String tenant, String text) {
      return stage.await(() -> find(key, tenant, text)).result();
    }

    /** What others have found is looked for once in a while only. */
    @Nullable CachedAnswer untilFound(int key, String tenant, String text) {
      CachedAnswer[] answer = new CachedAnswer[1];
      stage.until(
          "a similar question",
          () ->
              find(key, tenant, text)
                  .map(
                      found -> {
                        answer[0] = found;
                        return found != null;
                      }));
      return answer[0];
    }

    private InferenceRequest request(String tenant, String text) {
      return SemanticRedisTest.request(stage, tenant, text);
    }
  }

  private static InferenceRequest request(EventLoopStage stage, String tenant, String text) {
    JsonObject message = new JsonObject().put("role", "user").put("content", text);
    JsonObject body =
        new JsonObject().put("model", "m").put("messages", new JsonArray().add(message));
    Caller caller = new Caller("192.0.2.1", "", tenant, "", "");
    Call call = Call.root(stage.requestTimeline());
    return new InferenceRequest(
        RequestInfo.chat("r", "m", caller, stage.requestTimeline().nanos()),
        body.toBuffer(),
        call,
        Attempt.FIRST);
  }
}
