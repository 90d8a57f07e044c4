package dev.forebay.kafka;

import dev.forebay.spi.jobs.JobEntry;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** A partition that this worker reads: what it has read, and what of it is settled. */
final class PartitionState {

  /** What was read, and is neither delivered nor sent on. */
  record Item(long offset, JobEntry entry, long untilMillis) {}

  private static final int FEW = 16;

  final TopicPartition partition;
  final Deque<Item> items = new ArrayDeque<>();
  final LowWater settled = new LowWater();
  private final Set<Long> stopping = new LinkedHashSet<>();
  private final int window;
  private boolean paused;

  PartitionState(TopicPartition partition, int window) {
    this.partition = partition;
    this.window = window;
  }

  /** It gave records, so it is paused. */
  void read(Item item) {
    items.add(item);
    settled.read(item.offset());
    paused = true;
  }

  /** Whether it is to be resumed: it was paused, and there is room again. */
  boolean resumes() {
    boolean room = items.size() < FEW && settled.span() < window && !stopped();
    if (!paused || !room) {
      return false;
    }
    paused = false;
    return true;
  }

  /** A dead letter of this record could not be written: the partition stops until it is. */
  void stop(long offset) {
    stopping.add(offset);
  }

  /** Settles a record. */
  void settle(long offset) {
    settled.settled(offset);
    stopping.remove(offset);
  }

  boolean stopped() {
    return !stopping.isEmpty();
  }

  /** The first item, if its time here is over. */
  @Nullable Item ready(long now) {
    Item first = items.peek();
    return first == null || stopped() || first.untilMillis() > now ? null : first;
  }
}
