package dev.forebay.spi.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of an endpoint, and its figures.
 *
 * @param id unique in its pool
 * @param source that named it; {@code static} if it is listed
 * @param account whose limit and balance it shares
 * @param group its priority, 0 first
 * @param weight its share, as configured
 * @param slowStartShare the share of its weight that counts while it starts, 0 to 1; null after
 *     that
 * @param state whether it may be given requests
 * @param why it may not; null if it may
 * @param since when the state holds, as ISO 8601 in UTC
 * @param cooldownMillis what is left of its cooldown, in milliseconds; null if it has none
 * @param cooldownReason why it cools down; null if it does not
 * @param inFlight requests under way
 * @param inFlightTokens their tokens, of prompts and of the longest answers
 * @param firstContentMillis smoothed time to the first content, in milliseconds; 0 without samples
 * @param errorRate decaying share of failures, 0 to 1
 * @param dispatched requests that it was given so far
 * @param finished those of them that are over
 * @param missingModels models that it said it does not have; null if there are none
 * @param probe what probes have found; null if it is not probed
 */
public record EndpointFigures(
    String id,
    String source,
    String account,
    int group,
    double weight,
    @Nullable Double slowStartShare,
    State state,
    @Nullable String why,
    String since,
    @Nullable Long cooldownMillis,
    @Nullable String cooldownReason,
    int inFlight,
    long inFlightTokens,
    double firstContentMillis,
    double errorRate,
    long dispatched,
    long finished,
    @Nullable List<String> missingModels,
    @Nullable ProbeFigures probe) {

  /** Whether an endpoint may be given requests. */
  public enum State {
    /** It may. */
    UP("up"),
    /** It failed: others are asked for a while. */
    COOLING("cooling"),
    /** After a cooldown: it is tried with a few requests. */
    HALF_OPEN("half-open"),
    /** A probe found it down. */
    DOWN("down"),
    /** It finishes what it has, and gets nothing new. */
    DRAINING("draining"),
    /** Its account is out. */
    ACCOUNT_OUT("account out");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** As JSON has it. */
    @Override
    public String toString() {
      return text;
    }
  }
}
