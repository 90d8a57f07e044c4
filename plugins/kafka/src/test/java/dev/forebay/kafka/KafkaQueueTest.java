package dev.forebay.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KafkaQueueTest {

  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final int TRIES = 4;

  private final Vertx vertx = Vertx.vertx();
  private final EventLoopStage stage = new EventLoopStage(vertx, 1);
  private final Kafka options =
      SharedBroker.options()
          .withBrokers(
              Brokers.at(SharedBroker.get().servers()).withTimeout(Duration.ofSeconds(20)));
  private final List<JobQueue> queues = new ArrayList<>();

  @AfterEach
  void close() {
    queues.forEach(queue -> stage.await(queue::close));
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  private JobQueue open(Kafka kafka) {
    JobQueue queue = kafka.create(stage.context());
    queues.add(queue);
    done(stage.await(queue::ready));
    return queue;
  }

  private static <V> V done(Future<V> future) {
    assertTrue(future.succeeded(), () -> String.valueOf(future.cause()));
    return future.result();
  }

  private long now() {
    return stage.requestTimeline().epochMillis();
  }

  /** The next delivery of any of some workers. */
  private JobDelivery next(List<JobQueue> workers) {
    for (int i = 0; i < 60; i++) {
      JobQueue worker = workers.get(i % workers.size());
      List<JobDelivery> some = done(stage.await(() -> worker.poll(1, WAIT)));
      if (!some.isEmpty()) {
        return some.getFirst();
      }
    }
    throw new AssertionError("nothing was delivered");
  }

  private List<DeadLetter> letters(Kafka kafka) {
    DeadLetterStore store =
        LetterTopic.at(kafka.brokers(), kafka.prefix() + ".dead").create(stage.context());
    return done(stage.await(() -> store.newest(10)));
  }

  /** Shortened: 2 s apart, while a second worker joins. */
  @Test
  void aJobThatFailsIsTriedFourTimesThenItsLetterIsThere() {
    JobQueue first = open(options);
    List<JobQueue> workers = new ArrayList<>(List.of(first));
    done(stage.await(() -> first.enqueue(new JobEntry("bad", "acme", 1, now()))));
    long due = 0;
    for (int i = 1; i < TRIES; i++) {
      JobDelivery delivery = next(workers);
      assertEquals("bad", delivery.entry().id());
      assertTrue(now() >= due, "early by " + (due - now()) + " ms");
      due = now() + 2_000;
      long at = due;
      done(stage.await(() -> delivery.retryAt(at)));
      if (i == 2) {
        workers.add(open(options)); // a rebalance
      }
    }
    JobDelivery last = next(workers);
    assertTrue(now() >= due, "early by " + (due - now()) + " ms");
    assertTrue(letters(options).isEmpty());
    done(stage.await(() -> last.reject("all tries failed", TRIES)));
    DeadLetter letter = letters(options).getFirst();
    assertEquals("bad", letter.id());
    assertEquals("all tries failed", letter.reason());
    assertEquals("acme", letter.tenant());
  }

  @Test
  void aDeadLetterThatCannotBeWrittenStopsItsPartition() throws Exception {
    Kafka hasty = options.withBrokers(options.brokers().withTimeout(Duration.ofSeconds(1)));
    JobQueue queue = open(hasty.withPartitions(1));
    try (Admin admin =
        Admin.create(Map.<String, Object>of("bootstrap.servers", SharedBroker.get().servers()))) {
      String dead = hasty.prefix() + ".dead";
      admin.deleteTopics(List.of(dead)).all().get(30, TimeUnit.SECONDS);
      done(stage.await(() -> queue.enqueue(new JobEntry("bad", "acme", 1, now()))));
      JobDelivery bad = next(List.of(queue));
      Future<Void> refused = stage.await(() -> bad.reject("all tries failed", TRIES));
      assertTrue(refused.failed(), "a letter was acknowledged without its topic");
      done(stage.await(() -> queue.enqueue(new JobEntry("good", "acme", 1, now()))));
      assertTrue(done(stage.await(() -> queue.poll(1, WAIT))).isEmpty(), "the partition goes on");
      admin.createTopics(List.of(new NewTopic(dead, 1, (short) 1))).all().get(30, TimeUnit.SECONDS);
      stage.until(
          "the letter", () -> bad.reject("all tries failed", TRIES).map(true).otherwise(false));
      assertEquals("good", next(List.of(queue)).entry().id());
      assertEquals("bad", letters(hasty).getFirst().id());
    }
  }

  @Test
  void aRecordThatIsNoEntryIsADeadLetter() {
    JobQueue queue = open(options);
    Sender sender = new Sender(options.brokers(), vertx, stage.context());
    done(stage.await(() -> sender.send(options.prefix() + ".p0", "acme", "no entry")));
    done(stage.await(() -> queue.enqueue(new JobEntry("good", "acme", 1, now()))));
    assertEquals("good", next(List.of(queue)).entry().id());
    stage.until("a letter", () -> Future.succeededFuture(stage.count("dead_letters") == 1));
    assertEquals("unreadable", letters(options).getFirst().reason());
    stage.await(sender::close);
  }

  @Test
  void whatIsUnsettledIsCounted() {
    JobQueue queue = open(options);
    for (int i = 0; i < 3; i++) {
      String id = "job-" + i;
      done(stage.await(() -> queue.enqueue(new JobEntry(id, "acme", 1, now() + 60_000))));
    }
    assertEquals(3, done(stage.await(queue::depth)));
  }

  @Test
  void aQueueWhoseTopicsAreMissingIsNotReady() {
    JobQueue queue = options.withCreateTopics(false).withPrefix("absent").create(stage.context());
    queues.add(queue);
    Future<Void> ready = stage.await(queue::ready);
    assertFalse(ready.succeeded());
    assertTrue(ready.cause().toString().contains("are missing"), ready.cause()::toString);
  }

  @Test
  void lettersAreKeptListedAndDropped() {
    DeadLetterStore store =
        LetterTopic.at(options.brokers(), options.prefix() + "-letters").create(stage.context());
    for (int i = 0; i < 3; i++) {
      String id = "letter-" + i;
      done(stage.await(() -> store.keep(letter(id, 10))));
    }
    done(stage.await(() -> store.keep(letter("large", 2 << 20))));
    List<DeadLetter> newest = done(stage.await(() -> store.newest(2)));
    assertEquals(List.of("large", "letter-2"), newest.stream().map(DeadLetter::id).toList());
    assertEquals(letter("letter-2", 10), newest.get(1));
    assertEquals(null, newest.get(0).body());
    assertTrue(done(stage.await(() -> store.drop("letter-2"))));
    assertFalse(done(stage.await(() -> store.drop("letter-2"))));
    assertEquals(
        List.of("large", "letter-1", "letter-0"),
        done(stage.await(() -> store.newest(10))).stream().map(DeadLetter::id).toList());
  }

  private static DeadLetter letter(String id, int bytes) {
    return new DeadLetter(
        id,
        "r",
        7,
        "queue_full",
        503,
        dev.forebay.spi.Operation.CHAT,
        "m",
        "t",
        1,
        10,
        Buffer.buffer("x".repeat(bytes)));
  }
}
