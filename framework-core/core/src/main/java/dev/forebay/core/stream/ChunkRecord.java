package dev.forebay.core.stream;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The chunks of a stream that its readers may still want, with the times at which they came. Within
 * its bounds it has all of them; past one of them it overflows, and those that all have read are
 * dropped. Chunks are numbered from 0, whether they were dropped or not. On its timeline.
 */
final class ChunkRecord {

  /** Bytes that the fastest reader may be ahead of the slowest, past the bound. */
  static final long WINDOW_BYTES = 256 << 10;

  /**
   * How long readers may let it wait, all in all, before it is no longer kept: what is read so
   * slowly would take room for as long, and a slow reader would fill the heap.
   */
  private static final long MAX_SLACK_NANOS = 10_000_000_000L;

  private static final long NANOS_PER_MILLI = 1_000_000;

  private final Timeline timeline;
  private final long maxBytes;
  private final MemoryBudget.Lease memory;
  private final long startedNanos;
  private final List<Chunk> chunks = new ArrayList<>();
  private int[] millis = new int[16];
  private long cameNanos = -1;
  private long slackNanos;
  private int dropped;
  private long bytes;
  private long retained;
  private boolean overflowed;
  private boolean complete;

  /**
   * An empty record.
   *
   * @param maxBytes its bound, with {@link Recording#BYTES_PER_CHUNK} for each chunk
   * @param memory covers what it retains
   */
  ChunkRecord(Timeline timeline, long maxBytes, MemoryBudget.Lease memory) {
    this.timeline = timeline;
    this.maxBytes = maxBytes;
    this.memory = memory;
    this.startedNanos = timeline.nanos();
  }

  /** Whether it is past a bound, and no longer whole. */
  boolean overflowed() {
    return overflowed;
  }

  /** Whether the last chunk has come. */
  boolean complete() {
    return complete;
  }

  /** All chunks, if the last one has come and it is within its bounds; null otherwise. */
  @Nullable List<Chunk> whole() {
    return complete && !overflowed ? chunks : null;
  }

  /** When a chunk came, in milliseconds after the record began. */
  int millis(int chunk) {
    return millis[chunk];
  }

  /** The number of the next chunk that comes. */
  int end() {
    return dropped + chunks.size();
  }

  /** A chunk that has come, and was not dropped. */
  Chunk get(int number) {
    return chunks.get(number - dropped);
  }

  void add(Chunk chunk) {
    if (!overflowed) {
      stamp(chunks.size());
    }
    chunks.add(chunk);
    bytes += size(chunk);
    retained += size(chunk);
    complete = chunk.last();
    boolean room = memory.coverUnfinished(retained);
    overflowed |= bytes > maxBytes || !room;
  }

  private void stamp(int index) {
    if (index == millis.length) {
      millis = Arrays.copyOf(millis, 2 * index);
    }
    cameNanos = timeline.nanos();
    long came = (cameNanos - startedNanos) / NANOS_PER_MILLI;
    millis[index] = (int) Math.min(Integer.MAX_VALUE, came);
  }

  private static long size(Chunk chunk) {
    return chunk.data().length() + (long) Recording.BYTES_PER_CHUNK;
  }

  /** The next chunk is wanted: since the last one came, none was. */
  void asked() {
    if (!overflowed && cameNanos >= 0) {
      slackNanos += timeline.nanos() - cameNanos;
      overflowed = slackNanos > MAX_SLACK_NANOS;
    }
  }

  /** Drops chunks that all have read, now and then. Only past a bound. */
  void forget(int slowest) {
    int count = slowest - dropped;
    if (count >= Recording.WINDOW / 2 || count == chunks.size() || retained >= WINDOW_BYTES) {
      List<Chunk> read = chunks.subList(0, count);
      read.forEach(chunk -> retained -= size(chunk));
      read.clear();
      memory.cover(retained);
      dropped = slowest;
    }
  }

  /** Whether the fastest reader may have one chunk more although the slowest is at a number. */
  boolean mayGrow(int slowest) {
    return end() - slowest < Recording.WINDOW && retained < WINDOW_BYTES;
  }

  /** Nobody reads it any more: gives its memory back. */
  void close() {
    memory.close();
  }
}
