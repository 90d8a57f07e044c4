package dev.forebay.caching.semantic;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.ResponseCache;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Map;

/**
 * Answers a question with the answer to another that means nearly the same, around any cache. It is
 * off unless a configuration names it: such a hit can be wrong.
 *
 * @param store keeps the answers, and answers equal requests
 * @param embeddings the backend that is asked for the vector of a text
 * @param model its model
 * @param threshold the least cosine of two vectors that counts as the same question
 * @param timeout how long a lookup waits for a vector; then it is a miss
 * @param maxEntries vectors that are kept; the one that was not used for longest makes room
 * @param maxText bytes of a request that is looked at
 */
@RecordBuilder
@Doc(
    "Answers a question with the answer to another that means nearly the same, within one tenant"
        + " and one context. Such a hit can be wrong: use it where that is harmless.")
public record Semantic(
    @Doc("The cache that keeps the answers, and answers equal requests.") @Default("lru")
        Plugin<ResponseCache> store,
    @Doc("The backend that is asked for embeddings.") Plugin<Backend> embeddings,
    @Doc("The model of the embeddings.") String model,
    @Doc(
            "The least cosine of two vectors that counts as the same question. What is safe depends"
                + " on the model: measure it.")
        @Default("0.97")
        @Range(min = 0.5, max = 1)
        double threshold,
    @Doc("How long a lookup waits for a vector; then it is a miss.")
        @Default("200ms")
        @Range(min = 0.001, max = 60)
        Duration timeout,
    @Doc("Vectors that are kept, and compared with at most.")
        @Default("1000")
        @Range(min = 1, max = 100_000)
        @Unit("vectors")
        int maxEntries,
    @Doc("A longer request is not looked at.")
        @Default("64KiB")
        @Range(min = 1, max = 1 << 24)
        @Unit("bytes")
        int maxText)
    implements Plugin<ResponseCache>, SemanticBuilder.With {

  /** Around a store, with embeddings of a backend's model, and everything else at its default. */
  public static Semantic around(
      Plugin<ResponseCache> store, Plugin<Backend> embeddings, String model) {
    return Options.defaults(
        Semantic.class,
        Map.entry("store", store),
        Map.entry("embeddings", embeddings),
        Map.entry("model", model));
  }

  @Override
  public ResponseCache create(PluginContext context) {
    return new SemanticCache(this, context);
  }
}
