package dev.forebay.queuing.adaptivelifo;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.RequestQueue;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * First come, first served, until the queue stands; then the last comes first (B. Maurer, Fail at
 * Scale, ACM Queue 2015): the callers who came last still wait for their answers. It stands while
 * its oldest ticket has waited for longer than {@code after}. The old ones are served when load
 * sinks, or leave when their time is up.
 *
 * <p>If it is full, the one whose turn would come last is shed: the newcomer, and while the queue
 * stands, the oldest.
 *
 * @param capacity how many may wait, at least 1
 * @param after the wait of the oldest ticket at which the order turns, in mean service times, which
 *     are measured; above 0. Before ten answers it does not turn.
 */
@RecordBuilder
@Doc("First come, first served; if the queue stands, the last comes first.")
public record AdaptiveLifo(
    @Doc("how many may wait") @Default("1000") @Range(min = 1, max = 1_000_000) @Unit("requests")
        int capacity,
    @Doc("wait of the oldest at which the last comes first")
        @Default("0.5")
        @Range(min = 0.01, max = 1000)
        @Unit("service times")
        double after)
    implements Plugin<RequestQueue>, AdaptiveLifoBuilder.With {

  /** The defaults: 1,000 may wait, and the order turns at half a service time. */
  public static AdaptiveLifo defaults() {
    return Options.defaults(AdaptiveLifo.class);
  }

  @Override
  public RequestQueue create(PluginContext context) {
    return new AdaptiveLifoQueue(this, context.timeline());
  }
}
