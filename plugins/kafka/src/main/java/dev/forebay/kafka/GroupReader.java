package dev.forebay.kafka;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of the group of workers: one thread with a {@link KafkaConsumer}. It polls at least
 * twice a second, whatever happens, so that it stays a member. A partition that gave records is
 * paused at once, until the queue asks for more: that is the backpressure.
 *
 * <p>The consumer of Vert.x was rejected: it runs the handlers of a rebalance on the context, after
 * the partitions are gone, so nothing can be committed before another worker reads them; and a
 * resumed partition waits for the end of the poll that is under way, as it has no {@code wakeup()}.
 */
final class GroupReader implements ConsumerRebalanceListener {

  private static final Logger LOG = LoggerFactory.getLogger(GroupReader.class);
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration COMMIT = Duration.ofSeconds(5);
  private static final long COMMIT_NANOS = 200_000_000;
  private static final int MOST_RECORDS = 100;

  /** What a group reader tells, on the timeline, in this order. */
  interface Listener {
    void assigned(List<TopicPartition> partitions);

    void lost(List<TopicPartition> partitions);

    void read(List<ConsumerRecord<String, String>> records);
  }

  private final Kafka options;
  private final Layout layout;
  private final Timeline timeline;
  private final Listener listener;
  private final Counter rebalances;
  private final Counter failures;
  private final Set<TopicPartition> resumed = ConcurrentHashMap.newKeySet();
  private final Map<TopicPartition, Long> marks = new ConcurrentHashMap<>();
  private final Promise<Void> closed = Promise.promise();
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private final KafkaConsumer<String, String> consumer;
  private long committedNanos;

  /** A member that joins now. Making it takes long: not on the timeline. */
  GroupReader(Kafka options, Layout layout, Listener listener, PluginContext context) {
    this.options = options;
    this.layout = layout;
    this.timeline = context.timeline();
    this.listener = listener;
    this.rebalances = context.counter("rebalances");
    this.failures = context.counter("read_failures");
    this.consumer =
        new KafkaConsumer<>(properties(), new StringDeserializer(), new StringDeserializer());
    this.thread = new Thread(this::run, "forebay-kafka-" + options.prefix());
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  private Map<String, Object> properties() {
    Map<String, Object> all = new HashMap<>(options.brokers().common());
    all.put("group.id", layout.group());
    all.put("group.protocol", "classic");
    all.put(
        "partition.assignment.strategy",
        "org.apache.kafka.clients.consumer.CooperativeStickyAssignor");
    all.put("enable.auto.commit", "false");
    all.put("auto.offset.reset", "earliest");
    all.put("allow.auto.create.topics", "false");
    all.put("max.poll.records", MOST_RECORDS);
    all.put("fetch.max.bytes", 4 << 20);
    all.put("max.partition.fetch.bytes", 256 << 10);
    all.put("session.timeout.ms", (int) options.session().toMillis());
    all.put("heartbeat.interval.ms", (int) options.session().toMillis() / 4);
    all.put("default.api.timeout.ms", 10_000);
    return all;
  }

  /** A partition may give records again; from any thread. */
  void resume(TopicPartition partition) {
    resumed.add(partition);
    consumer.wakeup();
  }

  /** A partition is settled up to an offset, which will be committed soon; from any thread. */
  void settled(TopicPartition partition, long offset) {
    marks.put(partition, offset);
  }

  /** Commits, and leaves the group. */
  Future<Void> close() {
    closing.countDown();
    consumer.wakeup();
    return closed.future();
  }

  private void run() {
    try {
      consumer.subscribe(layout.read(), this);
      while (closing.getCount() > 0) {
        turn();
      }
      commitNow(consumer.assignment());
    } catch (KafkaException e) {
      LOG.warn("{}: {}", layout.group(), e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      consumer.close(CloseOptions.timeout(COMMIT));
      timeline.execute(closed::tryComplete);
    }
  }

  private void turn() throws InterruptedException {
    try {
      resumePartitions();
      commitSoon();
      ConsumerRecords<String, String> records = consumer.poll(POLL);
      if (!records.isEmpty()) {
        consumer.pause(records.partitions());
        List<ConsumerRecord<String, String>> all = new ArrayList<>();
        records.forEach(all::add);
        timeline.execute(() -> listener.read(all));
      }
    } catch (WakeupException e) {
      // there is something to do
    } catch (KafkaException e) {
      failures.increment();
      LOG.warn("{}: {}", layout.group(), e.getMessage());
      boolean over = closing.await(POLL.toMillis(), TimeUnit.MILLISECONDS);
      assert over || closing.getCount() > 0;
    }
  }

  private void resumePartitions() {
    List<TopicPartition> some = new ArrayList<>(resumed);
    some.forEach(resumed::remove);
    some.retainAll(consumer.assignment());
    consumer.resume(some);
  }

  private void commitSoon() {
    long now = timeline.nanos();
    if (now - committedNanos < COMMIT_NANOS) {
      return;
    }
    Map<TopicPartition, OffsetAndMetadata> some = take(consumer.assignment());
    if (!some.isEmpty()) {
      committedNanos = now;
      consumer.commitAsync(some, (offsets, failure) -> committed(offsets, failure));
    }
  }

  /** What could not be committed is committed again, unless there is something newer. */
  private void committed(
      Map<TopicPartition, OffsetAndMetadata> offsets,
      @org.jspecify.annotations.Nullable Exception failure) {
    if (failure != null) {
      failures.increment();
      LOG.warn("{}: not committed: {}", layout.group(), failure.getMessage());
      offsets.forEach((partition, offset) -> marks.putIfAbsent(partition, offset.offset()));
    }
  }

  private void commitNow(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> some = take(partitions);
    if (some.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(some, COMMIT);
    } catch (WakeupException e) {
      consumer.commitSync(some, COMMIT); // the wake-up was meant for the poll
    } catch (KafkaException e) {
      failures.increment();
      LOG.warn("{}: not committed: {}", layout.group(), e.getMessage());
    }
  }

  private Map<TopicPartition, OffsetAndMetadata> take(Collection<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> some = new LinkedHashMap<>();
    for (TopicPartition partition : partitions) {
      Long mark = marks.remove(partition);
      if (mark != null) {
        some.put(partition, new OffsetAndMetadata(mark));
      }
    }
    return some;
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    rebalances.increment();
    List<TopicPartition> some = List.copyOf(partitions);
    timeline.execute(() -> listener.assigned(some));
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    commitNow(partitions);
    onPartitionsLost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    partitions.forEach(marks::remove);
    List<TopicPartition> some = List.copyOf(partitions);
    timeline.execute(() -> listener.lost(some));
  }
}
