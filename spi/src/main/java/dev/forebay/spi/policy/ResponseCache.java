package dev.forebay.spi.policy;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Named;
import dev.forebay.spi.PromptKey;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A store of complete answers. Runs on the gateway's timeline; its futures complete there. A
 * failure of it counts as a miss, and a future that does not complete in time as one, too.
 *
 * <p>A store keeps an answer for its own time to live, and gives it back as it was put, {@link
 * CachedAnswer#storedAtMillis()} included. Whether an answer of some age is fresh, stale but good
 * enough while the backend is overloaded, or too old, is the mechanism's to say.
 */
@Named("cache")
public interface ResponseCache extends Lifecycle {

  /** Looks an answer up: null where there is none. */
  Future<@Nullable CachedAnswer> get(PromptKey key);

  /** Stores an answer, perhaps evicting others, perhaps not at all. */
  Future<Void> put(PromptKey key, CachedAnswer answer);

  /** Forgets an answer, here and in whatever is shared with others. */
  Future<Void> invalidate(PromptKey key);

  /**
   * Looks up an answer to a request. For stores that compare more than its key, such as a semantic
   * one; the others need not know the request.
   *
   * @param key identity of the request, within its scope
   */
  default Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request) {
    return get(key);
  }

  /**
   * Stores the answer to a request. For stores that compare more than its key.
   *
   * @param key identity of the request, within its scope
   */
  default Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer) {
    return put(key, answer);
  }

  /**
   * How long it keeps an answer where there is room, counted from when it was put; null where it
   * does not say. So whoever serves old answers can warn where they will not be there.
   */
  default @Nullable Duration keeps() {
    return null;
  }
}
