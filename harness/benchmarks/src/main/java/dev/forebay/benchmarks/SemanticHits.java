package dev.forebay.benchmarks;

import dev.forebay.caching.lru.Lru;
import dev.forebay.caching.semantic.Semantic;
import dev.forebay.conformance.Answers;
import dev.forebay.conformance.FakeEmbeddings;
import dev.forebay.conformance.Requests;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Call;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * How often the cache {@code semantic} answers wrongly: the first questions of all pairs are
 * stored, then the second ones are asked. A hit is false where it is not the answer to a question
 * of the same meaning. The embeddings are {@link FakeEmbeddings}: they know words, not meaning.
 */
final class SemanticHits {

  private static final double[] THRESHOLDS = {0.80, 0.85, 0.90, 0.95, 0.97, 0.99};
  private static final int OTHERS = 1_000;

  private SemanticHits() {}

  static void run(PrintStream out) throws IOException {
    List<Pair> pairs = pairs();
    long same = pairs.stream().filter(Pair::same).count();
    out.printf(
        "%d pairs of the same meaning, %d of another; embeddings without a model (words and"
            + " trigrams)%n",
        same, pairs.size() - same);
    for (double threshold : THRESHOLDS) {
      long right = 0;
      long wrong = 0;
      TestContext context = TestContext.create();
      ResponseCache cache =
          Semantic.around(Lru.entries(OTHERS), FakeEmbeddings.taking(1_000).plugin(), "words")
              .withThreshold(threshold)
              .create(context);
      for (int i = 0; i < pairs.size(); i++) {
        context.await(
            cache.put(key(i), request(context, pairs.get(i).one()), Answers.of("answer " + i, i)));
        context.passSeconds(1);
      }
      for (int i = 0; i < pairs.size(); i++) {
        PromptKey own = key(OTHERS + i);
        CachedAnswer found =
            context.await(cache.get(own, request(context, pairs.get(i).other()))).result();
        if (found != null) {
          boolean meant = pairs.get(i).same() && found.storedAtMillis() == i;
          right += meant ? 1 : 0;
          wrong += meant ? 0 : 1;
        }
      }
      out.printf(
          Locale.ROOT,
          "threshold %.2f: %2d of %d paraphrases answered, %2d false hits (%.0f %% of all hits)%n",
          threshold,
          right,
          same,
          wrong,
          right + wrong == 0 ? 0 : 100.0 * wrong / (right + wrong));
    }
  }

  private static PromptKey key(int number) {
    return Requests.key(number);
  }

  private static InferenceRequest request(TestContext context, String text) {
    JsonObject body =
        new JsonObject()
            .put(
                "messages",
                new JsonArray().add(new JsonObject().put("role", "user").put("content", text)));
    Call call = Call.root(context.timeline());
    return new InferenceRequest(
        RequestInfo.chat("r", "m", Requests.caller(1), call.timeline().nanos()),
        body.toBuffer(),
        call,
        Attempt.FIRST);
  }

  private static List<Pair> pairs() throws IOException {
    List<Pair> pairs = new ArrayList<>();
    InputStream file =
        Objects.requireNonNull(SemanticHits.class.getResourceAsStream("semantic-pairs.tsv"));
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        List<String> parts = List.of(line.split("\t", -1));
        if (parts.size() == 3) {
          pairs.add(new Pair(parts.get(0).equals("same"), parts.get(1), parts.get(2)));
        }
      }
    }
    return pairs;
  }

  /** Two questions, and whether they mean the same. */
  private record Pair(boolean same, String one, String other) {}
}
