package dev.forebay.limiting.partitioned;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Map;

/**
 * Guarantees shares of another limiter's limit, as the partitions of Netflix's <a
 * href="https://github.com/Netflix/concurrency-limits">concurrency-limits</a> do. What a partition
 * does not use is lent while it has had no request for a while; what it has used of late is kept
 * free for it. A partition that asks again gets its share back as the requests of others end.
 *
 * <p>The limit itself is never exceeded. A queue behind it should let partitions pass each other:
 * {@code fair} by the same attribute, or {@code priority}.
 *
 * @param limit what limits all partitions together
 * @param by what tells partitions apart
 * @param shares shares of the limit, above 0, by the name of the partition; 1 at most together.
 *     Requests of any other partition share what is left and what is lent.
 * @param lendAfter after such a time without a request the share of a partition is lent
 */
@RecordBuilder
@Doc("Guarantees tenants, classes or models shares of a limit; what they do not use is lent.")
public record Partitioned(
    @Doc("what limits all partitions together") @Default("knee") Plugin<ConcurrencyLimiter> limit,
    @Doc("what tells partitions apart") @Default("tenant") By by,
    @Doc("shares of the limit by the name of the partition, such as `{ acme: 0.3 }`")
        @Default("{}")
        @Range(min = 0, max = 1, exclusiveMin = true)
        Map<String, Double> shares,
    @Doc("after such a time without a request the share of a partition is lent")
        @Default("10s")
        @Range(min = 0, max = 86_400, exclusiveMin = true)
        Duration lendAfter)
    implements Plugin<ConcurrencyLimiter>, PartitionedBuilder.With {

  /** What tells partitions apart. */
  public enum By {
    /** The caller's tenant. */
    TENANT,
    /** The class of the request, {@code 0} (the most urgent) to {@code 7}. */
    PRIORITY,
    /** The model that is asked for. */
    MODEL;

    /** The name of a request's partition. */
    public String of(RequestInfo request) {
      return switch (this) {
        case TENANT -> request.caller().tenant();
        case PRIORITY -> Integer.toString(request.priority());
        case MODEL -> request.model();
      };
    }
  }

  /** The defaults: no shares of {@code knee}. */
  public static Partitioned defaults() {
    return Options.defaults(Partitioned.class);
  }

  @Override
  public ConcurrencyLimiter create(PluginContext context) {
    double sum = 0;
    for (Map.Entry<String, Double> share : shares.entrySet()) {
      if (!(share.getValue() > 0 && share.getValue() <= 1)) {
        throw new IllegalArgumentException(
            "shares: %s of %s (expected: above 0, at most 1)"
                .formatted(share.getValue(), share.getKey()));
      }
      sum += share.getValue();
    }
    if (sum > 1 + 1e-9) {
      throw new IllegalArgumentException(
          "shares: %s together (expected: at most 1)".formatted(sum));
    }
    return new PartitionedLimiter(context.create(limit), this, context);
  }
}
