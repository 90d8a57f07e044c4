package dev.forebay.queuing.line;

import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One line in an order, up to a capacity; the last in the order is shed. Some turns may belong to
 * the ticket that waits longest, so that the order starves nobody.
 */
public final class OrderedQueue implements RequestQueue {

  private final int capacity;
  private final int oldestEvery;
  private final Line line;
  private int turn;

  /**
   * An empty queue.
   *
   * @param capacity tickets that may wait, at least 1
   * @param oldestEvery one turn of so many belongs to the oldest ticket; 0 for none
   */
  public OrderedQueue(int capacity, Order order, int oldestEvery) {
    this.capacity = capacity;
    this.oldestEvery = oldestEvery;
    this.line = new Line(order);
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    line.add(ticket);
    return line.size() > capacity ? shed() : null;
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    if (line.isEmpty()) {
      return null;
    }
    Ticket next = turn + 1 == oldestEvery ? line.oldest() : line.first();
    return admits.test(next) && take(next) ? next : null;
  }

  @Override
  public boolean take(Ticket ticket) {
    boolean there = line.remove(ticket);
    if (there && oldestEvery > 0) {
      turn = (turn + 1) % oldestEvery;
    }
    return there;
  }

  @Override
  public boolean remove(Ticket ticket) {
    return line.remove(ticket);
  }

  @Override
  public @Nullable Ticket shed() {
    if (line.isEmpty()) {
      return null;
    }
    Ticket last = line.last();
    line.remove(last);
    return last;
  }

  @Override
  public int size() {
    return line.size();
  }
}
