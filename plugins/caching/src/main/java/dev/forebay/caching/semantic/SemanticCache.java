package dev.forebay.caching.semantic;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A store, and vectors that say which of its answers are to questions like another.
 *
 * <p>Equal requests are answered by the store, without a vector. Else the nearest question of the
 * same {@linkplain Question#scope() scope} leads to its answer, which says so in a header. What is
 * stored is stored under its own key only: no equal request ever gets the answer to a similar one
 * once it has its own.
 */
final class SemanticCache implements ResponseCache {

  /** The header of an answer to another question: the cosine of the two. */
  static final String HEADER = "x-forebay-similarity";

  private static final int MOST_PENDING = 1_000;

  private final Semantic options;
  private final ResponseCache store;
  private final Embeddings embeddings;
  private final Vectors vectors;
  private final Map<PromptKey, float[]> pending = new LinkedHashMap<>();
  private final Counter similar;
  private final Counter different;
  private final Counter bypassed;
  private final Counter failures;

  SemanticCache(Semantic options, PluginContext context) {
    this.options = options;
    this.store = options.store().create(context);
    this.embeddings =
        new Embeddings(
            options.embeddings().create(context),
            options.model(),
            options.timeout().toNanos(),
            context.timeline());
    this.vectors = new Vectors(options.maxEntries());
    this.similar = context.counter("similar");
    this.different = context.counter("different");
    this.bypassed = context.counter("not_compared");
    this.failures = context.counter("embedding_failures");
    context.gauge("vectors", vectors::size);
  }

  @Override
  public @Nullable Duration keeps() {
    return store.keeps();
  }

  @Override
  public Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
    return store
        .get(key, request)
        .compose(found -> found != null ? Future.succeededFuture(found) : near(key, request));
  }

  private Future<@Nullable CachedAnswer> near(PromptKey key, InferenceRequest request) {
    Question question = Question.of(request, options.maxText());
    if (question == null) {
      bypassed.increment();
      return Future.succeededFuture(null);
    }
    if (!vectors.knows(question.scope())) {
      different.increment();
      return Future.succeededFuture(null);
    }
    return embeddings
        .of(question.text(), request.info())
        .onFailure(thrown -> failures.increment())
        .compose(vector -> near(key, question, vector, request))
        .otherwiseEmpty();
  }

  private Future<@Nullable CachedAnswer> near(
      PromptKey key, Question question, float[] vector, InferenceRequest request) {
    remember(key, vector);
    Vectors.Near near = vectors.nearest(question.scope(), vector, options.threshold());
    if (near == null) {
      different.increment();
      return Future.succeededFuture(null);
    }
    return store
        .get(near.key(), request)
        .map(
            found -> {
              if (found == null) {
                vectors.remove(near.key()); // the store has let go of it
              }
              (found == null ? different : similar).increment();
              return found == null ? null : marked(found, near.cosine());
            });
  }

  private static CachedAnswer marked(CachedAnswer found, double cosine) {
    return new CachedAnswer(
        found.servedBy(),
        found.status(),
        found.headers().with(HEADER, String.format(Locale.ROOT, "%.4f", cosine)),
        found.chunks(),
        found.usage(),
        found.storedAtMillis(),
        found.times());
  }

  /** The vector of a miss, for when its answer is stored. */
  private void remember(PromptKey key, float[] vector) {
    if (pending.size() >= MOST_PENDING) {
      pending.remove(pending.keySet().iterator().next());
    }
    pending.put(key, vector);
  }

  @Override
  public Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
    return store.put(key, request, answer).onSuccess(done -> index(key, request));
  }

  private void index(PromptKey key, InferenceRequest request) {
    Question question = Question.of(request, options.maxText());
    float[] known = pending.remove(key);
    if (question == null) {
      return;
    }
    if (known != null) {
      vectors.put(key, question.scope(), known);
      return;
    }
    embeddings
        .of(question.text(), request.info())
        .onFailure(thrown -> failures.increment())
        .onSuccess(vector -> vectors.put(key, question.scope(), vector));
  }

  @Override
  public Future<Void> invalidate(PromptKey key) {
    vectors.remove(key);
    return store.invalidate(key);
  }

  @Override
  public Future<Void> close() {
    return Future.join(store.close(), embeddings.close()).mapEmpty();
  }
}
