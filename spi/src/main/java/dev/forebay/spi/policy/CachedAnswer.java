package dev.forebay.spi.policy;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Usage;
import java.util.List;

/**
 * A complete answer, as it can be given again.
 *
 * @param servedBy who answered
 * @param status the HTTP status, 200 to 299
 * @param headers headers for the caller
 * @param chunks all chunks, the last one marked
 * @param usage what it used when it was made
 * @param storedAtMillis when it was made, in milliseconds since 1970 UTC: its age decides whether
 *     it is fresh, in every gateway that shares the store
 * @param times when each chunk came; unknown if one of them is
 */
public record CachedAnswer(
    String servedBy,
    int status,
    Headers headers,
    List<Chunk> chunks,
    Usage usage,
    long storedAtMillis,
    ChunkTimes times) {

  private static final int BYTES_PER_ENTRY = 200;
  private static final int BYTES_PER_CHUNK = 100;
  private static final int BYTES_PER_TIME = 4;

  /** Checks and copies. */
  public CachedAnswer {
    chunks = List.copyOf(chunks);
    if (chunks.isEmpty() || !chunks.get(chunks.size() - 1).last()) {
      throw new IllegalArgumentException("chunks: incomplete (expected: the last one marked)");
    }
    if (times.size() != 0 && times.size() != chunks.size()) {
      throw new IllegalArgumentException(
          "times: " + times.size() + " (expected: none, or " + chunks.size() + ")");
    }
  }

  /** An answer without the times of its chunks. */
  public CachedAnswer(
      String servedBy,
      int status,
      Headers headers,
      List<Chunk> chunks,
      Usage usage,
      long storedAtMillis) {
    this(servedBy, status, headers, chunks, usage, storedAtMillis, ChunkTimes.UNKNOWN);
  }

  /** How old it is, in milliseconds, at least 0: clocks of gateways differ a little. */
  public long ageMillis(long nowMillis) {
    return Math.max(0, nowMillis - storedAtMillis);
  }

  /** An estimate of the memory it takes, in bytes: contents and the objects around them. */
  public long bytes() {
    long sum = BYTES_PER_ENTRY + (long) BYTES_PER_TIME * times.size();
    for (Chunk chunk : chunks) {
      sum += BYTES_PER_CHUNK + chunk.data().length();
    }
    return sum;
  }
}
