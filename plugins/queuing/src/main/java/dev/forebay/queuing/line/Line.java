package dev.forebay.queuing.line;

import dev.forebay.spi.policy.Ticket;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.TreeSet;

/**
 * Tickets in an order. They leave from its ends, or from anywhere, in logarithmic time. The hash
 * codes of tickets, which differ between runs, decide nothing.
 */
public final class Line {

  private final LinkedHashMap<Ticket, Place> byArrival = new LinkedHashMap<>();
  private final TreeSet<Place> byOrder;
  private long next;

  private record Place(Ticket ticket, long number) {}

  /** An empty line. */
  public Line(Order order) {
    Comparator<Place> comparator = (one, other) -> order.compare(one.ticket(), other.ticket());
    byOrder = new TreeSet<>(comparator.thenComparingLong(Place::number));
  }

  /** Adds a ticket that is not there. */
  public void add(Ticket ticket) {
    Place place = new Place(ticket, next++);
    byArrival.put(ticket, place);
    byOrder.add(place);
  }

  /** Takes out a ticket; false if it is not there. */
  public boolean remove(Ticket ticket) {
    Place place = byArrival.remove(ticket);
    return place != null && byOrder.remove(place);
  }

  /** The first in the order, of one that is not empty. */
  public Ticket first() {
    return byOrder.getFirst().ticket();
  }

  /** The last in the order, of one that is not empty. */
  public Ticket last() {
    return byOrder.getLast().ticket();
  }

  /** The one that came first, of one that is not empty. */
  public Ticket oldest() {
    return byArrival.firstEntry().getKey();
  }

  /** Whether none is there. */
  public boolean isEmpty() {
    return byArrival.isEmpty();
  }

  /** How many are there. */
  public int size() {
    return byArrival.size();
  }
}
