package dev.forebay.replay.run;

import dev.forebay.spi.state.GatewayState;
import java.time.Duration;

/** Looks at gateways while they run, at intervals of virtual time. From any thread. */
@FunctionalInterface
public interface RunObserver {

  /** The time between two looks. */
  Duration EVERY = Duration.ofSeconds(15);

  /**
   * Looks at a run: first when it begins, last when what callers left behind has come to rest.
   *
   * @param state of its gateway now
   */
  void observe(String combination, long seed, GatewayState state);
}
