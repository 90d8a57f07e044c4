package dev.forebay.conformance;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A line for each priority; every tenth turn belongs to who waits longest. */
class ReferenceQueue implements RequestQueue {

  static final int BOUND = 1_000;

  final List<ArrayDeque<Ticket>> lines = new ArrayList<>();
  private final Timeline timeline;
  private int turn;

  ReferenceQueue(PluginContext context) {
    timeline = context.timeline();
    for (int i = 0; i <= RequestInfo.LEAST_PRIORITY; i++) {
      lines.add(new ArrayDeque<>());
    }
  }

  static Plugin<RequestQueue> plugin(Function<PluginContext, RequestQueue> maker) {
    return NamedPlugin.of(RequestQueue.class, "broken", maker);
  }

  @Override
  public @Nullable Ticket offer(Ticket ticket) {
    Ticket victim = null;
    if (size() >= bound()) {
      victim = victim(ticket);
      if (victim == ticket) {
        return ticket;
      }
      drop(victim);
    }
    line(ticket).add(ticket);
    return victim;
  }

  int bound() {
    return BOUND;
  }

  Ticket victim(Ticket offered) {
    for (int i = RequestInfo.LEAST_PRIORITY; i > offered.request().priority(); i--) {
      if (!lines.get(i).isEmpty()) {
        return lines.get(i).getLast();
      }
    }
    return offered;
  }

  void drop(Ticket victim) {
    line(victim).remove(victim);
  }

  @Override
  public @Nullable Ticket poll(Predicate<Ticket> admits) {
    for (Ticket head : heads()) {
      if (ask(admits, head)) {
        turn++;
        line(head).remove(head);
        return head;
      }
    }
    return null;
  }

  private List<Ticket> heads() {
    List<Ticket> heads = new ArrayList<>();
    for (ArrayDeque<Ticket> line : lines) {
      if (!line.isEmpty()) {
        heads.add(head(line));
      }
    }
    if (oldestTurn(turn)) {
      heads.sort(Comparator.comparingLong(Ticket::enqueuedNanos));
    }
    return heads;
  }

  Ticket head(ArrayDeque<Ticket> line) {
    return line.getFirst();
  }

  boolean oldestTurn(int number) {
    return number % 10 == 9;
  }

  boolean ask(Predicate<Ticket> admits, Ticket head) {
    return admits.test(head);
  }

  @Override
  public boolean remove(Ticket ticket) {
    return line(ticket).remove(ticket);
  }

  @Override
  public @Nullable Ticket shed() {
    for (int i = RequestInfo.LEAST_PRIORITY; i >= 0; i--) {
      if (!lines.get(i).isEmpty()) {
        return lines.get(i).removeLast();
      }
    }
    return null;
  }

  @Override
  public @Nullable Ticket drop() {
    Ticket overdue = overdue();
    if (overdue != null) {
      line(overdue).remove(overdue);
    }
    return overdue;
  }

  /** One that has waited for a minute. */
  @Nullable Ticket overdue() {
    for (ArrayDeque<Ticket> line : lines) {
      if (!line.isEmpty() && timeline.nanos() - line.getFirst().enqueuedNanos() > 60_000_000_000L) {
        return line.getFirst();
      }
    }
    return null;
  }

  @Override
  public int size() {
    return lines.stream().mapToInt(ArrayDeque::size).sum();
  }

  ArrayDeque<Ticket> line(Ticket ticket) {
    return lines.get(ticket.request().priority());
  }
}
