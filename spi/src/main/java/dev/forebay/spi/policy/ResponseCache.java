package dev.forebay.spi.policy;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Named;
import dev.forebay.spi.PromptKey;
import io.vertx.core.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A store of complete answers. It runs on the gateway's timeline, and its futures complete there.
 * If a future fails, or does not complete in time, the request is a miss.
 *
 * <p>A store keeps an answer for its own time to live, and gives it back as it was put, {@link
 * CachedAnswer#storedAtMillis()} included. The cache stage decides whether an answer of some age is
 * fresh, stale but good enough while the backend is overloaded, or too old.
 */
@Named("cache")
public interface ResponseCache extends Lifecycle {

  /**
   * Looks an answer up.
   *
   * @param key identity of the request, within its scope
   * @param request for stores that compare more than the key, such as a semantic one; the others
   *     need not look at it
   * @return the answer; null if there is none
   */
  Future<@Nullable CachedAnswer> get(PromptKey key, InferenceRequest request);

  /**
   * Stores an answer, perhaps evicting others, perhaps not at all.
   *
   * @param key identity of the request, within its scope
   * @param request the one that it answers
   */
  Future<Void> put(PromptKey key, InferenceRequest request, CachedAnswer answer);

  /** Forgets an answer, here and in whatever is shared with others. */
  Future<Void> invalidate(PromptKey key);

  /**
   * Time to live of an entry, counted from {@link #put}, ignoring eviction; null if unknown. The
   * cache stage warns at start if this is shorter than its {@code stale} options need.
   */
  default @Nullable Duration keeps() {
    return null;
  }
}
