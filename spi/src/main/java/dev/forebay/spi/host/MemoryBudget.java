package dev.forebay.spi.host;

import dev.forebay.spi.PluginContext;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes that unfinished requests, answers and recordings of a gateway may hold together. Bounds
 * of single requests do not bound thousands that are open at once. A plugin that collects bytes of
 * a caller or an upstream gets it from {@link PluginContext#resource} and takes a {@link Lease}.
 *
 * <p>What waits for more bytes leaves {@link #reserve()} bytes free for what is complete: callers
 * who send slowly then cannot keep out those who send at once.
 */
public final class MemoryBudget {

  private static final int SHARE_OF_RESERVE = 4;
  private static final long SMALL_STEP = 1 << 10;
  private static final long STEP = 16 << 10;

  private final long bytes;
  private final AtomicLong taken = new AtomicLong();

  /**
   * A budget of which nothing is taken.
   *
   * @param bytes that may be taken at once, at least 1
   */
  public MemoryBudget(long bytes) {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: at least 1)");
    }
    this.bytes = bytes;
  }

  /** The bytes that may be taken at once. */
  public long bytes() {
    return bytes;
  }

  /** The bytes of it that are kept for what is complete: a quarter. */
  public long reserve() {
    return bytes / SHARE_OF_RESERVE;
  }

  /** The bytes that are taken now. From any thread. */
  public long taken() {
    return taken.get();
  }

  /** A lease that holds nothing yet. From any thread. */
  public Lease lease() {
    return new Lease();
  }

  private boolean take(long more, long bound) {
    if (taken.addAndGet(more) <= bound) {
      return true;
    }
    taken.addAndGet(-more);
    return false;
  }

  /**
   * What one holder has taken of the budget. Its owner closes it at every ending; a second close
   * has no effect. Used on one thread at a time.
   */
  public final class Lease implements AutoCloseable {

    private long held;
    private boolean closed;

    private Lease() {}

    /**
     * Takes or gives back so much that the lease is for this many bytes, rounded up.
     *
     * @param size bytes that are complete, at least 0
     * @return false if the budget has too little left, or the lease is closed; then the lease stays
     *     as it was
     */
    public boolean cover(long size) {
      return cover(size, bytes);
    }

    /**
     * As {@link #cover}, for bytes of something that waits for more: the reserve stays free.
     *
     * @param size bytes so far, at least 0
     */
    public boolean coverUnfinished(long size) {
      return cover(size, bytes - reserve());
    }

    /** The bytes that it holds, rounded up. */
    public long held() {
      return held;
    }

    /** Gives everything back. */
    @Override
    public void close() {
      closed = true;
      cover(0, bytes);
    }

    private boolean cover(long size, long bound) {
      long wanted = rounded(size);
      if (wanted > held && (closed || !take(wanted - held, bound))) {
        return false;
      }
      if (wanted < held) {
        taken.addAndGet(wanted - held);
      }
      held = wanted;
      return true;
    }

    /** In steps, so that a growing holder touches rarely what all share. */
    private static long rounded(long size) {
      long step = size < STEP ? SMALL_STEP : STEP;
      return size <= 0 ? 0 : Math.min(Long.MAX_VALUE - STEP, size - 1) / step * step + step;
    }
  }
}
