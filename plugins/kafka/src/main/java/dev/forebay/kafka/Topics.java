package dev.forebay.kafka;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Topics as the brokers have them. Asked beside the timeline. */
final class Topics {

  private static final Logger LOG = LoggerFactory.getLogger(Topics.class);

  /** How topics that are missing are made. */
  record Making(int partitions, int replicationFactor, Map<String, String> settings) {}

  private final Brokers brokers;
  private final Vertx vertx;
  private final Timeline timeline;
  private final String name;
  private @Nullable Admin admin;
  private boolean warned;

  Topics(Brokers brokers, Vertx vertx, PluginContext context) {
    this.brokers = brokers;
    this.vertx = vertx;
    this.timeline = context.timeline();
    this.name = context.name();
  }

  /** Makes what is missing, if it is said how; fails if topics are missing still. */
  Future<Void> ensure(List<String> all, @Nullable Making making) {
    return blocking(
        () -> {
          List<String> missing = missing(all);
          if (!missing.isEmpty() && making != null) {
            make(missing, making);
          } else if (!missing.isEmpty()) {
            throw new IllegalStateException(
                "topics: " + missing + " are missing (expected: made, or create-topics: true)");
          }
          return null;
        });
  }

  private List<String> missing(List<String> all)
      throws ExecutionException, InterruptedException, TimeoutException {
    List<String> missing = new ArrayList<>();
    for (Map.Entry<String, KafkaFuture<TopicDescription>> each :
        admin().describeTopics(all).topicNameValues().entrySet()) {
      try {
        warn(get(each.getValue()));
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
          throw e;
        }
        missing.add(each.getKey());
      }
    }
    return missing;
  }

  private void warn(TopicDescription topic) {
    int copies = topic.partitions().get(0).replicas().size();
    if (copies < 2 && !warned) {
      warned = true;
      LOG.warn(
          "{}: topic {} has {} copy: jobs wait for their check time if its broker is lost"
              + " (expected: 3, and min.insync.replicas 2)",
          name,
          topic.name(),
          copies);
    }
  }

  private void make(List<String> missing, Making making)
      throws ExecutionException, InterruptedException, TimeoutException {
    Optional<Short> copies =
        making.replicationFactor() < 1
            ? Optional.empty()
            : Optional.of((short) making.replicationFactor());
    List<NewTopic> topics =
        missing.stream()
            .map(
                topic ->
                    new NewTopic(topic, Optional.of(making.partitions()), copies)
                        .configs(making.settings()))
            .toList();
    for (KafkaFuture<Void> each : admin().createTopics(topics).values().values()) {
      try {
        get(each);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof TopicExistsException)) {
          throw e;
        }
      }
    }
  }

  /** Records that are not settled by the group; -1 if it cannot be told. */
  Future<Long> depth(List<String> names, String group) {
    return blocking(
            () -> {
              Map<TopicPartition, OffsetSpec> ends = new LinkedHashMap<>();
              Map<TopicPartition, OffsetSpec> begins = new LinkedHashMap<>();
              for (TopicDescription topic :
                  get(admin().describeTopics(names).allTopicNames()).values()) {
                topic
                    .partitions()
                    .forEach(
                        each -> {
                          TopicPartition one = new TopicPartition(topic.name(), each.partition());
                          ends.put(one, OffsetSpec.latest());
                          begins.put(one, OffsetSpec.earliest());
                        });
              }
              return depth(
                  get(admin().listOffsets(begins).all()),
                  get(admin().listOffsets(ends).all()),
                  get(admin().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
            })
        .otherwise(-1L);
  }

  private static long depth(
      Map<TopicPartition, ListOffsetsResultInfo> begins,
      Map<TopicPartition, ListOffsetsResultInfo> ends,
      Map<TopicPartition, OffsetAndMetadata> committed) {
    long depth = 0;
    for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end : ends.entrySet()) {
      ListOffsetsResultInfo begin = begins.get(end.getKey());
      OffsetAndMetadata mark = committed.get(end.getKey());
      long from = mark != null ? mark.offset() : begin == null ? 0 : begin.offset();
      depth += Math.max(0, end.getValue().offset() - from);
    }
    return depth;
  }

  private <T> T get(KafkaFuture<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.get(2 * brokers.timeout().toMillis(), TimeUnit.MILLISECONDS);
  }

  private synchronized Admin admin() {
    Admin known = admin;
    if (known == null) {
      Map<String, Object> properties = new HashMap<>(brokers.common());
      int millis = (int) brokers.timeout().toMillis();
      properties.put("default.api.timeout.ms", millis);
      properties.put("request.timeout.ms", Math.min(5_000, millis));
      known = Admin.create(properties);
      admin = known;
    }
    return known;
  }

  /** Runs work beside the timeline; the future completes on it. */
  <T extends @Nullable Object> Future<T> blocking(Callable<T> work) {
    return timeline
        .bring(vertx.executeBlocking(work, false))
        .recover(thrown -> Future.failedFuture(plain(thrown)));
  }

  private static Throwable plain(Throwable thrown) {
    return thrown instanceof ExecutionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
  }

  /** Closes what asks the cluster; does not fail. */
  Future<Void> close() {
    Future<Void> closing =
        blocking(
            () -> {
              synchronized (this) {
                Admin known = admin;
                if (known != null) {
                  known.close(Duration.ofSeconds(2));
                }
                return null;
              }
            });
    return closing
        .onFailure(thrown -> LOG.info("{}: {}", name, thrown.getMessage()))
        .otherwiseEmpty();
  }
}
