package dev.forebay.simulation;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Range;
import dev.forebay.spi.Unit;
import java.time.Duration;

/**
 * What a simulated inference server can do. The defaults are about one GPU of a DeepSeek node:
 * "DeepSeek-V3/R1 Inference System Overview" (open source week, March 2025) reports 73,700 tokens/s
 * of prefill and 14,800 tokens/s of decoding for a node of eight H800, at 20 to 22 tokens/s for
 * each request. Where no source is named, a value was chosen.
 */
@Doc("A simulated inference server with continuous batching; its defaults are about one H800 GPU.")
public record ServerParameters(
    @Default("64")
        @Range(min = 1, max = 4096)
        @Doc("Requests in the batch at most (max_num_seqs of vLLM, 256 there); chosen.")
        int slots,
    @Default("9200")
        @Unit("tokens/s")
        @Range(min = 1)
        @Doc(
            "Speed of prefill, shared by all prompts; an eighth of what DeepSeek reports of a node.")
        double prefillTokensPerSecond,
    @Default("2048")
        @Unit("tokens")
        @Range(min = 1)
        @Doc("Prompt tokens in one step at most (chunked prefill, as in Sarathi-Serve); chosen.")
        int prefillTokensPerStep,
    @Default("20")
        @Unit("ms")
        @Range(min = 0.001)
        @Doc("Time of a decode step of an empty batch; chosen.")
        double decodeStepMillis,
    @Default("0.42")
        @Unit("ms")
        @Range(min = 0)
        @Doc(
            "Time that each request adds to a decode step; chosen so that a full batch of 64 runs at"
                + " 21 tokens/s for each request, as DeepSeek reports.")
        double decodeStepMillisPerRequest,
    @Default("131072")
        @Unit("tokens")
        @Range(min = 16)
        @Doc("Memory for keys and values (KV) of running requests; chosen: 2,048 for each slot.")
        long kvTokens,
    @Default("256")
        @Unit("requests")
        @Range(min = 0)
        @Doc("Requests that wait at most; beyond that it answers 503. Chosen.")
        int queueCapacity,
    @Default("10m")
        @Doc("A request that has waited so long is closed (DeepSeek's documentation: 10 minutes).")
        Duration maxQueueTime,
    @Default("10s") @Doc("Interval of the keep-alives that a waiting request gets; chosen.")
        Duration keepAlive,
    @Default("0")
        @Unit("requests")
        @Range(min = 0)
        @Doc(
            "Requests of the account under way at most, beyond that it answers 429; 0 for no limit"
                + " (DeepSeek's documentation: 2500 for flash, 500 for v4-pro).")
        int accountConcurrency,
    @Default("4096")
        @Unit("blocks of 512 tokens")
        @Range(min = 0)
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
        @Doc("Time after a crash during which it still refuses, while it loads its model; chosen.")
        Duration coldStart,
    @Default("0s")
        @Doc("What it says in Retry-After with a 429 or 503; 0 for nothing, as DeepSeek does.")
        Duration retryAfter) {

  /** Tokens in a block of the prefix cache. */
  public static final int BLOCK_TOKENS = 512;

  /** The defaults. */
  public static final ServerParameters DEFAULT =
      new ServerParameters(
          64,
          9200,
          2048,
          20,
          0.42,
          131_072,
          256,
          Duration.ofMinutes(10),
          Duration.ofSeconds(10),
          0,
          4096,
          1,
          Duration.ofSeconds(45),
          Duration.ZERO);

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
