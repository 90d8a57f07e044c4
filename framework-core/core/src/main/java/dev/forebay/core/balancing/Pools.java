package dev.forebay.core.balancing;

import dev.forebay.spi.Service;

/** The pools of a gateway, by name, for stages that ask another one. */
@FunctionalInterface
public interface Pools {

  /** A pool with its stages. Names were checked before; the gateway must have been made. */
  Service pool(String name);
}
