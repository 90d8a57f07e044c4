package dev.forebay.jobs.memory;

import dev.forebay.spi.jobs.JobEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the instances of one queue share: entries that wait, and dead letters. */
final class Entries {

  /**
   * An entry that waits or is held.
   *
   * @param sequence in the order in which they were put in
   */
  record Item(JobEntry entry, long sequence) {}

  /** An entry that was rejected. */
  record Dead(JobEntry entry, String reason, int attempts) {}

  private final MemoryQueue bounds;
  private final TreeSet<Item> ready =
      new TreeSet<>(
          Comparator.<Item>comparingInt(item -> item.entry().priority())
              .thenComparingLong(item -> item.entry().dueMillis())
              .thenComparingLong(Item::sequence));
  private final TreeSet<Item> later =
      new TreeSet<>(
          Comparator.<Item>comparingLong(item -> item.entry().dueMillis())
              .thenComparingLong(Item::sequence));
  private final ArrayDeque<Dead> dead = new ArrayDeque<>();
  private final List<Runnable> pollers = new ArrayList<>();
  private long sequence;
  private int held;

  Entries(MemoryQueue bounds) {
    this.bounds = bounds;
  }

  int size() {
    return ready.size() + later.size() + held;
  }

  List<Dead> dead() {
    return List.copyOf(dead);
  }

  /** Puts one in; false if it is full. */
  boolean add(JobEntry entry) {
    if (size() >= bounds.maxEntries()) {
      return false;
    }
    put(new Item(entry, sequence++));
    return true;
  }

  /** The first that is due, which is held then; null if there is none. */
  @Nullable Item take(long now) {
    while (!later.isEmpty() && later.first().entry().dueMillis() <= now) {
      ready.add(later.removeFirst());
    }
    Item first = ready.pollFirst();
    held += first == null ? 0 : 1;
    return first;
  }

  /** When the first of those that are not due will be; {@link Long#MAX_VALUE} if there is none. */
  long nextDue() {
    return later.isEmpty() ? Long.MAX_VALUE : later.first().entry().dueMillis();
  }

  /** One that was held is settled. */
  void settled() {
    held--;
  }

  /** One that was held waits again, under another due time. */
  void putBack(Item item, long dueMillis) {
    held--;
    put(new Item(item.entry().at(dueMillis), item.sequence()));
  }

  void reject(Item item, String reason, int attempts) {
    held--;
    if (dead.size() >= bounds.maxDeadLetters()) {
      dead.removeFirst();
    }
    dead.addLast(new Dead(item.entry(), reason, attempts));
  }

  /** Runs when something was put in, until it is taken out. */
  void watch(Runnable poller) {
    pollers.add(poller);
  }

  void forget(Runnable poller) {
    pollers.remove(poller);
  }

  private void put(Item item) {
    later.add(item);
    List.copyOf(pollers).forEach(Runnable::run);
  }
}
