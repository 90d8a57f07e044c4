package dev.forebay.queuing.shortest;

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
 * The least expected work first, of the answer and of the part of the prompt that no endpoint is
 * likely to have cached (L. E. Schrage, A Proof of the Optimality of the Shortest Remaining
 * Processing Time Discipline, Operations Research 1968): more callers are answered in the same
 * time. One turn of {@code oldestEvery} belongs to the ticket that waits longest, so a ticket
 * before which {@code n} came waits for {@code oldestEvery * (n + 1)} turns at most.
 *
 * <p>If it is full, the longest expected answer is shed.
 *
 * @param capacity how many may wait, at least 1
 * @param oldestEvery one turn of so many belongs to the oldest ticket, at least 2
 */
@RecordBuilder
@Doc("The least expected work first; if it is full, the most is shed.")
public record Shortest(
    @Doc("how many may wait") @Default("1000") @Range(min = 1, max = 1_000_000) @Unit("requests")
        int capacity,
    @Doc("one turn of so many belongs to the request that waits longest, so that none starves")
        @Default("64")
        @Range(min = 2, max = 1_000_000)
        @Unit("turns")
        int oldestEvery)
    implements Plugin<RequestQueue>, ShortestBuilder.With {

  /** The defaults: 1,000 may wait, and one turn of 64 belongs to the oldest. */
  public static Shortest defaults() {
    return Options.defaults(Shortest.class);
  }

  @Override
  public RequestQueue create(PluginContext context) {
    return new OrderedQueue(capacity, Order.SHORTEST, oldestEvery);
  }
}
