package dev.forebay.simulation;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import java.time.Duration;

/**
 * What a simulated inference server can do. The defaults are about one H800 GPU of DeepSeek-V3/R1's
 * service. Their arithmetic, from what was published:
 *
 * <ul>
 *   <li>"DeepSeek-V3/R1 Inference System Overview" (open source week, March 2025): a node of eight
 *       H800 takes 73,700 prompt tokens/s, of which 56.3 % come from the cache on disk, so it
 *       computes 73,700 × 0.437 ÷ 8 = 4,026 tokens/s for each GPU. It makes 14,800 ÷ 8 = 1,850
 *       answer tokens/s for each GPU, at 20 to 22 tokens/s for each request: 1,850 ÷ 21 = 88
 *       requests run at a time, with 4,989 tokens of context each, and a step takes 1 ÷ 21 = 47.6
 *       ms.
 *   <li>"RTP-LLM DeepSeek Reproduce Tech Report" (Alibaba, 2025; 144 H800): 42 tokens/s for a
 *       request at low concurrency, so a step of an empty batch takes 1 ÷ 42 = 23.8 ms.
 *   <li>Attention over the context of those 88 requests takes 88 × 4,989 × 29.3 ns = 12.9 ms
 *       ({@link ServerEffects}). What is left is for the requests: (47.6 − 23.8 − 12.9) ÷ 88 =
 *       0.124 ms.
 *   <li>SGLang's deployment on 96 H100 (LMSYS, May 2025) decodes 256 requests of 2,000 tokens on
 *       each GPU, so at least 512,000 tokens fit; 2<sup>19</sup> is the next round number.
 * </ul>
 *
 * <p>{@link PublishedCurves} compares the model with curves that were measured elsewhere. Where no
 * source is named, a value was chosen.
 */
@Doc("A simulated inference server with continuous batching; its defaults are about one H800 GPU.")
public record ServerParameters(
    @Default("128")
        @Range(min = 1, max = 4096)
        @Doc(
            "Requests in the batch at most (max_num_seqs of vLLM): 128 for each GPU in DeepSeek's"
                + " published profile of decoding.")
        int slots,
    @Default("4026")
        @Unit("tokens/s")
        @Range(min = 1, max = 1_000_000_000)
        @Doc(
            "Speed of prefill at the start of a prompt, shared by all prompts: what a GPU of"
                + " DeepSeek's service computes, cache hits left out.")
        double prefillTokensPerSecond,
    @Default("2048")
        @Unit("tokens")
        @Range(min = 1, max = 1_000_000_000)
        @Doc(
            "Tokens in one step at most (chunked prefill): the larger budget of Sarathi-Serve (OSDI"
                + " 2024).")
        int prefillTokensPerStep,
    @Default("23.8")
        @Unit("ms")
        @Range(min = 0.001, max = 3_600_000)
        @Doc("Time of a decode step of an empty batch: RTP-LLM's 42 tokens/s on H800.")
        double decodeStepMillis,
    @Default("0.124")
        @Unit("ms")
        @Range(min = 0, max = 3_600_000)
        @Doc(
            "Time that each request adds to a decode step, beside its context: what DeepSeek's 88"
                + " requests at 21 tokens/s leave.")
        double decodeStepMillisPerRequest,
    @Default("524288")
        @Unit("tokens")
        @Range(min = 16, max = 1_000_000_000_000L)
        @Doc(
            "Memory for keys and values (KV) of running requests: SGLang holds 256 requests of"
                + " 2,000 tokens on an H100.")
        long kvTokens,
    @Default("256")
        @Unit("requests")
        @Range(min = 0, max = 1_000_000_000)
        @Doc("Requests that wait at most; beyond that it answers 503. Chosen.")
        int queueCapacity,
    @Default("10m")
        @Range(min = 0, max = 31_536_000, exclusiveMin = true)
        @Doc("A request that has waited so long is closed (DeepSeek's documentation: 10 minutes).")
        Duration maxQueueTime,
    @Default("10s")
        @Range(min = 0, max = 31_536_000, exclusiveMin = true)
        @Doc("Interval of the keep-alives that a waiting request gets; chosen.")
        Duration keepAlive,
    @Default("0")
        @Unit("requests")
        @Range(min = 0, max = 1_000_000_000)
        @Doc(
            "Requests of the account under way at most, beyond that it answers 429; 0 for no limit"
                + " (DeepSeek's documentation: 2500 for flash, 500 for v4-pro).")
        int accountConcurrency,
    @Default("4096")
        @Unit("blocks of 512 tokens")
        @Range(min = 0, max = 1_000_000_000)
        @Doc(
            "Size of the prefix cache, least recently used first out; 0 for none. The block is that"
                + " of the Mooncake traces (FAST 2025), the size chosen.")
        int prefixCacheBlocks,
    @Default("1")
        @Unit("tokens")
        @Range(min = 1, max = 1024)
        @Doc("Tokens in each chunk of a stream.")
        int tokensPerChunk,
    @Default("45s")
        @Range(min = 0, max = 31_536_000)
        @Doc("Time after a crash during which it still refuses, while it loads its model; chosen.")
        Duration coldStart,
    @Default("0s")
        @Range(min = 0, max = 31_536_000)
        @Doc("What it says in Retry-After with a 429 or 503; 0 for nothing, as DeepSeek does.")
        Duration retryAfter,
    @Default("{}") @Doc("Effects beyond a constant speed.") ServerEffects effects) {

  /** Tokens in a block of the prefix cache. */
  public static final int BLOCK_TOKENS = 512;

  /** The defaults. */
  public static final ServerParameters DEFAULT =
      new ServerParameters(
          128,
          4026,
          2048,
          23.8,
          0.124,
          524_288,
          256,
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          0,
          4096,
          1,
          Duration.ofSeconds(45),
          Duration.ZERO,
          ServerEffects.DEFAULT);

  /** Checks bounds. */
  public ServerParameters {
    atLeast("slots", slots, 1);
    positive("prefillTokensPerSecond", prefillTokensPerSecond);
    atLeast("prefillTokensPerStep", prefillTokensPerStep, 1);
    positive("decodeStepMillis", decodeStepMillis);
    if (!(decodeStepMillisPerRequest >= 0)) {
      throw new IllegalArgumentException(
          "decodeStepMillisPerRequest: " + decodeStepMillisPerRequest + " (expected: >= 0)");
    }
    atLeast("kvTokens", kvTokens, 16);
    atLeast("queueCapacity", queueCapacity, 0);
    positive("maxQueueTime", (double) maxQueueTime.toNanos());
    positive("keepAlive", (double) keepAlive.toNanos());
    atLeast("accountConcurrency", accountConcurrency, 0);
    atLeast("prefixCacheBlocks", prefixCacheBlocks, 0);
    atLeast("tokensPerChunk", tokensPerChunk, 1);
    atLeast("coldStart", coldStart.toNanos(), 0);
    atLeast("retryAfter", retryAfter.toNanos(), 0);
  }

  /**
   * How long a step takes, in nanoseconds, on a server that is not slowed down.
   *
   * @param decoding requests that get a token, at least 0
   * @param contextTokens of those requests together
   * @param prefillWork of the prompts in it, in tokens at the start of a prompt: {@link
   *     ServerEffects#prefillWork}
   */
  public double stepNanos(int decoding, double contextTokens, double prefillWork) {
    return effects.overlapped(
        prefillWork / prefillTokensPerSecond * 1e9, decodeNanos(decoding, contextTokens));
  }

  private double decodeNanos(double decoding, double contextTokens) {
    return decoding == 0
        ? 0
        : (decodeStepMillis + decodeStepMillisPerRequest * decoding) * 1e6
            + effects.decodeNanosPerContextToken() * contextTokens;
  }

  /**
   * How long the work of a step would take if the batch were always full, in nanoseconds: what it
   * uses of the server's best speed. Arguments as of {@link #stepNanos}.
   */
  double workNanos(int decoding, double contextTokens, double prefillWork) {
    double shared = decodeStepMillis / slots + decodeStepMillisPerRequest;
    return prefillWork / prefillTokensPerSecond * 1e9
        + shared * decoding * 1e6
        + effects.decodeNanosPerContextToken() * contextTokens;
  }

  /**
   * Requests per second that a server can do, of requests of a mean size, in tokens: as many run at
   * a time as slots and memory hold, and prefill is spread evenly over the decode steps. Faults and
   * hits of the prefix cache are left out.
   */
  public double requestsPerSecond(double promptTokens, double outputTokens) {
    double context = promptTokens + outputTokens / 2;
    double batch = Math.max(1, Math.min(slots, kvTokens / Math.max(1, context)));
    double prefill = effects.prefillWork(0, promptTokens) / prefillTokensPerSecond * 1e9;
    double decode = outputTokens * decodeNanos(batch, batch * context) / batch;
    return 1e9 / effects.overlapped(prefill, decode);
  }

  private static void atLeast(String name, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
    }
  }

  private static void positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }
}
