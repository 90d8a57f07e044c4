package dev.forebay.spi.tracing;

import dev.forebay.spi.Registration;

/**
 * Takes the tracer of a gateway; lent to sections by {@link
 * dev.forebay.spi.PluginContext#resource}.
 */
@FunctionalInterface
public interface Tracers {

  /**
   * Tells a tracer of all requests from now on.
   *
   * @return takes it back
   * @throws IllegalArgumentException if the gateway has one already
   */
  Registration use(RequestTracer tracer);
}
