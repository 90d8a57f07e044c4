package dev.forebay.core.limiting;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.DeadLetterStore;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;

/**
 * The stage {@code dead-letters}: keeps what the stages after it give up. As the first stage it
 * sees what is left after all tries.
 *
 * @param store where letters are kept
 * @param on endings that make a letter
 * @param bodies whether prompts are kept, so that requests can be sent again
 * @param maxBody bytes of a body that is kept, at most; of a longer one the letter has none
 */
@RecordBuilder
@Doc("Keeps what the stages after it give up; without prompts, unless it is told to.")
public record DeadLetters(
    @Doc("Where letters are kept.") Plugin<DeadLetterStore> store,
    @Doc("Endings that make a letter.")
        @Default("[saturated, timed-out, overloaded, stalled, throttled, account-out, internal]")
        List<Status> on,
    @Doc("Whether bodies, and so prompts, are kept: only such requests can be sent again.")
        @Default("false")
        boolean bodies,
    @Doc("A longer body is not kept.")
        @Default("256KiB")
        @Range(min = 0, max = 1L << 30)
        @Unit("bytes")
        long maxBody)
    implements Plugin<Filter>, DeadLettersBuilder.With {

  /** Copies. */
  public DeadLetters {
    on = List.copyOf(on);
  }

  /** Letters in a store, without bodies. */
  public static DeadLetters in(Plugin<DeadLetterStore> store) {
    return Options.defaults(DeadLetters.class, Map.entry("store", store));
  }

  @Override
  public Filter create(PluginContext context) {
    DeadLetterStore kept = context.create(store);
    context.resource(HttpRoutes.class).ifPresent(routes -> new DeadLetterRoutes(kept).add(routes));
    return new DeadLettersFilter(this, kept, context, Shared.of(PluginErrors.class, context));
  }
}
