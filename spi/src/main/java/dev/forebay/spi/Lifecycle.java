package dev.forebay.spi;

import io.vertx.core.Future;

/**
 * What an instance of a plugin may implement if it must begin or release something. The gateway
 * that made it calls each method; a plugin that another one made by {@link PluginContext#create} is
 * told as well.
 */
public interface Lifecycle {

  /**
   * Begins with what takes long, such as loading a model; must not wait for it. Called once, before
   * the gateway serves, and not if a configuration is only checked. On the gateway's timeline.
   */
  default void prepare() {}

  /**
   * The gateway begins to close: requests under way may go on, and {@link #close} will come. On any
   * thread, perhaps more than once; must be quick.
   */
  default void draining() {}

  /**
   * Releases connections, processes and timers. Called once: the last instance that was made is
   * closed first. Also called if the making of the gateway fails after this instance was made.
   */
  default Future<Void> close() {
    return Future.succeededFuture();
  }
}
