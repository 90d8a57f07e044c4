package dev.forebay.queuing.fifo;

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
 * First come, first served, up to a capacity; who comes to a full queue is shed.
 *
 * @param capacity how many may wait, at least 1
 */
@RecordBuilder
@Doc("First come, first served; who comes to a full queue is shed.")
public record Fifo(
    @Doc("how many may wait") @Default("1000") @Range(min = 1, max = 1_000_000) @Unit("requests")
        int capacity)
    implements Plugin<RequestQueue>, FifoBuilder.With {

  /** The defaults: 1,000 may wait. */
  public static Fifo defaults() {
    return Options.defaults(Fifo.class);
  }

  /** A queue of that many requests. */
  public static Fifo capacity(int requests) {
    return new Fifo(requests);
  }

  @Override
  public RequestQueue create(PluginContext context) {
    return new FifoQueue(capacity);
  }
}
