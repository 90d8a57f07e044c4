package dev.forebay.spi;

import java.util.List;

/**
 * A complete answer, as it can be given again.
 *
 * @param servedBy who answered
 * @param status the HTTP status, 200 to 299
 * @param headers headers for the caller
 * @param chunks all chunks, the last one marked
 * @param usage what it used when it was made
 * @param storedAtMillis when it was made, in milliseconds since 1970 UTC
 */
public record CachedAnswer(
    String servedBy,
    int status,
    Headers headers,
    List<Chunk> chunks,
    Usage usage,
    long storedAtMillis) {

  private static final int BYTES_PER_ENTRY = 200;
  private static final int BYTES_PER_CHUNK = 100;

  /** Checks and copies. */
  public CachedAnswer {
    chunks = List.copyOf(chunks);
    if (chunks.isEmpty() || !chunks.get(chunks.size() - 1).last()) {
      throw new IllegalArgumentException("chunks: incomplete (expected: the last one marked)");
    }
  }

  /** An estimate of the memory it takes, in bytes: contents and the objects around them. */
  public long bytes() {
    long sum = BYTES_PER_ENTRY;
    for (Chunk chunk : chunks) {
      sum += BYTES_PER_CHUNK + chunk.data().length();
    }
    return sum;
  }
}
