package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * kvcache-ai/Mooncake: JSONL with {@code timestamp} (ms from the start, recorded in steps of 3 s),
 * {@code input_length}, {@code output_length}, and {@code hash_ids}, one per block of 512 tokens.
 */
final class MooncakeFormat implements TraceFormat {
  private static final long STEP_NANOS = 3_000_000_000L;
  private static final int BLOCK_TOKENS = 512;
  private static final double LONGEST_MILLIS = 1e12;

  @Override
  public String name() {
    return "mooncake";
  }

  @Override
  public String about() {
    return "Mooncake traces (JSONL: timestamp in ms, input_length, output_length, hash_ids)";
  }

  @Override
  public Trace read(String path, int limit, long seed) {
    TraceBuilder builder = new TraceBuilder(name(), path, limit);
    builder.carries.addAll(List.of(Carries.LENGTHS, Carries.PREFIX, Carries.PROMPT_IDENTITY));
    builder.blockTokens = BLOCK_TOKENS;
    Map<Prompt, Long> prompts = new HashMap<>();
    try (JsonLines lines = new JsonLines(path)) {
      while (!builder.full() && lines.next()) {
        double millis = lines.number("timestamp", 0, LONGEST_MILLIS);
        int prompt = lines.tokens("input_length");
        PrefixHashes prefix = chained(lines.hashes("hash_ids"));
        long id = prompts.computeIfAbsent(new Prompt(prefix, prompt), key -> (long) prompts.size());
        builder.add(
            TraceRequest.of(Math.round(millis * 1e6), prompt, lines.tokens("output_length"))
                .withPrompt(id, prefix, prompt, lines.tokens("output_length")));
      }
    }
    return builder.buildSpread(Buckets.whereShared(STEP_NANOS, seed));
  }

  /** Hashes that each cover what comes before, also where the ids of a trace do not. */
  static PrefixHashes chained(long[] ids) {
    long hash = 0;
    long[] hashes = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      hash = Draws.mix(hash ^ Draws.mix(ids[i]));
      hashes[i] = hash;
    }
    return PrefixHashes.of(hashes);
  }

  /** Equal for exact repeats: the last hash also covers a block that is not full. */
  private record Prompt(PrefixHashes prefix, int tokens) {}
}
