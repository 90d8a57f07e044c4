package dev.forebay.spi.state;

/** Reads the state of a gateway. Plugins are lent one ({@code context.resource}). */
@FunctionalInterface
public interface StateReader {

  /** The state now. On the gateway's timeline, once the gateway is made. */
  GatewayState state();
}
