package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Rules for queues of jobs: W1 and following of {@code docs/spec.md}. Each call of {@link #plugin}
 * gives a queue that is empty.
 */
public interface JobQueueContract extends PluginContract<JobQueue> {

  /** The stage of the test: by default in virtual time, with what {@link #lend} lends. */
  default Stage stage() {
    return Stage.virtual(lend(TestContext.create()));
  }

  /**
   * Another worker's instance of the queue that an instance is of. By default the rules about
   * several workers are skipped.
   */
  default JobQueue beside(JobQueue one, Stage stage) {
    Rule.skip("it gives no second worker");
    throw new IllegalStateException();
  }

  private void rule(String number, Consumer<QueueWorker> check) {
    Rule.check(
        this,
        number,
        () -> {
          Stage stage = stage();
          JobQueue queue = plugin().create(stage.context());
          QueueWorker worker = new QueueWorker(stage, queue);
          worker.begin();
          check.accept(worker);
          worker.close();
        });
  }

  /** W1: what is put in is delivered, whole; a poll of an empty queue ends. */
  @Test
  default void w1_whatIsPutInIsDelivered() {
    rule(
        "W1",
        worker -> {
          require(worker.poll(10).isEmpty(), "an empty queue gave something");
          List<JobEntry> put = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            put.add(worker.put(i % 3, worker.now()));
          }
          List<JobDelivery> got = worker.collect(20);
          for (JobEntry entry : put) {
            require(
                got.stream().anyMatch(delivery -> delivery.entry().equals(entry)),
                "%s was not delivered as it was put in",
                entry);
          }
        });
  }

  /** W2: nothing is delivered before its due time, and then it is. */
  @Test
  default void w2_nothingIsDeliveredBeforeItsDueTime() {
    rule(
        "W2",
        worker -> {
          long due = worker.now() + 2_000;
          JobEntry later = worker.put(1, due);
          JobEntry now = worker.put(1, worker.now());
          Set<String> got = new TreeSet<>();
          for (int i = 0; i < 2; i++) {
            String id = worker.collect(1).getFirst().entry().id();
            require(
                !id.equals(later.id()) || worker.now() >= due,
                "delivered %d ms early",
                due - worker.now());
            got.add(id);
          }
          require(got.contains(now.id()) && got.contains(later.id()), "delivered %s", got);
        });
  }

  /** W3: what is held or settled is not delivered again. */
  @Test
  default void w3_whatIsHeldOrSettledIsNotDeliveredAgain() {
    rule(
        "W3",
        worker -> {
          worker.put(1, worker.now());
          JobDelivery held = worker.collect(1).getFirst();
          require(worker.poll(10).isEmpty(), "what is held was delivered again");
          worker.settle(() -> held.done());
          worker.settle(() -> held.done());
          require(worker.poll(10).isEmpty(), "what is done was delivered again");
        });
  }

  /** W4: what is to be tried later comes again then. */
  @Test
  default void w4_whatIsToBeTriedLaterComesAgain() {
    rule(
        "W4",
        worker -> {
          JobEntry entry = worker.put(1, worker.now());
          JobDelivery first = worker.collect(1).getFirst();
          long due = worker.now() + 2_000;
          worker.settle(() -> first.retryAt(due));
          JobDelivery second = worker.collect(1).getFirst();
          require(second.entry().id().equals(entry.id()), "delivered %s", second.entry());
          require(worker.now() >= due, "delivered %d ms early", due - worker.now());
          worker.settle(() -> second.done());
          require(worker.poll(10).isEmpty(), "it was delivered a third time");
        });
  }

  /** W5: what a worker held when it went is delivered to another. */
  @Test
  default void w5_whatAWorkerHeldIsDeliveredToAnother() {
    rule(
        "W5",
        worker -> {
          List<String> put = new ArrayList<>();
          for (int i = 0; i < 5; i++) {
            put.add(worker.put(1, worker.now()).id());
          }
          List<JobDelivery> held = worker.collect(5);
          worker.settle(() -> held.get(1).done());
          put.remove(held.get(1).entry().id());
          QueueWorker other = new QueueWorker(worker.stage, beside(worker.queue, worker.stage));
          other.begin();
          worker.close();
          other.collectIds(put); // what was settled may come again, too
          other.close();
        });
  }

  /** W6: what is rejected leaves, once its dead letter is there. */
  @Test
  default void w6_whatIsRejectedLeaves() {
    rule(
        "W6",
        worker -> {
          worker.put(1, worker.now());
          JobDelivery bad = worker.collect(1).getFirst();
          worker.settle(() -> bad.reject("all tries failed", 4));
          require(worker.poll(10).isEmpty(), "what was rejected was delivered again");
        });
  }

  /** W7: a poll that waits is answered when something comes. */
  @Test
  default void w7_aPollThatWaitsIsAnswered() {
    rule(
        "W7",
        worker -> {
          JobEntry entry = worker.entry(1, worker.now());
          Duration wait = Duration.ofSeconds(20);
          long before = worker.stage.requestTimeline().nanos();
          Future<List<JobDelivery>> got =
              worker.stage.await(
                  () -> {
                    Future<List<JobDelivery>> waiting = worker.queue.poll(10, wait);
                    return worker.queue.enqueue(entry).compose(done -> waiting);
                  });
          long took = worker.stage.requestTimeline().nanos() - before;
          require(got.succeeded() && got.result().size() == 1, "the poll gave %s", got.result());
          require(took < wait.toNanos() / 2, "it took %d ns (expected: at once)", took);
        });
  }

  /** W8: deliveries are settled in any order. */
  @Test
  default void w8_deliveriesAreSettledInAnyOrder() {
    rule(
        "W8",
        worker -> {
          for (int i = 0; i < 10; i++) {
            worker.put(1, worker.now());
          }
          List<JobDelivery> held = worker.collect(10);
          for (int i = held.size() - 1; i > 0; i -= 2) {
            worker.settle(held.get(i)::done);
          }
          for (int i = 0; i < held.size(); i += 2) {
            worker.settle(held.get(i)::extend);
            worker.settle(held.get(i)::done);
          }
          require(worker.poll(10).isEmpty(), "something was delivered again");
          QueueWorker other = new QueueWorker(worker.stage, beside(worker.queue, worker.stage));
          other.begin();
          worker.close();
          require(other.poll(10).isEmpty(), "another worker got what was settled");
          other.close();
        });
  }

  /** W9: of those that wait, the more urgent come first. */
  @Test
  default void w9_optional_moreUrgentEntriesComeFirst() {
    rule(
        "W9",
        worker -> {
          worker.put(5, worker.now());
          worker.put(1, worker.now());
          JobEntry urgent = worker.put(0, worker.now());
          JobDelivery first = worker.collect(1).getFirst();
          require(first.entry().equals(urgent), "first: %s (expected: %s)", first.entry(), urgent);
        });
  }

  /** W10: after its close a poll is answered, and nothing stays scheduled. */
  @Test
  default void w10_afterItsCloseNothingIsScheduled() {
    rule(
        "W10",
        worker -> {
          Future<List<JobDelivery>> waiting =
              worker.stage.await(
                  () -> {
                    Future<List<JobDelivery>> poll = worker.queue.poll(1, Duration.ofSeconds(60));
                    return worker.queue.close().transform(closed -> poll);
                  });
          require(
              waiting.failed() || waiting.result().isEmpty(), "the poll gave %s", waiting.result());
          worker.stage.quiet();
          int pending = worker.stage.pending();
          require(pending == 0, "%d actions are scheduled (expected: 0)", pending);
        });
  }
}
