package dev.forebay.caching.semantic;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.SharedNotes;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Vectors that gateways share through the store of their answers, by scope, and so by tenant: each
 * is written when its answer is, and those of a scope are read on a miss, once in {@link
 * #REFRESH_NANOS} at most. They are compared locally, as the own ones are.
 */
final class SharedVectors {

  /** For so long, what others found is not looked for again. */
  static final long REFRESH_NANOS = 2_000_000_000L;

  /** The newest of a scope that are shared: of 1,536 dimensions they take 1.5 MiB. */
  static final int MOST_OF_A_SCOPE = 256;

  private static final int KEY_BYTES = 2 * Long.BYTES;
  private static final int MOST_SCOPES = 10_000;

  private final @Nullable SharedNotes notes;
  private final Vectors vectors;
  private final Timeline clock;
  private final Counter written;
  private final Counter failures;
  private final int most;
  private final Map<String, Long> readNanos = new LinkedHashMap<>();

  /**
   * Shared vectors.
   *
   * @param notes where they are; null where the store shares nothing
   * @param vectors the local ones, which they join
   */
  SharedVectors(@Nullable SharedNotes notes, Vectors vectors, int most, PluginContext context) {
    this.notes = notes;
    this.vectors = vectors;
    this.most = Math.min(most, MOST_OF_A_SCOPE);
    this.clock = context.timeline();
    this.written = context.counter("shared");
    this.failures = context.counter("sharing_failures");
  }

  /** Adds what others have found to the local ones, if it is time; never fails. */
  Future<@Nullable Void> refresh(String scope) {
    SharedNotes shared = notes;
    if (shared == null || !due(scope)) {
      return Future.succeededFuture();
    }
    return shared
        .notes(scope)
        .onFailure(thrown -> failures.increment())
        .otherwise(List.of())
        .map(
            found -> {
              found.reversed().forEach(note -> add(scope, note)); // the newest stay longest
              return null;
            });
  }

  private boolean due(String scope) {
    long now = clock.nanos();
    Long read = readNanos.get(scope);
    if (read != null && now - read < REFRESH_NANOS) {
      return false;
    }
    if (read == null && readNanos.size() >= MOST_SCOPES) {
      readNanos.remove(readNanos.keySet().iterator().next());
    }
    readNanos.put(scope, now);
    return true;
  }

  private void add(String scope, Buffer note) {
    int bytes = note.length() - KEY_BYTES;
    if (bytes <= 0
        || bytes % Float.BYTES != 0
        || bytes / Float.BYTES > Embeddings.MOST_DIMENSIONS) {
      return; // of nobody that is known
    }
    PromptKey key = new PromptKey(note.getLong(0), note.getLong(Long.BYTES));
    if (vectors.has(key)) {
      return;
    }
    float[] vector = new float[bytes / Float.BYTES];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = note.getFloat(KEY_BYTES + i * Float.BYTES);
    }
    vectors.put(key, scope, vector);
  }

  /** Shares a vector; nobody waits for it. */
  void share(PromptKey key, String scope, float[] vector) {
    SharedNotes shared = notes;
    if (shared != null) {
      Buffer note = Buffer.buffer(KEY_BYTES + vector.length * Float.BYTES);
      note.appendLong(key.high()).appendLong(key.low());
      for (float number : vector) {
        note.appendFloat(number);
      }
      shared
          .note(scope, note, most)
          .onComplete(done -> (done.succeeded() ? written : failures).increment());
    }
  }
}
