package dev.forebay.core.caching;

import dev.forebay.core.stream.Recording;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ChunkTimes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What of a recorded answer is kept. */
final class Records {

  /** Names the model that answered in the place of the one that was asked for. */
  private static final String OTHER_MODEL = "x-forebay-model";

  private static final String OWN = "x-forebay-";

  private Records() {}

  /**
   * Whether the end of an answer was seen.
   *
   * @param chunks all of it; not empty
   */
  static boolean proven(List<Chunk> chunks) {
    return chunks.get(chunks.size() - 1).kind() != Chunk.Kind.UNPROVEN;
  }

  /**
   * Whether an answer may be stored: not where a stage below, or the upstream, forbids it (RFC
   * 9111), nor where another model than the one asked for answered.
   */
  static boolean storable(InferenceResponse head) {
    String control = head.headers().get("cache-control");
    boolean forbidden = control != null && control.toLowerCase(Locale.ROOT).contains("no-store");
    return !forbidden && head.headers().get(OTHER_MODEL) == null;
  }

  /**
   * An answer as others get it, too: of its headers its type, and what the gateway says of it. All
   * else that an upstream says, such as its limits, is about one exchange.
   */
  static InferenceResponse shared(InferenceResponse head) {
    return head.with(head.headers().without(name -> !isType(name) && !ofItsOwnWay(name)));
  }

  /** A complete answer, without keep-alives; of its headers only the type is the answer's. */
  static CachedAnswer of(
      InferenceResponse head, Recording record, List<Chunk> chunks, Usage usage, long nowMillis) {
    List<Chunk> kept = new ArrayList<>(chunks.size());
    int[] millis = new int[chunks.size()];
    for (int i = 0; i < chunks.size(); i++) {
      Chunk chunk = chunks.get(i);
      if (chunk.kind() != Chunk.Kind.WAITING || chunk.last()) {
        millis[kept.size()] = record.millis(i);
        kept.add(chunk);
      }
    }
    return new CachedAnswer(
        head.servedBy(),
        head.status(),
        head.headers().without(name -> !isType(name)),
        kept,
        usage,
        nowMillis,
        ChunkTimes.of(Arrays.copyOf(millis, kept.size())));
  }

  private static boolean isType(String header) {
    return header.equalsIgnoreCase("content-type");
  }

  private static boolean ofItsOwnWay(String header) {
    return header.regionMatches(true, 0, OWN, 0, OWN.length());
  }
}
