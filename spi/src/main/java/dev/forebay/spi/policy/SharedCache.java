package dev.forebay.spi.policy;

import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Registration;

/**
 * A cache that several gateways share, and that tells each of them what the others changed: what a
 * tier in front of it needs to stay right.
 */
public interface SharedCache extends ResponseCache {

  /**
   * Tells a watcher of changes from now on, on the gateway's timeline, until it is taken back.
   *
   * <p>News travel beside answers: a change is told after it was made, usually within milliseconds.
   * A gateway is not told of its own changes.
   */
  Registration watch(Watcher watcher);

  /** Whoever must know what other gateways change. */
  interface Watcher {

    /** Another gateway stored or forgot the answer under a key. */
    void changed(PromptKey key);

    /** News may have been missed: the answer under any key may have changed. */
    void missed();
  }
}
