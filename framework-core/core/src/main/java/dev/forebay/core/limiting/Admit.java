package dev.forebay.core.limiting;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.kernel.Shared;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.RequestQueue;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Map;

/**
 * The stage {@code admit}: lets as many requests on as the capacity takes; the rest wait in a
 * queue.
 *
 * @param limit how many may be under way
 * @param queue where the rest waits
 * @param maxWait the longest that a request waits
 * @param maxBytes of the bodies of all that wait, at most
 * @param tenants that have figures of their own, 0 to 300
 */
@RecordBuilder
@Doc("Lets as many requests on as the capacity takes; the rest wait in a queue.")
public record Admit(
    @Doc("How many may be under way.") Plugin<ConcurrencyLimiter> limit,
    @Doc("Where the rest waits.") Plugin<RequestQueue> queue,
    @Doc("The longest that a request waits; then it is answered with 503.")
        @Default("120s")
        @Range(min = 0, max = 86_400)
        Duration maxWait,
    @Doc("Bound on the bodies of all that wait; beyond it the queue sheds.")
        @Default("64MiB")
        @Range(min = 0, max = 1L << 40)
        @Unit("bytes")
        long maxBytes,
    @Doc("Tenants with figures of their own in the metrics; all others are counted as `other`.")
        @Default("20")
        @Range(min = 0, max = 300)
        @Unit("tenants")
        int tenants)
    implements Plugin<Filter>, AdmitBuilder.With {

  /** A limit and a queue, with the other options at their defaults. */
  public static Admit by(Plugin<ConcurrencyLimiter> limit, Plugin<RequestQueue> queue) {
    return Options.defaults(Admit.class, Map.entry("limit", limit), Map.entry("queue", queue));
  }

  @Override
  public Filter create(PluginContext context) {
    return new AdmissionFilter(
        context.create(limit),
        context.create(queue),
        this,
        context,
        Shared.of(PluginErrors.class, context));
  }
}
