package dev.forebay.spi.host;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import org.jspecify.annotations.Nullable;

/**
 * Sees each request of a gateway begin and end, before and after its whole pipeline, and those that
 * have no HTTP request as well. Called on the requests' timelines, so by several threads at once;
 * must be quick, and must not block.
 */
public interface RequestWatcher {

  /** Takes watchers, while a section is created. Lent by {@code context.resource}. */
  @FunctionalInterface
  interface Watchers {
    /** Adds one, for good. */
    void add(RequestWatcher watcher);
  }

  /** Decides whether a request goes on; null if it does, else how it fails. */
  default @Nullable Failure begins(RequestInfo request) {
    return null;
  }

  /** A request is over; exactly once for each that began. */
  void ended(Ended request);

  /**
   * A request that is over.
   *
   * @param info what it was
   * @param outcome how it ended
   * @param servedBy what answered; the last endpoint that had it, if nothing did; else empty
   * @param cache what the cache did, such as {@code hit}; empty if there is none
   * @param job the job that it was made for; empty if its caller waited for it
   * @param nanos from its arrival at the gateway to its end
   */
  record Ended(
      RequestInfo info, Outcome outcome, String servedBy, String cache, String job, long nanos) {}
}
