package dev.forebay.core.retrying;

import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * The stage {@code resume}: continues streamed answers that break off, at another endpoint.
 *
 * @param attempts further tries of one answer
 * @param maxBytes bytes of an answer that are kept while it is streamed
 */
@RecordBuilder
@Doc(
    "Continues a streamed answer that breaks off after its first content, at another endpoint that"
        + " can.")
public record Resume(
    @Doc("Further tries of one answer.") @Default("2") @Range(min = 1, max = 10) int attempts,
    @Doc(
            "Bytes of an answer's events that are kept until it has ended: a longer one is not"
                + " continued.")
        @Default("1MiB")
        @Range(min = 1024, max = 1 << 30)
        @Unit("bytes")
        long maxBytes)
    implements Plugin<Filter>, ResumeBuilder.With {

  @Override
  public Filter create(PluginContext context) {
    return new ResumeFilter(this, Shared.of(RetryBudget.class, context), context);
  }
}
