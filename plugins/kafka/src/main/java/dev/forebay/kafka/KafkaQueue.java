package dev.forebay.kafka;

import dev.forebay.kafka.PartitionState.Item;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.JobDelivery;
import dev.forebay.spi.jobs.JobEntry;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queue on the timeline. Partitions hold what the {@link GroupReader} has read; the first item
 * of each waits until its time there is over. Then it is delivered if it is due, or else sent on to
 * the topic of the next delay. A record is settled when its job is, or when what replaces it is
 * acknowledged; the offsets of a partition are committed up to the first that is not settled.
 */
final class KafkaQueue implements JobQueue, GroupReader.Listener {

  private static final Logger LOG = LoggerFactory.getLogger(KafkaQueue.class);
  private static final long AGAIN_NANOS = 1_000_000_000;

  private final Kafka options;
  private final Vertx vertx;
  private final PluginContext context;
  private final Timeline timeline;
  private final Layout layout;
  private final Sender sender;
  private final Topics topics;
  private final Map<TopicPartition, PartitionState> partitions = new LinkedHashMap<>();
  private final Counter delivered;
  private final Counter forwarded;
  private final Counter deadLetters;
  private final Counter unreadable;
  private @Nullable Future<GroupReader> reader;
  private @Nullable Promise<List<JobDelivery>> waiting;
  private int most;
  private Registration waitingTimer = Registration.NONE;
  private Registration nextTimer = Registration.NONE;
  private boolean closed;

  KafkaQueue(Kafka options, Vertx vertx, PluginContext context) {
    this.options = options;
    this.vertx = vertx;
    this.context = context;
    this.timeline = context.timeline();
    this.layout = new Layout(options);
    this.sender = new Sender(options.brokers(), vertx, context);
    this.topics = new Topics(options.brokers(), vertx, context);
    this.delivered = context.counter("deliveries");
    this.forwarded = context.counter("forwarded");
    this.deadLetters = context.counter("dead_letters");
    this.unreadable = context.counter("unreadable");
    context.gauge("partitions", partitions::size);
    gauge("stopped_partitions", state -> state.stopped() ? 1 : 0);
    gauge("read_entries", state -> state.items.size());
    gauge("unsettled_entries", state -> state.settled.open());
  }

  private void gauge(String name, ToDoubleFunction<PartitionState> figure) {
    context.gauge(name, () -> partitions.values().stream().mapToDouble(figure).sum());
  }

  @Override
  public Future<Void> ready() {
    List<String> all = new ArrayList<>(layout.read());
    all.add(layout.dead());
    return topics.ensure(
        all,
        options.createTopics()
            ? new Topics.Making(options.partitions(), options.replicationFactor(), Map.of())
            : null);
  }

  @Override
  public Future<Void> enqueue(JobEntry entry) {
    long now = timeline.epochMillis();
    Layout.Place place = layout.place(entry, now);
    return sender.send(
        place.topic(), layout.key(entry), EntryFormat.write(entry, place.untilMillis()));
  }

  @Override
  public Future<Long> depth() {
    return topics.depth(layout.read(), layout.group());
  }

  @Override
  public Future<List<JobDelivery>> poll(int most, Duration wait) {
    timeline.check();
    if (closed) {
      return Future.succeededFuture(List.of());
    }
    join();
    giveUp(); // a caller that asks again has given its last poll up
    List<JobDelivery> some = take(most);
    if (!some.isEmpty() || wait.isZero()) {
      return Future.succeededFuture(some);
    }
    Promise<List<JobDelivery>> promise = Promise.promise();
    waiting = promise;
    this.most = most;
    waitingTimer = timeline.after(wait.toNanos(), () -> answer(promise, List.of()));
    return promise.future();
  }

  /** Becomes a member of the group: one that only enqueues gets no partitions. */
  private void join() {
    if (reader == null || reader.failed()) {
      reader =
          vertx
              .executeBlocking(() -> new GroupReader(options, layout, this, context), false)
              .onSuccess(GroupReader::start)
              .onFailure(thrown -> LOG.warn("{}: {}", context.name(), thrown.getMessage()));
    }
  }

  @Override
  public void assigned(List<TopicPartition> some) {
    some.forEach(each -> partitions.put(each, new PartitionState(each, options.window())));
  }

  @Override
  public void lost(List<TopicPartition> some) {
    some.forEach(partitions::remove);
  }

  @Override
  public void read(List<ConsumerRecord<String, String>> records) {
    for (ConsumerRecord<String, String> each : records) {
      PartitionState state = partitions.get(new TopicPartition(each.topic(), each.partition()));
      if (state != null) {
        read(state, each);
      }
    }
    attend();
  }

  /** What is no entry is rejected at once. */
  private void read(PartitionState state, ConsumerRecord<String, String> each) {
    EntryFormat.Stored stored = EntryFormat.read(each);
    if (stored != null) {
      state.read(new Item(each.offset(), stored.entry(), stored.untilMillis()));
      return;
    }
    unreadable.increment();
    String key = each.key() == null ? "" : each.key();
    JobEntry none = new JobEntry("unreadable-" + each.offset(), key, 0, 0);
    state.read(new Item(each.offset(), none, Long.MAX_VALUE));
    state.items.removeLast();
    new Delivery(state, none, each.offset()).rejectUntilWritten("unreadable");
  }

  /** Sends on what is not due, delivers if a poll waits, and sees to what comes next. */
  private void attend() {
    if (closed) {
      return;
    }
    long now = timeline.epochMillis();
    partitions.values().forEach(state -> sendOn(state, now));
    Promise<List<JobDelivery>> poll = waiting;
    if (poll != null) {
      List<JobDelivery> some = take(most);
      if (!some.isEmpty()) {
        answer(poll, some);
      }
    }
    partitions.values().forEach(this::resume);
    schedule(now);
  }

  private void schedule(long now) {
    nextTimer.cancel();
    long next = Long.MAX_VALUE;
    for (PartitionState state : partitions.values()) {
      Item first = state.items.peek();
      if (first != null && first.untilMillis() > now) {
        next = Math.min(next, first.untilMillis());
      }
    }
    if (next != Long.MAX_VALUE) {
      nextTimer = timeline.after((next - now) * 1_000_000, this::attend);
    }
  }

  private void sendOn(PartitionState state, long now) {
    Item first = state.ready(now);
    while (first != null && first.entry().dueMillis() > now) {
      state.items.poll();
      forwarded.increment();
      sendOn(state, first);
      first = state.ready(now);
    }
  }

  private void sendOn(PartitionState state, Item item) {
    enqueue(item.entry())
        .onComplete(
            result -> {
              if (result.succeeded()) {
                settle(state, item.offset());
              } else if (!closed && partitions.get(state.partition) == state) {
                timeline.after(AGAIN_NANOS, () -> sendOn(state, item));
              }
            });
  }

  private List<JobDelivery> take(int most) {
    long now = timeline.epochMillis();
    List<JobDelivery> some = new ArrayList<>();
    PartitionState next = mostUrgent(now);
    while (next != null && some.size() < most) {
      Item item = next.items.remove();
      some.add(new Delivery(next, item.entry(), item.offset()));
      delivered.increment();
      resume(next);
      // in turn: the partition is the last of those with this priority from now on
      partitions.remove(next.partition);
      partitions.put(next.partition, next);
      next = mostUrgent(now);
    }
    return some;
  }

  private @Nullable PartitionState mostUrgent(long now) {
    PartitionState best = null;
    int priority = Integer.MAX_VALUE;
    for (PartitionState state : partitions.values()) {
      Item first = state.ready(now);
      if (first != null
          && first.entry().dueMillis() <= now
          && first.entry().priority() < priority) {
        best = state;
        priority = first.entry().priority();
      }
    }
    return best;
  }

  private void answer(Promise<List<JobDelivery>> poll, List<JobDelivery> some) {
    if (waiting == poll) {
      waiting = null;
      waitingTimer.cancel();
      poll.complete(some);
    }
  }

  private void settle(PartitionState state, long offset) {
    state.settle(offset);
    Future<GroupReader> group = reader;
    if (group != null && group.succeeded() && partitions.get(state.partition) == state) {
      group.result().settled(state.partition, state.settled.mark());
      resume(state);
    }
  }

  private void resume(PartitionState state) {
    Future<GroupReader> group = reader;
    if (group != null && group.succeeded() && state.resumes()) {
      group.result().resume(state.partition);
    }
  }

  private void giveUp() {
    Promise<List<JobDelivery>> poll = waiting;
    if (poll != null) {
      answer(poll, List.of());
    }
  }

  @Override
  public Future<Void> close() {
    closed = true;
    nextTimer.cancel();
    giveUp();
    Future<GroupReader> group = reader;
    Future<Void> left =
        group == null ? Future.succeededFuture() : group.compose(GroupReader::close);
    return timeline
        .bring(left.otherwiseEmpty())
        .compose(over -> sender.close())
        .eventually(topics::close);
  }

  /** A record that a worker was given. */
  private final class Delivery implements JobDelivery {
    private final PartitionState state;
    private final JobEntry entry;
    private final long offset;
    private @Nullable Future<Void> settling;

    Delivery(PartitionState state, JobEntry entry, long offset) {
      this.state = state;
      this.entry = entry;
      this.offset = offset;
    }

    @Override
    public JobEntry entry() {
      return entry;
    }

    @Override
    public Future<Void> done() {
      return once(Future::succeededFuture);
    }

    @Override
    public Future<Void> retryAt(long dueMillis) {
      return once(() -> enqueue(entry.at(dueMillis)));
    }

    @Override
    public Future<Void> reject(String reason, int attempts) {
      return once(() -> bury(reason, attempts));
    }

    /** One settlement at a time; one that failed may be asked for again. */
    private Future<Void> once(java.util.function.Supplier<Future<Void>> settlement) {
      timeline.check();
      Future<Void> known = settling;
      if (known == null || known.failed()) {
        known = settlement.get().onSuccess(written -> settle(state, offset));
        settling = known;
      }
      return known;
    }

    private Future<Void> bury(String reason, int attempts) {
      String origin = state.partition + "@" + offset;
      String letter = EntryFormat.dead(entry, reason, attempts, origin, timeline.epochMillis());
      return sender
          .send(layout.dead(), entry.id(), letter)
          .onSuccess(written -> deadLetters.increment())
          .onFailure(
              thrown -> {
                LOG.error(
                    "{}: {} stops, since its dead letter cannot be written to {}: {}",
                    context.name(),
                    origin,
                    layout.dead(),
                    thrown.getMessage());
                state.stop(offset);
              });
    }

    void rejectUntilWritten(String reason) {
      reject(reason, 0)
          .onFailure(
              thrown -> {
                if (!closed && partitions.get(state.partition) == state) {
                  timeline.after(AGAIN_NANOS, () -> rejectUntilWritten(reason));
                }
              });
    }
  }
}
