package dev.forebay.kafka;

import dev.forebay.dialect.DeadLetterJson;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Letters in a topic. One that is dropped stays there until its time is over, with a later record
 * that says so. Reading begins at the end, with a consumer of no group.
 */
final class TopicStore implements DeadLetterStore, Lifecycle {

  private static final String DROPPED = "dropped";
  private static final Duration POLL = Duration.ofMillis(200);

  private final LetterTopic options;
  private final Topics topics;
  private final Sender sender;
  private @Nullable Future<Void> made;

  TopicStore(LetterTopic options, Vertx vertx, PluginContext context) {
    this.options = options;
    this.topics = new Topics(options.brokers(), vertx, context);
    this.sender = new Sender(options.brokers(), vertx, context);
  }

  /** The topic is there; asked once, and again if that failed. */
  private Future<Void> ready() {
    Future<Void> known = made;
    if (known == null || known.failed()) {
      Map<String, String> settings = Map.of("retention.ms", "" + options.keep().toMillis());
      known =
          topics.ensure(
              List.of(options.topic()),
              options.createTopic()
                  ? new Topics.Making(1, options.replicationFactor(), settings)
                  : null);
      made = known;
    }
    return known;
  }

  /** A letter that is larger than the topic allows is kept without its body. */
  @Override
  public Future<Void> keep(DeadLetter letter) {
    return ready()
        .compose(there -> send(letter.id(), DeadLetterJson.of(letter)))
        .recover(
            thrown ->
                thrown instanceof RecordTooLargeException && letter.body() != null
                    ? send(letter.id(), DeadLetterJson.of(letter.withoutBody()))
                    : Future.failedFuture(thrown));
  }

  @Override
  public Future<List<DeadLetter>> newest(int most) {
    return ready().compose(there -> topics.blocking(() -> read(most)));
  }

  @Override
  public Future<Boolean> drop(String id) {
    return newest(Integer.MAX_VALUE)
        .compose(
            letters ->
                letters.stream().anyMatch(letter -> letter.id().equals(id))
                    ? send(id, new JsonObject().put(DROPPED, id)).map(true)
                    : Future.succeededFuture(false));
  }

  @Override
  public Future<Void> close() {
    return sender.close().eventually(topics::close);
  }

  private Future<Void> send(String key, JsonObject value) {
    return sender.send(options.topic(), key, value.encode());
  }

  private List<DeadLetter> read(int most) {
    List<DeadLetter> letters = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (ConsumerRecord<String, String> record : newestRecords()) {
      try {
        JsonObject json = new JsonObject(record.value());
        String gone = json.getString(DROPPED);
        String id = gone == null ? json.getString("id") : gone;
        if (seen.add(id) && gone == null && letters.size() < most) {
          letters.add(DeadLetterJson.read(json));
        }
      } catch (DecodeException
          | IllegalArgumentException
          | ClassCastException
          | NullPointerException e) {
        // no letter
      }
    }
    return letters;
  }

  /** The newest first. */
  private List<ConsumerRecord<String, String>> newestRecords() {
    Map<String, Object> properties = new HashMap<>(options.brokers().common());
    properties.put("enable.auto.commit", "false");
    properties.put("auto.offset.reset", "earliest");
    properties.put("default.api.timeout.ms", (int) options.brokers().timeout().toMillis());
    List<ConsumerRecord<String, String>> all = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer =
        new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(options.topic()).stream()
              .map(each -> new TopicPartition(each.topic(), each.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      ends.forEach(
          (each, end) ->
              consumer.seek(each, Math.max(begins.getOrDefault(each, 0L), end - options.most())));
      long turns = Math.max(1, 2 * options.brokers().timeout().toMillis() / POLL.toMillis());
      while (turns > 0
          && ends.entrySet().stream()
              .anyMatch(each -> consumer.position(each.getKey()) < each.getValue())) {
        turns -= 1;
        consumer.poll(POLL).forEach(all::add);
      }
    }
    all.sort(
        Comparator.<ConsumerRecord<String, String>>comparingLong(ConsumerRecord::timestamp)
            .thenComparingLong(ConsumerRecord::offset)
            .reversed());
    return all;
  }
}
