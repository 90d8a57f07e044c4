package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Requests on several event loops, whose stages decide on one: answers are right, and every count
 * returns to zero, also where callers leave at any moment.
 */
@Timeout(120)
class ManyLoopsTest {

  private static final int REQUESTS = 1_500;
  private static final int AT_ONCE = 48;

  private static final String PIPELINE =
      """
      pipeline:
        - rate-limit: { by: { plugin: token-bucket, rate: 100000, burst: 100000 } }
        - cache: { store: lru }
        - admit: { limit: { plugin: fixed, limit: 16 }, queue: fifo }
        - balance: least-connections
      """;

  private static String chat(int prompt, boolean stream) {
    return new JsonObject()
        .put("model", Served.MODEL)
        .put("stream", stream)
        .put("max_tokens", 5)
        .put("messages", List.of(Map.of("role", "user", "content", "prompt " + prompt)))
        .encode();
  }

  @Test
  void everyAnswerIsRightAndNothingIsLeft() throws Exception {
    SplittableRandom random = new SplittableRandom(7);
    AtomicInteger answered = new AtomicInteger();
    List<String> wrong = new ArrayList<>();
    Semaphore room = new Semaphore(AT_ONCE);
    List<CompletableFuture<?>> all = new ArrayList<>();
    int left = 0;
    try (Served served = new Served(Served.fast(), PIPELINE);
        HttpClient http = HttpClient.newHttpClient()) {
      for (int i = 0; i < REQUESTS; i++) {
        room.acquire();
        boolean stream = random.nextBoolean();
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(served.url("/v1/chat/completions")))
                .POST(HttpRequest.BodyPublishers.ofString(chat(random.nextInt(300), stream)))
                .build();
        CompletableFuture<HttpResponse<String>> asked =
            http.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        all.add(
            asked.handle(
                (answer, thrown) -> {
                  room.release();
                  if (answer != null) {
                    boolean right =
                        answer.statusCode() == 200
                            && (stream
                                ? answer.body().endsWith("data: [DONE]\n\n")
                                : answer.body().contains("\"completion_tokens\":5"));
                    if (right) {
                      answered.incrementAndGet();
                    } else {
                      synchronized (wrong) {
                        wrong.add(answer.statusCode() + " " + answer.body());
                      }
                    }
                  }
                  return null;
                }));
        if (random.nextInt(5) == 0) {
          Thread.sleep(random.nextInt(3));
          left += asked.cancel(true) ? 1 : 0;
        }
      }
      CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).join();
      assertEquals(List.of(), wrong);
      assertTrue(left > 0 && answered.get() >= REQUESTS - left, answered + " and " + left);
      served.untilAllCountsAreZero();
    }
  }
}
