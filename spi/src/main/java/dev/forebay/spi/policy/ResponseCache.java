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
   * How long it keeps an answer if there is room, counted from when it was put; null if it does not
   * say. So the stage that serves old answers can warn if they will not be there.
   */
  default @Nullable Duration keeps() {
    return null;
  }
}
