package dev.forebay.queuing.letterring;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.DeadLetterStore;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The last dead letters, in the gateway's own memory: they are gone when it ends.
 *
 * @param capacity letters at most; the oldest goes first
 * @param maxBytes of all letters together, at most
 */
@RecordBuilder
@Doc("The last dead letters, in memory.")
public record LetterRing(
    @Doc("how many letters it holds; the oldest goes first")
        @Default("1000")
        @Range(min = 1, max = 1_000_000)
        @Unit("letters")
        int capacity,
    @Doc("bound on the memory of all letters together, estimated")
        @Default("16MiB")
        @Range(min = 1024, max = 1L << 40)
        @Unit("bytes")
        long maxBytes)
    implements Plugin<DeadLetterStore>, LetterRingBuilder.With {

  /** The defaults: 1,000 letters, 16 MiB. */
  public static LetterRing defaults() {
    return Options.defaults(LetterRing.class);
  }

  @Override
  public DeadLetterStore create(PluginContext context) {
    Ring ring = new Ring(this);
    context.gauge("letters", ring::size);
    return ring;
  }
}
