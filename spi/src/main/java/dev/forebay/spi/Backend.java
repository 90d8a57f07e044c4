package dev.forebay.spi;

import io.vertx.core.Future;
import java.util.List;

/**
 * Something that answers inference requests: a remote API, a local model, a simulation. It runs on
 * the home of each request's call, so one backend may be used from several threads.
 */
public interface Backend extends Service {

  /** Unique in its pool. */
  String id();

  /** The account that it spends; endpoints of one account share limits and balance. */
  default String account() {
    return id();
  }

  /** Names of the models that it offers; empty where it takes any. */
  default List<String> models() {
    return List.of();
  }

  /** Load that it reports of itself, 0 (idle) to 1 (full) and above; NaN where it does not. */
  default double load() {
    return Double.NaN;
  }

  /**
   * Takes an action to run, on any thread, each time the account may be good again, such as after
   * its key was exchanged: it is no longer out then. By default nothing says so.
   */
  default void onAccountRenewed(Runnable action) {}

  /** Lets go of connections and processes; requests under way may be cut. */
  default Future<Void> close() {
    return Future.succeededFuture();
  }
}
