package dev.forebay.queuing.codel;

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
 * A queue that is allowed to be long for a short time only. While its oldest ticket has waited for
 * longer than {@code target} all through the last {@code interval}, the queue stands: then tickets
 * that have waited for twice the target are dropped, from its head. A burst that is soon worked off
 * loses nobody.
 *
 * <p>After CoDel (K. Nichols, V. Jacobson, Controlling Queue Delay, ACM Queue 2012) in the form for
 * requests of B. Maurer, Fail at Scale, ACM Queue 2015: the spacing of drops in the original is for
 * senders that slow down when they lose a packet. Targets of milliseconds mean nothing to models
 * that take seconds or minutes, so they are counted in service times, which are measured.
 *
 * @param within the order of the tickets, and how many may wait
 * @param target a wait that may last, in mean service times; above 0
 * @param interval for how long a longer one must last, in mean service times; above 0
 */
@RecordBuilder
@Doc("Drops who has waited longest while the queue does not empty.")
public record Codel(
    @Doc("the order, and how many may wait") @Default("fifo") Plugin<RequestQueue> within,
    @Doc("the wait of the oldest that may last; at twice that it is dropped if the queue stands")
        @Default("0.5")
        @Range(min = 0.01, max = 1000)
        @Unit("service times")
        double target,
    @Doc("for how long a longer wait must last until the queue is said to stand")
        @Default("2")
        @Range(min = 0.01, max = 1000)
        @Unit("service times")
        double interval)
    implements Plugin<RequestQueue>, CodelBuilder.With {

  /** The defaults: waits of half a service time may last, longer ones for two service times. */
  public static Codel defaults() {
    return Options.defaults(Codel.class);
  }

  /** A queue with an order of its own. */
  public static Codel around(Plugin<RequestQueue> within) {
    return defaults().withWithin(within);
  }

  @Override
  public RequestQueue create(PluginContext context) {
    return new CodelQueue(this, context.create(within), context.timeline());
  }
}
