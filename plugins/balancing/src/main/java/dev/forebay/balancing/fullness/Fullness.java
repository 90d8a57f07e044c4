package dev.forebay.balancing.fullness;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Endpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tells an endpoint that refuses because it is full from one that is sick, as far as can be seen
 * from here: it refuses with 503, before any content, while it works on other requests and has
 * answered one within two seconds. Rest would take its capacity away at the moment at which all of
 * it is needed.
 */
public final class Fullness {

  /** An endpoint that has answered within this time is answering. */
  private static final long ANSWERS_NANOS = 2_000_000_000L;

  private final Timeline timeline;
  private final Map<String, Long> answeredNanos = new HashMap<>();

  /** Nobody has answered yet. */
  public Fullness(PluginContext context) {
    this.timeline = context.timeline();
  }

  /**
   * Whether an outcome counts against the health of an endpoint: it is unhealthy, and the endpoint
   * is not just full. To be asked once about each outcome.
   */
  public boolean unhealthy(Endpoint endpoint, Outcome outcome) {
    if (outcome.status() == Status.OK) {
      answeredNanos.put(endpoint.id(), timeline.nanos());
    }
    return outcome.status().unhealthy() && !isFull(endpoint, outcome);
  }

  private boolean isFull(Endpoint endpoint, Outcome outcome) {
    Failure failure = outcome.failure();
    Long answered = answeredNanos.get(endpoint.id());
    return failure != null
        && failure.httpStatus() == 503
        && outcome.timings().firstContentNanos() < 0
        && endpoint.inFlight() > 0
        && answered != null
        && timeline.nanos() - answered <= ANSWERS_NANOS;
  }

  /** Forgets endpoints that are not in the list. */
  public void members(List<Endpoint> all) {
    Set<String> ids = new HashSet<>();
    all.forEach(endpoint -> ids.add(endpoint.id()));
    answeredNanos.keySet().retainAll(ids);
  }
}
