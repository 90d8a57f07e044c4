package dev.forebay.spi.policy;

import dev.forebay.spi.Lifecycle;
import io.vertx.core.Future;
import java.util.List;

/**
 * The members of a pool as a file, DNS or a registry knows them. A source pushes whole lists, so
 * that nobody has to add up changes. Its methods are called on the pool's timeline.
 *
 * <p>It tries again by itself, with pauses, for as long as it is not closed. While it fails, the
 * framework keeps the last list (fail static).
 */
public interface EndpointSource extends Lifecycle {

  /** Begins to watch; called once. The first list comes as soon as it is known. */
  void watch(Watcher watcher);

  /** Stops: the watcher is told nothing more, and nothing stays open or scheduled. */
  @Override
  Future<Void> close();

  /** The receiver of lists; called from any thread, one call at a time. */
  interface Watcher {

    /**
     * The whole list as it is now; ids are unique in it. The same list again is no change, and
     * shows that the source is well.
     */
    void members(List<Instance> all);

    /**
     * The list as it is now, without entries that cannot be used.
     *
     * @param leftOut one line for each of those: which it is, and what is wrong with it
     */
    default void members(List<Instance> all, List<String> leftOut) {
      members(all);
    }

    /**
     * The source could not be asked, or its answer not be understood. It tries again.
     *
     * @param why one line for a person, without secrets
     */
    void failed(String why);
  }
}
