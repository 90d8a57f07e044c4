package dev.forebay.edge.http;

import dev.forebay.spi.host.MemoryBudget;

/**
 * What an exchange holds of the memory that all share: its body, the beginning of its answer, and
 * what its caller does not read. On the exchange's timeline.
 */
final class ExchangeMemory {

  /** What a stream holds whose caller does not read, in all buffers on its way; an estimate. */
  private static final int UNREAD_BYTES = 16 << 10;

  private final MemoryBudget.Lease lease;
  private long bodyBytes;
  private long largeBytes;
  private boolean parsing;
  private boolean closed;

  ExchangeMemory(MemoryBudget.Lease lease) {
    this.lease = lease;
  }

  /** Covers a body while it comes. */
  MemoryBudget.Lease lease() {
    return lease;
  }

  /** The whole body is there, and is parsed. */
  void parses() {
    bodyBytes = lease.held();
    parsing = true;
  }

  void parsed() {
    parsing = false;
  }

  /** The caller does not read; whether there is room for what waits. */
  boolean waits() {
    return lease.coverUnfinished(bodyBytes + UNREAD_BYTES + largeBytes);
  }

  /** The caller has read all that waited. */
  void drained() {
    largeBytes = 0;
    lease.cover(bodyBytes);
  }

  /**
   * Covers the beginning of an answer.
   *
   * @throws dev.forebay.spi.Failure if there is no room
   */
  void begins(int bytes) {
    if (!lease.cover(bodyBytes + bytes)) {
      throw MemoryFull.failure();
    }
  }

  /**
   * Covers a further part of an answer, if it is large.
   *
   * @throws dev.forebay.spi.Failure if there is no room
   */
  void goesOn(int bytes) {
    if (bytes > UNREAD_BYTES) {
      largeBytes += bytes;
      if (!lease.cover(bodyBytes + largeBytes)) {
        throw MemoryFull.failure();
      }
    }
  }

  /** Only the end of an answer is held. */
  void ends(int bytes) {
    lease.cover(Math.min(lease.held(), bytes));
  }

  /** Nothing more will be held. */
  void close() {
    closed = true;
    release();
  }

  /** Gives memory back, but not that of a body that is being parsed: it is still there. */
  void release() {
    if (parsing) {
      return;
    }
    if (closed) {
      lease.close();
    } else {
      lease.cover(0);
    }
  }
}
