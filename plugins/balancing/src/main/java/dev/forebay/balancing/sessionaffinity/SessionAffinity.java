package dev.forebay.balancing.sessionaffinity;

import dev.forebay.balancing.affinity.AffinityKey;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Balancer;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Sticky sessions, for services that keep state: who answered a session's first request answers the
 * others, as with nginx's {@code sticky learn} and HAProxy's stick tables. New sessions go to the
 * least loaded.
 *
 * @param by what tells sessions apart; requests without it go to the least loaded
 * @param idle time without a request after which a session is forgotten
 * @param maxSessions sessions that are remembered at most, least recently used first out
 * @param loadBound times its share of the requests in flight that an endpoint may have, at least 1;
 *     beyond it a session's request goes elsewhere, once
 * @param always requests in flight that an endpoint may have in any case, at least 1
 */
@RecordBuilder
@Doc("Keeps each session at one endpoint, within a bound on its load.")
public record SessionAffinity(
    @Doc("What tells sessions apart: session is the header x-forebay-session or the edge's cookie.")
        @Default("session")
        AffinityKey by,
    @Doc("Time without a request after which a session is forgotten.")
        @Default("30m")
        @Range(min = 0.001, max = 604_800)
        Duration idle,
    @Doc("Sessions that are remembered, least recently used first out.")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        @Unit("sessions")
        int maxSessions,
    @Doc("Times its share, by weight, of the requests in flight that an endpoint may have.")
        @Default("2")
        @Range(min = 1, max = 1000)
        double loadBound,
    @Doc("Requests in flight that an endpoint of any weight may have in any case.")
        @Default("8")
        @Range(min = 1, max = 1_000_000)
        @Unit("requests")
        int always)
    implements Plugin<Balancer>, SessionAffinityBuilder.With {

  /** Sessions that are told apart by that key. */
  public static SessionAffinity by(AffinityKey key) {
    return Options.defaults(SessionAffinity.class).withBy(key);
  }

  @Override
  public Balancer create(PluginContext context) {
    return new SessionAffinityBalancer(this, context.timeline());
  }
}
