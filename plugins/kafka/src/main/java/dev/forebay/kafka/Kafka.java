package dev.forebay.kafka;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;

/**
 * A queue of jobs in a Kafka: topics by priority, topics for entries that wait, and one for dead
 * letters. Workers are a group; an instance joins it when it is first asked for entries.
 *
 * @param brokers how it is reached
 * @param prefix what its topics and its group begin with
 * @param levels topics by priority; the last one has all priorities above
 * @param delays how long entries wait in each topic for those that are not due, the shortest first
 * @param createTopics whether topics that are missing are made
 * @param partitions of topics that are made: as many workers can share them at most
 * @param replicationFactor of topics that are made
 * @param spread partitions of a topic that a tenant's entries are in at most
 * @param window entries of a partition that may be unsettled, from the first to the last
 * @param session how long a worker may be silent until its partitions are given to others
 */
@RecordBuilder
@Doc("Jobs in topics of a Kafka by priority, with topics for delays and for dead letters.")
public record Kafka(
    @Doc("How it is reached.") @Default("{}") Brokers brokers,
    @Doc("What its topics and its group begin with.") @Default("forebay-jobs") String prefix,
    @Doc("Topics by priority: the last one has all that are less urgent.")
        @Default("3")
        @Range(min = 1, max = 8)
        int levels,
    @Doc(
            "How long entries wait in each of the topics for those that are not due, the shortest"
                + " first. One that is left out later is not read any more.")
        @Default("[1s, 5s, 20s, 1m, 5m, 30m, 4h]")
        @Range(min = 0.1, max = 604_800)
        List<Duration> delays,
    @Doc("Whether topics that are missing are made.") @Default("true") boolean createTopics,
    @Doc("Partitions of topics that are made; as many workers can share them at most.")
        @Default("8")
        @Range(min = 1, max = 1_000)
        int partitions,
    @Doc("Copies of topics that are made; -1 for the default of the brokers.")
        @Default("-1")
        @Range(min = -1, max = 10)
        int replicationFactor,
    @Doc("Partitions of a topic that a tenant's entries are in at most.")
        @Default("4")
        @Range(min = 1, max = 1_000)
        int spread,
    @Doc(
            "Entries of a partition from the first that is unsettled to the last that is read; no"
                + " more are read until the first is settled.")
        @Default("10000")
        @Range(min = 1, max = 1e6)
        int window,
    @Doc("How long a worker may be silent until its partitions are given to others.")
        @Default("10s")
        @Range(min = 1, max = 600)
        Duration session)
    implements Plugin<JobQueue>, KafkaBuilder.With {

  /** Checks, and copies. */
  public Kafka {
    delays = List.copyOf(delays);
    if (!prefix.matches("[A-Za-z0-9._-]{1,100}")) {
      throw new IllegalArgumentException(
          "prefix: " + prefix + " (expected: 1 to 100 letters, digits, and . _ -)");
    }
    if (delays.isEmpty() || !delays.equals(delays.stream().sorted().distinct().toList())) {
      throw new IllegalArgumentException(
          "delays: " + delays + " (expected: at least one, each longer than the one before)");
    }
  }

  /** Topics in a Kafka, with everything else at its default. */
  public static Kafka at(Brokers brokers) {
    return Options.defaults(Kafka.class).withBrokers(brokers);
  }

  @Override
  public JobQueue create(PluginContext context) {
    return new KafkaQueue(this, vertx(context), context);
  }

  static Vertx vertx(PluginContext context) {
    return context
        .resource(Vertx.class)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "kafka: there is no network here (expected: a gateway on Vert.x; in virtual"
                        + " time use the plugin memory, or letter-ring)"));
  }
}
