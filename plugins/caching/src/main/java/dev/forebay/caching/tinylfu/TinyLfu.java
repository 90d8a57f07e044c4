package dev.forebay.caching.tinylfu;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ResponseCache;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Answers in the gateway's own memory, by W-TinyLFU (Einziger, Friedman and Manes, "TinyLFU: A
 * Highly Efficient Cache Admission Policy", 2017) as Caffeine has it: a new answer makes room only
 * if it is asked for more often than the one that would leave.
 *
 * @param maxEntries how many answers it holds, at least 1
 * @param maxBytes bound on the sum of {@link dev.forebay.spi.policy.CachedAnswer#bytes()}
 * @param maxEntryBytes a larger answer is not stored; nor is one larger than {@code maxBytes}
 * @param ttl how long an answer is given again, counted from when it was put; above 0
 */
@RecordBuilder
@Named("tinylfu")
@Doc(
    "Answers in the gateway's memory; those asked for seldom make room. Each counts as the larger"
        + " of its size and max-bytes / max-entries, so that both bounds hold.")
public record TinyLfu(
    @Doc("how many answers it holds")
        @Default("1024")
        @Range(min = 1, max = 10_000_000)
        @Unit("answers")
        int maxEntries,
    @Doc("bound on the memory of all answers together, estimated")
        @Default("64MiB")
        @Range(min = 1, max = 1L << 40)
        @Unit("bytes")
        long maxBytes,
    @Doc("a larger answer is not stored")
        @Default("1MiB")
        @Range(min = 1, max = 1L << 30)
        @Unit("bytes")
        long maxEntryBytes,
    @Doc("how long an answer is given again after it was stored")
        @Default("1h")
        @Range(min = 0, exclusiveMin = true, max = 31_536_000)
        Duration ttl)
    implements Plugin<ResponseCache>, TinyLfuBuilder.With {

  /** The defaults: 1,024 answers, 64 MiB, 1 MiB each, 1 h. */
  public static TinyLfu defaults() {
    return Options.defaults(TinyLfu.class);
  }

  /** A cache of that many answers, 64 MiB, 1 MiB each, 1 h. */
  public static TinyLfu entries(int answers) {
    return defaults().withMaxEntries(answers);
  }

  @Override
  public ResponseCache create(PluginContext context) {
    return new TinyLfuCache(this, context);
  }
}
