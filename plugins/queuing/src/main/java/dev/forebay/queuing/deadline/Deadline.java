package dev.forebay.queuing.deadline;

import dev.forebay.queuing.line.Order;
import dev.forebay.queuing.line.OrderedQueue;
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
 * The earliest deadline first (C. L. Liu, J. W. Layland, Scheduling Algorithms for
 * Multiprogramming, JACM 1973), less the time that the answer is expected to take. A request
 * without a deadline has that of the longest wait, so it starves behind nobody.
 *
 * <p>If it is full, the one with the latest deadline is shed.
 *
 * @param capacity how many may wait, at least 1
 */
@RecordBuilder
@Doc("The earliest deadline first; if it is full, the latest deadline is shed.")
public record Deadline(
    @Doc("how many may wait") @Default("1000") @Range(min = 1, max = 1_000_000) @Unit("requests")
        int capacity)
    implements Plugin<RequestQueue>, DeadlineBuilder.With {

  /** The defaults: 1,000 may wait. */
  public static Deadline defaults() {
    return Options.defaults(Deadline.class);
  }

  @Override
  public RequestQueue create(PluginContext context) {
    return new OrderedQueue(capacity, Order.DEADLINE, 0);
  }
}
