package dev.forebay.core.retrying;

import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The stage {@code retry}: tries again what failed before its first content.
 *
 * @param attempts tries in all, the first included
 * @param firstContent bound on the time to first content of one try, from the moment at which an
 *     endpoint was given the request: to wait in the gateway is no try; null for none
 * @param backoff upper bound of the first pause, doubled for each further one
 * @param maxBackoff upper bound of any pause
 * @param maxRetryAfter the longest {@code Retry-After} that is waited for
 */
@RecordBuilder
@Doc("Tries again what failed before its first content.")
public record Retry(
    @Doc("Tries in all, the first included.") @Default("3") @Range(min = 1, max = 10) int attempts,
    @Doc(
            "Bound on the time to first content of one try of a streamed answer, from when an"
                + " endpoint has it, not while it queues in the gateway; then another is made.")
        @Range(min = 0, max = 86_400, exclusiveMin = true)
        @Nullable Duration firstContent,
    @Doc("Upper bound of the first pause, doubled for each further one; the pause is random.")
        @Default("50ms")
        @Range(min = 0, max = 60)
        Duration backoff,
    @Doc("Upper bound of any pause.") @Default("2s") @Range(min = 0, max = 600) Duration maxBackoff,
    @Doc("The longest Retry-After that is waited for; a longer one ends the tries.")
        @Default("5s")
        @Range(min = 0, max = 600)
        Duration maxRetryAfter)
    implements Plugin<Filter>, RetryBuilder.With {

  /** So many tries, the first included, with the other options at their defaults. */
  public static Retry attempts(int most) {
    return Options.defaults(Retry.class).withAttempts(most);
  }

  @Override
  public Filter create(PluginContext context) {
    return new RetryFilter(this, Shared.of(RetryBudget.class, context), context);
  }
}
