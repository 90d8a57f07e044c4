package dev.forebay.spi;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * A store of complete answers. Runs on the gateway's timeline; its futures complete there. A
 * failure of it counts as a miss.
 */
public interface ResponseCache {

  /** Looks an answer up: null where there is none, or none that is still fresh. */
  Future<@Nullable CachedAnswer> get(PromptKey key);

  /** Stores an answer, perhaps evicting others, perhaps not at all. */
  Future<Void> put(PromptKey key, CachedAnswer answer);

  /** Forgets an answer. */
  Future<Void> invalidate(PromptKey key);
}
