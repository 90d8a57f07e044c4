package dev.forebay.spi.http;

/**
 * Takes the routes that a plugin adds. {@code context.resource(HttpRoutes.class)} lends one to each
 * plugin. In a replay it takes routes, too, but no request comes to them.
 */
@FunctionalInterface
public interface HttpRoutes {

  /** A listener of a gateway. */
  enum Listener {
    /**
     * That of those who run the gateway. The checks of its {@code Host} and of web pages hold for
     * all routes.
     */
    ADMINISTRATION,
    /**
     * That of callers. If the gateway has keys, a route is answered for callers with a key only.
     */
    EDGE
  }

  /**
   * Adds a route, while the plugin is created.
   *
   * @throws IllegalArgumentException if a route of the same method may have the same path: the
   *     message names both plugins
   * @throws IllegalStateException if the gateway listens already
   */
  void add(Listener listener, HttpRoute route);
}
