package dev.forebay.core.caching;

import dev.forebay.core.caching.ReplayStream.Pace;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ChunkTimes;

/** When the chunks of a replay may come. */
final class Paces {

  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final double NANOS_PER_SECOND = 1e9;

  private Paces() {}

  /** The pace of an answer; one whose times are not known comes at once. */
  static Pace of(Cache.Replay options, CachedAnswer answer) {
    return switch (options.pace()) {
      case AT_ONCE -> Pace.AT_ONCE;
      case AS_RECORDED -> recorded(answer.times());
      case STEADY -> steady(answer, options.tokensPerSecond());
    };
  }

  private static Pace recorded(ChunkTimes times) {
    return times.size() == 0 ? Pace.AT_ONCE : chunk -> times.millis(chunk) * NANOS_PER_MILLI;
  }

  /** A chunk comes when the tokens before it have had their time. */
  private static Pace steady(CachedAnswer answer, double tokensPerSecond) {
    long[] due = new long[answer.chunks().size()];
    long before = 0;
    int place = 0;
    for (Chunk chunk : answer.chunks()) {
      due[place++] = (long) (before * NANOS_PER_SECOND / tokensPerSecond);
      before += chunk.tokens();
    }
    return chunk -> due[chunk];
  }
}
