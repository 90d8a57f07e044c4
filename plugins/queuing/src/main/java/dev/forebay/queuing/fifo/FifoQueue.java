package dev.forebay.queuing.fifo;

import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.LinkedHashSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A linked set: tickets leave from its head, or from anywhere in constant time. Its order is that
 * of arrival; the hash codes of tickets, which differ between runs, decide nothing.
 */
final class FifoQueue implements RequestQueue {

  private final int capacity;
  private final LinkedHashSet<Ticket> tickets = new LinkedHashSet<>();

  FifoQueue(int capacity) {
    this.capacity = capacity;
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    if (tickets.size() >= capacity) {
      return ticket;
    }
    tickets.add(ticket);
    return null;
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    if (tickets.isEmpty()) {
      return null;
    }
    Ticket head = tickets.getFirst();
    if (!admits.test(head)) {
      return null;
    }
    tickets.remove(head);
    return head;
  }

  @Override
  public boolean remove(Ticket ticket) {
    return tickets.remove(ticket);
  }

  @Override
  public @Nullable Ticket shed() {
    if (tickets.isEmpty()) {
      return null;
    }
    Ticket youngest = tickets.getLast();
    tickets.remove(youngest);
    return youngest;
  }

  @Override
  public int size() {
    return tickets.size();
  }
}
