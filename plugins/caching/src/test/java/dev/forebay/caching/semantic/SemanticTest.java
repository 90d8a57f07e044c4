package dev.forebay.caching.semantic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.caching.lru.Lru;
import dev.forebay.conformance.Answers;
import dev.forebay.conformance.FakeEmbeddings;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.ResponseCacheContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Similar questions, by embeddings that know words only (no model). */
class SemanticTest implements ResponseCacheContract {

  private static final String QUESTION = "What is the capital of France, please?";
  private static final String SIMILAR = "what is the capital of France please";
  private static final String OTHER = "How do I bake a cake with apples?";

  private final TestContext context = TestContext.create();
  private final FakeEmbeddings embeddings = FakeEmbeddings.taking(5_000_000);
  private final ResponseCache cache =
      Semantic.around(Lru.entries(64), embeddings.plugin(), "words").create(context);
  private int keys;

  @Override
  public Plugin<ResponseCache> plugin() {
    return Semantic.around(
        Lru.entries(1_000).withMaxBytes(8 << 20).withMaxEntryBytes(8 << 20),
        FakeEmbeddings.taking(1_000_000).plugin(),
        "words");
  }

  @Override
  public long memoryBoundBytes() {
    return 8 << 20;
  }

  @Test
  void aSimilarQuestionGetsTheAnswerAndIsTold() {
    put(ask("a", "", QUESTION));
    CachedAnswer found = get(ask("a", "", SIMILAR));
    assertNotNull(found);
    String cosine = String.valueOf(found.headers().get(SemanticCache.HEADER));
    assertTrue(Double.parseDouble(cosine) >= 0.97, cosine);
    assertEquals(1, context.count("similar"));
  }

  @Test
  void anotherQuestionDoesNot() {
    put(ask("a", "", QUESTION));
    assertNull(get(ask("a", "", OTHER)));
    assertEquals(1, context.count("different"));
  }

  @Test
  void tenantsShareNothing() {
    put(ask("a", "", QUESTION));
    assertNull(get(ask("b", "", QUESTION)));
    assertNull(get(ask("b", "", SIMILAR)));
  }

  @Test
  void theRestOfTheRequestMustBeEqual() {
    put(ask("a", "You answer in French.", QUESTION));
    assertNull(get(ask("a", "You answer in German.", SIMILAR)));
    assertNotNull(get(ask("a", "You answer in French.", SIMILAR)));
  }

  @Test
  void anEqualRequestNeedsNoVector() {
    Asked asked = ask("a", "", QUESTION);
    put(asked);
    int before = embeddings.asked();
    CachedAnswer found = get(asked);
    assertNotNull(found);
    assertNull(found.headers().get(SemanticCache.HEADER));
    assertEquals(before, embeddings.asked());
  }

  @Test
  void slowEmbeddingsAreAMissWithinTheBound() {
    FakeEmbeddings slow = FakeEmbeddings.taking(150_000_000);
    FakeEmbeddings slower = FakeEmbeddings.taking(60_000_000_000L);
    for (FakeEmbeddings each : new FakeEmbeddings[] {slow, slower}) {
      TestContext own = TestContext.create();
      ResponseCache bounded = Semantic.around(Lru.entries(64), each.plugin(), "words").create(own);
      Asked first = ask("a", "", QUESTION);
      own.await(bounded.put(first.key, first.request(own), Answers.of("one", 1)));
      own.passSeconds(1);
      long began = own.timeline().nanos();
      Asked second = ask("a", "", SIMILAR);
      boolean found = own.await(bounded.get(second.key, second.request(own))).result() != null;
      long millis = (own.timeline().nanos() - began) / 1_000_000;
      assertTrue(millis <= 201, millis + " ms");
      assertEquals(each == slow, found);
      assertEquals(each == slow ? 0 : 1, own.count("embedding_failures"));
    }
  }

  @Test
  void whatWasForgottenAnswersNoSimilarQuestion() {
    Asked asked = ask("a", "", QUESTION);
    put(asked);
    context.await(cache.invalidate(asked.key));
    assertNull(get(ask("a", "", SIMILAR)));
  }

  @Test
  void theFirstVectorMakesRoomForTheNext() {
    Vectors vectors = new Vectors(2);
    for (int i = 0; i < 3; i++) {
      vectors.put(Requests.key(i), "s", new float[] {1, i});
    }
    assertEquals(2, vectors.size());
    assertNull(vectors.nearest("s", new float[] {1, 0}, 0.999));
    assertNotNull(vectors.nearest("s", new float[] {1, 2}, 0.999));
    assertNull(vectors.nearest("s", new float[] {1, 2, 3}, 0.5));
    assertNull(vectors.nearest("s", new float[] {0, 0}, 0.5));
  }

  private Asked ask(String tenant, String system, String text) {
    JsonArray messages =
        new JsonArray()
            .add(new JsonObject().put("role", "system").put("content", system))
            .add(new JsonObject().put("role", "user").put("content", text));
    JsonObject body = new JsonObject().put("model", "m").put("messages", messages);
    return new Asked(Requests.key(++keys), tenant, body);
  }

  private void put(Asked asked) {
    context.await(cache.put(asked.key, asked.request(context), Answers.of("the answer", 1)));
    context.passSeconds(1);
  }

  private @Nullable CachedAnswer get(Asked asked) {
    return context.await(cache.get(asked.key, asked.request(context))).result();
  }

  private record Asked(PromptKey key, String tenant, JsonObject body) {
    InferenceRequest request(TestContext context) {
      Caller caller = new Caller("192.0.2.1", "", tenant, "", "");
      Call call = Call.root(context.timeline());
      return new InferenceRequest(
          RequestInfo.chat("r", "m", caller, call.timeline().nanos()),
          body.toBuffer(),
          call,
          Attempt.FIRST);
    }
  }
}
