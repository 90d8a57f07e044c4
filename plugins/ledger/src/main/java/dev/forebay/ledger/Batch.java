package dev.forebay.ledger;

import dev.forebay.spi.ledger.UsageRecord;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records that go to the ledger together; null if they are in the file only. It is incomplete if
 * some of its records are in memory only.
 */
final class Batch {
  final long number;
  final long madeMillis;
  int size;
  @Nullable List<UsageRecord> records;
  boolean underWay;
  int writing;
  boolean incomplete;

  Batch(long number, long madeMillis, @Nullable List<UsageRecord> records) {
    this.number = number;
    this.madeMillis = madeMillis;
    this.records = records;
  }

  /** One that is in its file only. */
  static Batch stored(long number, long madeMillis, int size) {
    Batch batch = new Batch(number, madeMillis, null);
    batch.size = size;
    return batch;
  }

  /** Whether all its records are in its file. */
  boolean stored() {
    return writing == 0 && !incomplete;
  }
}
