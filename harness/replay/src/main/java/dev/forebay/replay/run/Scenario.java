package dev.forebay.replay.run;

import dev.forebay.core.cost.Prices;
import dev.forebay.replay.trace.OverlayOptions;
import dev.forebay.replay.trace.SyntheticOptions;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Traffic, a fleet with its faults, what callers expect, and combinations of plugins to compare.
 *
 * @param name short, as in {@code compare NAME}
 * @param about what it shows, in a sentence or two
 * @param trace a recorded trace, {@code FORMAT:PATH}; null where the traffic is generated
 * @param traceOptional whether traffic is generated if the recorded trace is not there
 * @param synthetic the generator's options, where there is no recorded trace
 * @param overlay what a recorded trace is given where it lacks it
 * @param load arrivals of a recorded trace are scaled to this share of the fleet's capacity; 0
 *     leaves them
 * @param objective what callers expect
 * @param overhead what the gateway itself adds to each request, at least 0
 * @param callers how callers try again
 * @param gateways how many gateways there are, behind a load balancer that takes them in turn
 * @param prices what tokens cost
 * @param replicaPrice US dollars for an hour of a server
 * @param stays of servers that join or leave while a run goes on
 * @param combinations at least two, the baseline first
 */
public record Scenario(
    String name,
    String about,
    @Nullable String trace,
    boolean traceOptional,
    SyntheticOptions synthetic,
    OverlayOptions overlay,
    double load,
    Objective objective,
    Duration overhead,
    Callers callers,
    int gateways,
    Prices prices,
    double replicaPrice,
    List<Membership.Stay> stays,
    List<Combination> combinations) {}
