package dev.forebay.redis;

import io.vertx.core.Future;

/** The servers of a Redis, as those see them who bound what is asked of each. */
public interface RedisServers {

  /**
   * The name of the server that holds a key: what stands still together has one name. Empty if
   * there is one server, and while the servers are not known.
   */
  default String server(String key) {
    return "";
  }

  /**
   * A server does not answer. If there are several, the store asks them who holds which keys now;
   * it may be called at any rate.
   */
  default void lookAgain() {}

  /**
   * {@code PING}: whether a server can answer commands; a new connection is made if there is none.
   *
   * @param server as {@link #server} names it
   */
  Future<Void> ping(String server);

  /** Lets go of all connections. */
  Future<Void> close();
}
