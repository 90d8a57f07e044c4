package dev.forebay.caching.tinylfu;

import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.ResponseCache;
import dev.forebay.spi.Unit;
import java.time.Duration;

/**
 * Answers in the gateway's own memory, by W-TinyLFU (Einziger, Friedman and Manes, "TinyLFU: A
 * Highly Efficient Cache Admission Policy", 2017) as Caffeine has it: a new answer makes room only
 * where it is asked for more often than the one that would leave.
 */
public final class TinyLfu implements Provider<ResponseCache, TinyLfu.Options> {

  private static final int ENTRIES = 1024;
  private static final int MAX_MEBIBYTES = 64;
  private static final int MAX_ENTRY_MEBIBYTES = 1;
  private static final long TTL_HOURS = 1;
  private static final long MEBIBYTE = 1 << 20;

  /**
   * Options.
   *
   * @param maxEntries how many answers it holds, at least 1
   * @param maxBytes bound on the sum of {@link CachedAnswer#bytes()}
   * @param maxEntryBytes a larger answer is not stored; nor is one larger than {@code maxBytes}
   * @param ttl how long an answer is given again, counted from when it was put; above 0
   */
  @Doc(
      "Answers in the gateway's memory; those asked for seldom make room. Each counts as the larger"
          + " of its size and max-bytes / max-entries, so that both bounds hold.")
  public record Options(
      @Doc("how many answers it holds")
          @Default("" + ENTRIES)
          @Range(min = 1, max = 10_000_000)
          @Unit("answers")
          int maxEntries,
      @Doc("bound on the memory of all answers together, estimated")
          @Default(MAX_MEBIBYTES + "MiB")
          @Range(min = 1, max = 1L << 40)
          @Unit("bytes")
          long maxBytes,
      @Doc("a larger answer is not stored")
          @Default(MAX_ENTRY_MEBIBYTES + "MiB")
          @Range(min = 1, max = 1L << 30)
          @Unit("bytes")
          long maxEntryBytes,
      @Doc("how long an answer is given again after it was stored")
          @Default(TTL_HOURS + "h")
          @Range(min = 0, exclusiveMin = true, max = 31_536_000)
          Duration ttl) {

    /** With other bounds in bytes: of all answers together, and of one. */
    public Options bytes(long max, long maxEntry) {
      return new Options(maxEntries, max, maxEntry, ttl);
    }

    /** With another time to live. */
    public Options ttl(Duration time) {
      return new Options(maxEntries, maxBytes, maxEntryBytes, time);
    }

    /** The plugin with these options. */
    public Plugin<ResponseCache> plugin() {
      return Plugin.of(new TinyLfu(), this);
    }
  }

  /** The defaults: 1,024 answers, 64 MiB, 1 MiB each, 1 h. */
  public static Options defaults() {
    return entries(ENTRIES);
  }

  /** A cache of that many answers, 64 MiB, 1 MiB each, 1 h. */
  public static Options entries(int answers) {
    return new Options(
        answers,
        MAX_MEBIBYTES * MEBIBYTE,
        MAX_ENTRY_MEBIBYTES * MEBIBYTE,
        Duration.ofHours(TTL_HOURS));
  }

  @Override
  public Class<ResponseCache> kind() {
    return ResponseCache.class;
  }

  @Override
  public String name() {
    return "tinylfu";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public ResponseCache create(Options options, PluginContext context) {
    return new TinyLfuCache(options, context);
  }
}
