package dev.forebay.redis.twin;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.List;

/**
 * What a {@link TwinServer} is like.
 *
 * @param latency of the network, one way; commands take no time of their own
 * @param spread each way takes up to this share longer, by chance
 * @param maxMemory bound on keys and values, in bytes
 * @param faults what goes wrong
 */
@RecordBuilder
@Doc("A Redis in virtual time.")
public record TwinModel(
    @Doc("Latency of the network, one way.") @Default("150us") @Range(min = 0, max = 60)
        Duration latency,
    @Doc("Each way takes up to this share longer, by chance.")
        @Default("0.5")
        @Range(min = 0, max = 100)
        double spread,
    @Doc("Bound on keys and values; past it, those leave that would end soonest.")
        @Default("1GiB")
        @Range(min = 1, max = 1L << 40)
        @Unit("bytes")
        long maxMemory,
    @Doc("What goes wrong.") @Default("[]") List<TwinFault> faults)
    implements TwinModelBuilder.With {

  /** Copies. */
  public TwinModel {
    faults = List.copyOf(faults);
  }

  /** 150 µs one way, up to half longer, 1 GiB, and nothing goes wrong. */
  public static TwinModel defaults() {
    return Options.defaults(TwinModel.class);
  }
}
