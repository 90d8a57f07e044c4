package dev.forebay.examples.worthkeeping;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.forebay.caching.lru.Lru;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.ResponseCacheContract;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The store is {@code lru}: what the contract asks of it holds with this cache around it. */
class WorthKeepingTest implements ResponseCacheContract {

  private static final PromptKey KEY = new PromptKey(1, 2);

  @Override
  public Plugin<ResponseCache> plugin() {
    return new WorthKeeping(Lru.entries(1000), 0);
  }

  private static CachedAnswer answer(int tokens) {
    List<Chunk> chunks = List.of(Chunk.whole(Buffer.buffer("{}"), tokens));
    return new CachedAnswer("a", 200, Headers.EMPTY, chunks, new Usage(0, 0, tokens, 0), 0);
  }

  @Test
  void cheapAnswersAreNotKept() {
    TestContext context = TestContext.create();
    ResponseCache cache = new WorthKeeping(Lru.entries(10), 50).create(context);

    context.await(cache.put(KEY, Requests.any(), answer(49)));
    assertNull(context.await(cache.get(KEY, Requests.any())).result());
    context.await(cache.put(KEY, Requests.any(), answer(50)));
    assertNotNull(context.await(cache.get(KEY, Requests.any())).result());
    context.await(cache.put(KEY, Requests.any(), answer(1)));
    assertNull(
        context.await(cache.get(KEY, Requests.any())).result(),
        "the newer answer is not kept, and the old one is not given any more");
    assertEquals(2, context.count("left_out"));
  }
}
