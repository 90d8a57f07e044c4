package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Caller;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.Ticket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Rules for queues: Q1 and following of {@code docs/spec.md}. */
public interface RequestQueueContract extends PluginContract<RequestQueue> {

  private RequestQueue queue() {
    return plugin().create(TestContext.create());
  }

  private static Ticket ticket(int number, int caller, int priority) {
    RequestInfo info = Requests.chat("r" + number, Requests.caller(caller), number);
    return Requests.ticket(info.withPriority(priority), number);
  }

  private static Set<Ticket> tickets() {
    return Collections.newSetFromMap(new IdentityHashMap<>());
  }

  /** Offers tickets of one class and caller until the queue sheds, or there are enough. */
  private List<Ticket> fill(RequestQueue queue, int priority) {
    List<Ticket> waiting = new ArrayList<>();
    for (int i = 0; i <= memoryBound(); i++) {
      Ticket ticket = ticket(i, 1, priority);
      Ticket shed = queue.offer(ticket);
      if (shed != null) {
        if (shed != ticket) {
          waiting.remove(shed);
          waiting.add(ticket);
        }
        return waiting;
      }
      waiting.add(ticket);
    }
    return waiting;
  }

  /** Q1: every ticket leaves exactly once: polled, removed or shed. */
  @Test
  default void q1_everyTicketLeavesExactlyOnce() {
    Rule.check(
        this,
        "Q1",
        () -> {
          RequestQueue queue = queue();
          SplittableRandom random = new SplittableRandom(1);
          Set<Ticket> waiting = tickets();
          for (int i = 0; i < 5_000; i++) {
            int action = random.nextInt(10);
            if (action < 6) {
              Ticket ticket = ticket(i, random.nextInt(5), random.nextInt(3));
              waiting.add(ticket);
              Ticket shed = queue.offer(ticket);
              require(shed == null || waiting.remove(shed), "shed %s, which was not there", shed);
            } else if (action < 9) {
              Ticket polled = queue.poll(candidate -> true);
              if (polled != null) {
                require(waiting.remove(polled), "polled %s, which was not there", polled);
                queue.finished(polled, Outcomes.ok(i, 1_000));
              } else {
                require(waiting.isEmpty(), "polled none of %d waiting tickets", waiting.size());
              }
            } else if (!waiting.isEmpty()) {
              Ticket leaving = waiting.iterator().next();
              require(queue.remove(leaving), "%s waits, but was not removed", leaving);
              waiting.remove(leaving);
            }
          }
          for (Ticket polled = queue.poll(one -> true);
              polled != null;
              polled = queue.poll(one -> true)) {
            require(waiting.remove(polled), "polled %s, which was not there", polled);
            queue.finished(polled, Outcomes.ok(0, 1_000));
          }
          require(waiting.isEmpty(), "%d tickets never came out", waiting.size());
        });
  }

  /** Q2: the size is the number of tickets that wait. */
  @Test
  default void q2_sizeIsWhatWaits() {
    Rule.check(
        this,
        "Q2",
        () -> {
          RequestQueue queue = queue();
          Set<Ticket> waiting = tickets();
          for (int i = 0; i < 2_000; i++) {
            Ticket ticket = ticket(i, i % 3, i % 2);
            waiting.add(ticket);
            Ticket shed = queue.offer(ticket);
            if (shed != null) {
              waiting.remove(shed);
            }
            if (i % 5 == 0) {
              Ticket leaving = waiting.iterator().next();
              queue.remove(leaving);
              waiting.remove(leaving);
            }
            if (i % 4 == 0) {
              Ticket polled = queue.poll(one -> true);
              if (polled != null) {
                waiting.remove(polled);
                queue.finished(polled, Outcomes.ok(i, 1_000));
              }
            }
            require(
                queue.size() == waiting.size(),
                "size: %d with %d waiting",
                queue.size(),
                waiting.size());
          }
        });
  }

  /** Q3: the queue has a bound, at which it sheds. */
  @Test
  default void q3_shedsAtItsBound() {
    Rule.check(
        this,
        "Q3",
        () -> {
          RequestQueue queue = queue();
          int shed = 0;
          for (int i = 0; i < memoryBound() + 1_000; i++) {
            shed += queue.offer(ticket(i, i % 50, i % 3)) == null ? 0 : 1;
          }
          require(
              queue.size() <= memoryBound() && shed > 0,
              "%d wait of %d, %d were shed (expected: the memory bound of %d at most)",
              queue.size(),
              memoryBound() + 1_000,
              shed,
              memoryBound());
        });
  }

  /** Q4: what was shed is out: it is neither polled nor there to be removed. */
  @Test
  default void q4_whatWasShedIsOut() {
    Rule.check(
        this,
        "Q4",
        () -> {
          RequestQueue queue = queue();
          Set<Ticket> shed = tickets();
          int offered = memoryBound() + 200;
          for (int i = 0; i < offered; i++) {
            Ticket victim = queue.offer(ticket(i, i % 4, 2 - i % 3));
            if (victim != null) {
              require(shed.add(victim), "%s was shed twice", victim);
            }
          }
          for (Ticket victim : shed) {
            require(!queue.remove(victim), "%s was shed, yet it was removed", victim);
          }
          Set<Ticket> out = tickets();
          for (Ticket polled = queue.poll(one -> true);
              polled != null;
              polled = queue.poll(one -> true)) {
            require(!shed.contains(polled), "%s was shed, then polled", polled);
            require(out.add(polled), "%s was polled twice (expected: once)", polled);
            require(
                out.size() <= offered,
                "%d tickets were polled of %d that were offered (expected: no more)",
                out.size(),
                offered);
            queue.finished(polled, Outcomes.ok(0, 1_000));
          }
        });
  }

  /** Q5: what is not admitted stays, and after an admission nobody is asked. */
  @Test
  default void q5_takesOnlyWhatIsAdmitted() {
    Rule.check(
        this,
        "Q5",
        () -> {
          RequestQueue queue = queue();
          require(queue.poll(one -> true) == null, "an empty queue gave a ticket");
          for (int i = 0; i < 20; i++) {
            queue.offer(ticket(i, i % 4, i % 3));
          }
          int size = queue.size();
          require(queue.poll(one -> false) == null, "took a ticket that was not admitted");
          require(queue.size() == size, "size: %d, then %d after no admission", size, queue.size());
          int[] admitted = {0};
          Ticket[] last = new Ticket[1];
          Ticket polled =
              queue.poll(
                  one -> {
                    admitted[0]++;
                    last[0] = one;
                    return true;
                  });
          require(admitted[0] == 1, "asked %d times after an admission", admitted[0] - 1);
          require(polled == last[0], "admitted %s, took %s", last[0], polled);
        });
  }

  /** Q6: one poll asks about each ticket once at most. */
  @Test
  default void q6_asksAboutATicketOnceAtMost() {
    Rule.check(
        this,
        "Q6",
        () -> {
          RequestQueue queue = queue();
          for (int i = 0; i < 60; i++) {
            queue.offer(ticket(i, i % 4, i % 3));
          }
          Set<Ticket> asked = tickets();
          queue.poll(
              one -> {
                require(asked.add(one), "asked about %s twice in one poll", one);
                return false;
              });
          require(!asked.isEmpty(), "asked about none of %d tickets", queue.size());
        });
  }

  /** Q7: removing takes out one ticket, once. */
  @Test
  default void q7_removesOnce() {
    Rule.check(
        this,
        "Q7",
        () -> {
          RequestQueue queue = queue();
          Ticket first = ticket(1, 1, 1);
          Ticket second = ticket(2, 1, 1);
          queue.offer(first);
          queue.offer(second);
          require(queue.remove(first), "a waiting ticket was not removed");
          require(!queue.remove(first), "a ticket was removed twice");
          require(!queue.remove(ticket(3, 1, 1)), "a ticket that was never offered was removed");
          require(queue.poll(one -> true) == second, "the other ticket did not come out");
          require(!queue.remove(second), "a polled ticket was removed");
          queue.finished(second, Outcomes.ok(0, 1_000));
        });
  }

  /** Q8: tickets of one request are told apart. */
  @Test
  default void q8_ticketsOfOneRequestAreToldApart() {
    Rule.check(
        this,
        "Q8",
        () -> {
          RequestQueue queue = queue();
          RequestInfo info = Requests.chat("same");
          Ticket first = Requests.ticket(info, 0);
          Ticket retry = Requests.ticket(info, 0);
          queue.offer(first);
          queue.offer(retry);
          require(queue.size() == 2, "size: %d with two tickets of one request", queue.size());
          require(queue.remove(retry), "the second ticket of a request was not removed");
          require(queue.poll(one -> true) == first, "the first ticket of a request is lost");
          queue.finished(first, Outcomes.ok(0, 1_000));
        });
  }

  /** Q9: every ending counts as over, so that no caller is locked out. */
  @Test
  default void q9_everyEndingIsOver() {
    Rule.check(
        this,
        "Q9",
        () -> {
          RequestQueue queue = queue();
          for (Status status : Status.values()) {
            for (int i = 0; i < 3_000; i++) {
              Ticket ticket = ticket(i, 1, 1);
              String after = "after " + i + " endings as " + status;
              require(queue.offer(ticket) == null, "shed by an empty queue %s", after);
              require(queue.poll(one -> true) == ticket, "not polled though alone, %s", after);
              queue.finished(ticket, Outcomes.of(status, i, 1_000));
            }
          }
        });
  }

  /** Q10, optional: one caller's tickets of one class come out in their order. */
  @Test
  default void q10_optional_firstInFirstOutWithinAClass() {
    Rule.check(
        this,
        "Q10",
        () -> {
          RequestQueue queue = queue();
          List<Ticket> offered = new ArrayList<>();
          for (int i = 0; i < 50; i++) {
            Ticket ticket = ticket(i, 1, 1);
            if (queue.offer(ticket) == null) {
              offered.add(ticket);
            }
            queue.poll(one -> false);
          }
          for (Ticket expected : offered) {
            Ticket polled = queue.poll(one -> true);
            require(polled == expected, "polled %s (expected: %s)", polled, expected);
            queue.finished(expected, Outcomes.ok(0, 1_000));
          }
        });
  }

  /** Q11, optional: the more urgent goes first. */
  @Test
  default void q11_optional_theUrgentGoFirst() {
    Rule.check(
        this,
        "Q11",
        () -> {
          RequestQueue queue = queue();
          queue.offer(ticket(1, 1, RequestInfo.BATCH));
          queue.offer(ticket(2, 2, RequestInfo.STANDARD));
          queue.offer(ticket(3, 3, RequestInfo.VIP));
          for (int priority = 0; priority < 3; priority++) {
            Ticket polled = queue.poll(one -> true);
            require(
                polled != null && polled.request().priority() == priority,
                "polled %s of priority %s (expected: priority %d)",
                polled,
                priorityOf(polled),
                priority);
          }
        });
  }

  private static String priorityOf(@Nullable Ticket ticket) {
    return ticket == null ? "none" : String.valueOf(ticket.request().priority());
  }

  /** Q12, optional: a full queue sheds the least urgent. */
  @Test
  default void q12_optional_shedsTheLeastUrgent() {
    Rule.check(
        this,
        "Q12",
        () -> {
          RequestQueue queue = queue();
          fill(queue, RequestInfo.BATCH);
          Ticket vip = ticket(-1, 2, RequestInfo.VIP);
          Ticket shed = queue.offer(vip);
          require(shed != vip, "shed the most urgent of a queue full of batch work");
          RequestQueue urgent = queue();
          fill(urgent, RequestInfo.VIP);
          Ticket batch = ticket(-1, 2, RequestInfo.BATCH);
          Ticket victim = urgent.offer(batch);
          require(
              victim == null || victim == batch,
              "shed %s of priority %s for batch work",
              victim,
              priorityOf(victim));
        });
  }

  /** Q13, optional: nobody waits for ever behind others who keep coming. */
  @Test
  default void q13_optional_nobodyStarves() {
    Rule.check(
        this,
        "Q13",
        () -> {
          RequestQueue queue = queue();
          Caller quiet = Requests.caller(2);
          Ticket patient =
              Requests.ticket(
                  Requests.chat("patient", quiet, 0).withPriority(RequestInfo.BATCH), 0);
          queue.offer(patient);
          boolean served = false;
          for (int i = 1; i <= 2_000 && !served; i++) {
            queue.offer(ticket(i, 1, RequestInfo.VIP));
            Ticket polled = queue.poll(one -> true);
            served = polled == patient;
            if (polled != null) {
              queue.finished(polled, Outcomes.ok(i, 1_000));
            }
          }
          require(served, "2000 later tickets of another caller went before one of batch work");
        });
  }

  /** Q14: in whatever order it is asked, each ticket leaves exactly once. */
  @Test
  default void q14_inAnyOrderOfQuestionsEachTicketLeavesOnce() {
    Rule.check(
        this,
        "Q14",
        () -> {
          TestContext context = TestContext.create();
          QueueTrial trial = new QueueTrial(plugin().create(context), context);
          for (int i = 0; i < 6_000; i++) {
            trial.step(ticket(i, i % 7, i % 3));
          }
          trial.end();
        });
  }

  /** Q15, optional: asked to make room, it gives a ticket as long as one waits. */
  @Test
  default void q15_optional_makesRoom() {
    Rule.check(
        this,
        "Q15",
        () -> {
          RequestQueue queue = queue();
          require(queue.shed() == null, "shed one, though none waits");
          for (int i = 0; i < 60; i++) {
            queue.offer(ticket(i, i % 4, i % 3));
          }
          for (int left = queue.size(); left > 0; left--) {
            require(queue.shed() != null, "shed none of %d", left);
          }
          require(queue.size() == 0 && queue.shed() == null, "%d wait after all", queue.size());
        });
  }
}
