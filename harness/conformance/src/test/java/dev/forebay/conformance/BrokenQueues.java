package dev.forebay.conformance;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.ArrayDeque;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A queue that breaks each rule. */
final class BrokenQueues {

  private BrokenQueues() {}

  /** Serves nobody when the line is long. */
  static final class Q1 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                public @Nullable Ticket poll(Predicate<Ticket> admits) {
                  return size() > 100 ? null : super.poll(admits);
                }
              });
    }
  }

  /** Counts who has left. */
  @AlsoFails("Q14")
  static final class Q2 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                private int left;

                @Override
                public boolean remove(Ticket ticket) {
                  boolean removed = super.remove(ticket);
                  left += removed ? 1 : 0;
                  return removed;
                }

                @Override
                public int size() {
                  return super.size() + left;
                }
              });
    }
  }

  /** Takes all. */
  static final class Q3 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                int bound() {
                  return Integer.MAX_VALUE;
                }
              });
    }
  }

  /** Keeps whom it shed. */
  @AlsoFails({"Q1", "Q2", "Q3"})
  static final class Q4 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                void drop(Ticket victim) {}
              });
    }
  }

  /** Gives a ticket until the caller has it, a microsecond later. */
  @AlsoFails({"Q1", "Q2", "Q7", "Q8", "Q9", "Q10", "Q11", "Q14"})
  static final class Q4Again implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                public @Nullable Ticket poll(Predicate<Ticket> admits) {
                  Ticket polled = super.poll(admits);
                  if (polled != null) {
                    line(polled).addFirst(polled);
                    context.timeline().after(1_000, () -> line(polled).remove(polled));
                  }
                  return polled;
                }
              });
    }
  }

  /** Makes sure by asking again. */
  static final class Q5 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                boolean ask(Predicate<Ticket> admits, Ticket head) {
                  boolean admitted = admits.test(head);
                  return admitted && admits.test(head);
                }
              });
    }
  }

  /** Does not take no for an answer. */
  static final class Q6 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                boolean ask(Predicate<Ticket> admits, Ticket head) {
                  boolean admitted = admits.test(head);
                  return admitted || admits.test(head);
                }
              });
    }
  }

  /** Says that it removed what it had not. */
  @AlsoFails({"Q4", "Q14"})
  static final class Q7 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                public boolean remove(Ticket ticket) {
                  super.remove(ticket);
                  return true;
                }
              });
    }
  }

  /** Tells tickets apart by the id of the request. */
  static final class Q8 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                public boolean remove(Ticket ticket) {
                  String id = ticket.request().id();
                  return line(ticket).removeIf(one -> one.request().id().equals(id));
                }
              });
    }
  }

  /** Counts requests in flight, and forgets to count back when one fails. */
  static final class Q9 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context -> new Counting(context, 500, status -> status == Status.OK));
    }
  }

  /** Counts requests in flight, and forgets to count back if the caller leaves. */
  static final class Q9Cancelled implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context -> new Counting(context, 1_000, status -> status != Status.CANCELLED));
    }
  }

  /** Lets so many requests of a tenant be in flight, and counts some of those back that ended. */
  private static final class Counting extends ReferenceQueue {
    private final int[] open = new int[16];
    private final int most;
    private final Predicate<Status> counted;

    Counting(PluginContext context, int most, Predicate<Status> counted) {
      super(context);
      this.most = most;
      this.counted = counted;
    }

    private static int bucket(Ticket ticket) {
      return Math.floorMod(ticket.request().caller().tenant().hashCode(), 16);
    }

    @Override
    public @Nullable Ticket poll(Predicate<Ticket> admits) {
      Ticket polled = super.poll(one -> open[bucket(one)] < most && admits.test(one));
      if (polled != null) {
        open[bucket(polled)]++;
      }
      return polled;
    }

    @Override
    public void finished(Ticket ticket, Outcome outcome) {
      open[bucket(ticket)] -= counted.test(outcome.status()) ? 1 : 0;
    }
  }

  /** The last comes first. */
  static final class Q10 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                Ticket head(ArrayDeque<Ticket> line) {
                  return line.getLast();
                }
              });
    }
  }

  /** Knows no priorities. */
  static final class Q11 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                boolean oldestTurn(int number) {
                  return true;
                }
              });
    }
  }

  /** Sheds whoever comes last. */
  static final class Q12 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                Ticket victim(Ticket offered) {
                  return offered;
                }
              });
    }
  }

  /** Lets the patient starve. */
  static final class Q13 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                boolean oldestTurn(int number) {
                  return false;
                }
              });
    }
  }

  /** Gives up who has waited for long, and serves him after that. */
  static final class Q14 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                public @Nullable Ticket drop() {
                  for (ArrayDeque<Ticket> line : lines) {
                    if (!line.isEmpty()) {
                      return line.getFirst();
                    }
                  }
                  return null;
                }
              });
    }
  }

  /** Makes room for the most urgent only. */
  static final class Q15 implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(
          context ->
              new ReferenceQueue(context) {
                @Override
                public @Nullable Ticket shed() {
                  return null;
                }
              });
    }
  }

  /** A queue that holds every rule. */
  static final class Good implements RequestQueueContract {
    @Override
    public Plugin<RequestQueue> plugin() {
      return ReferenceQueue.plugin(ReferenceQueue::new);
    }
  }
}
