package dev.forebay.kafka;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.DeadLetterStore;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;

/**
 * Dead letters in a topic of a Kafka, one record of JSON for each. With the topic of the job queue
 * {@code kafka}, which ends with {@code .dead}, it lists the jobs that were given up.
 *
 * @param brokers how it is reached
 * @param topic where letters are
 * @param createTopic whether the topic is made if it is missing
 * @param replicationFactor of a topic that is made
 * @param keep how long a topic that is made keeps letters
 * @param most records of a partition that are looked at, the newest
 */
@RecordBuilder
@Doc("Dead letters in a topic of a Kafka; also those of the job queue kafka.")
public record LetterTopic(
    @Doc("How it is reached.") @Default("{}") Brokers brokers,
    @Doc("The topic; that of a job queue is its prefix and .dead.") @Default("forebay-letters")
        String topic,
    @Doc("Whether the topic is made if it is missing, with one partition.") @Default("true")
        boolean createTopic,
    @Doc("Copies of a topic that is made; -1 for the default of the brokers.")
        @Default("-1")
        @Range(min = -1, max = 10)
        int replicationFactor,
    @Doc("How long a topic that is made keeps letters.")
        @Default("7d")
        @Range(min = 60, max = 31_536_000)
        Duration keep,
    @Doc("Records of a partition that are looked at, the newest.")
        @Default("10000")
        @Range(min = 1, max = 1e6)
        @Unit("records")
        int most)
    implements Plugin<DeadLetterStore>, LetterTopicBuilder.With {

  /** Checks. */
  public LetterTopic {
    if (!topic.matches("[A-Za-z0-9._-]{1,249}")) {
      throw new IllegalArgumentException(
          "topic: " + topic + " (expected: 1 to 249 letters, digits, and . _ -)");
    }
  }

  /** A topic, with everything else at its default. */
  public static LetterTopic at(Brokers brokers, String topic) {
    return Options.defaults(LetterTopic.class).withBrokers(brokers).withTopic(topic);
  }

  @Override
  public DeadLetterStore create(PluginContext context) {
    return new TopicStore(this, Kafka.vertx(context), context);
  }
}
