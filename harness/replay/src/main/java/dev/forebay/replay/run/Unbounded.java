package dev.forebay.replay.run;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cache that forgets nothing: a bound on the hit rate that any cache could reach. In the harness
 * only, where a run ends before the memory does; it refuses to be made anywhere else.
 */
@Doc("Keeps every answer of a run: the bound on what any cache could reach; harness only.")
public record Unbounded() implements Plugin<ResponseCache> {

  @Override
  public ResponseCache create(PluginContext context) {
    if (context.resource(Fleet.class).isEmpty()) {
      throw new IllegalArgumentException("unbounded: a gateway (expected: a replay)");
    }
    return new Everything();
  }

  private static final class Everything implements ResponseCache {
    private final Map<PromptKey, CachedAnswer> answers = new HashMap<>();

    @Override
    public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
      return Future.succeededFuture(answers.get(key));
    }

    @Override
    public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
      answers.put(key, answer);
      return Future.succeededFuture();
    }

    @Override
    public Future<Void> invalidate(PromptKey key) {
      answers.remove(key);
      return Future.succeededFuture();
    }
  }
}
