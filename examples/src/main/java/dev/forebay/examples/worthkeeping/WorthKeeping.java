package dev.forebay.examples.worthkeeping;

// tag::cache[]
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * A cache that leaves cheap answers out, so that its store has room for those that cost much to
 * make again.
 *
 * @param store keeps the others
 * @param minTokens tokens that an answer took to make, below which it is not kept
 */
@Doc("Keeps only answers that took many tokens to make.")
public record WorthKeeping(
    @Doc("The cache that keeps them.") @Default("lru") Plugin<ResponseCache> store,
    @Doc("Answers of fewer tokens are not kept.")
        @Default("50")
        @Range(min = 0, max = 10_000_000)
        @Unit("tokens")
        int minTokens)
    implements Plugin<ResponseCache> {

  @Override
  public ResponseCache create(PluginContext context) {
    ResponseCache kept = context.create(store);
    Counter leftOut = context.counter("left_out");
    return new ResponseCache() {
      @Override
      public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
        return kept.get(key, request);
      }

      @Override
      public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
        if (answer.usage().totalTokens() >= minTokens) {
          return kept.put(key, request, answer);
        }
        leftOut.increment();
        return kept.invalidate(key); // what is there is older
      }

      @Override
      public Future<Void> invalidate(PromptKey key) {
        return kept.invalidate(key);
      }
    };
  }
}
// end::cache[]
