package dev.forebay.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The one Kafka that most tests share, started when the first asks; and prefixes of their own. */
final class SharedBroker {

  private static final AtomicInteger PREFIXES = new AtomicInteger();

  private SharedBroker() {}

  static KafkaProcess get() {
    return Holder.SHARED;
  }

  /** A queue of its own, with few topics. */
  static Kafka options() {
    return options(get());
  }

  static Kafka options(KafkaProcess broker) {
    return Kafka.at(Brokers.at(broker.servers()))
        .withPrefix("test-" + PREFIXES.incrementAndGet())
        .withPartitions(2)
        .withLevels(2)
        .withDelays(List.of(Duration.ofMillis(500), Duration.ofSeconds(2)))
        .withSession(Duration.ofSeconds(3));
  }

  private static final class Holder {
    static final KafkaProcess SHARED = start();

    private static KafkaProcess start() {
      try {
        return KafkaProcess.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
