package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/** A queue that is asked everything in a random order, while time passes. */
final class QueueTrial {

  private static final long MOST_NANOS = 400_000_000L;

  private final RequestQueue queue;
  private final TestContext context;
  private final SplittableRandom random = new SplittableRandom(14);
  private final LinkedHashSet<Ticket> waiting = new LinkedHashSet<>();
  private final Set<Ticket> left = Collections.newSetFromMap(new IdentityHashMap<>());

  QueueTrial(RequestQueue queue, TestContext context) {
    this.queue = queue;
    this.context = context;
  }

  /** Passes some time, and asks one question. */
  void step(Ticket plan) {
    context.pass(random.nextLong(MOST_NANOS));
    switch (random.nextInt(10)) {
      case 0, 1, 2, 3 -> offer(plan);
      case 4, 5 -> over("polled", queue.poll(candidate -> random.nextInt(4) > 0));
      case 6 -> over("shed", random.nextInt(3) == 0 ? queue.shed() : null);
      case 7 -> drop();
      case 8 -> remove();
      default -> take();
    }
    require(
        queue.size() == waiting.size(), "size: %d with %d waiting", queue.size(), waiting.size());
  }

  /** Polls what is left. */
  void end() {
    for (Ticket last = queue.poll(any -> true); last != null; last = queue.poll(any -> true)) {
      over("polled", last);
    }
    require(waiting.isEmpty(), "%d tickets never came out", waiting.size());
    for (Ticket gone : left) {
      require(!queue.remove(gone) && !queue.take(gone), "%s has left, yet it is there", gone);
    }
  }

  private void offer(Ticket plan) {
    Ticket ticket = Requests.ticket(plan.request(), context.timeline().nanos());
    waiting.add(ticket);
    over("shed", queue.offer(ticket));
  }

  private void drop() {
    int most = waiting.size();
    for (Ticket dropped = queue.drop(); dropped != null; dropped = queue.drop()) {
      over("dropped", dropped);
      require(most-- > 0, "dropped more than waited");
    }
  }

  private void remove() {
    if (!waiting.isEmpty()) {
      Ticket leaving = waiting.getLast();
      require(queue.remove(leaving), "%s waits, but was not removed", leaving);
      over("removed", leaving);
    }
  }

  private void take() {
    if (!waiting.isEmpty()) {
      Ticket chosen = waiting.getFirst();
      require(queue.take(chosen), "%s waits, but was not taken", chosen);
      over("taken", chosen);
    }
  }

  private void over(String how, @Nullable Ticket ticket) {
    if (ticket == null) {
      return;
    }
    require(waiting.remove(ticket), "%s %s, which was not there", how, ticket);
    left.add(ticket);
    if (how.equals("polled") || how.equals("taken")) {
      long now = context.timeline().nanos();
      queue.finished(ticket, Outcomes.ok(now, random.nextLong(2 * MOST_NANOS)));
    }
  }
}
