package dev.forebay.kafka;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.kafka.client.producer.KafkaProducer;
import io.vertx.kafka.client.producer.KafkaProducerRecord;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records; each future completes on the timeline when all replicas in sync have
 * acknowledged, and within twice the timeout in any case.
 */
final class Sender {

  private static final int MOST_UNDER_WAY = 10_000;

  private final Brokers brokers;
  private final Vertx vertx;
  private final Timeline timeline;
  private final Counter failures;
  private @Nullable Future<KafkaProducer<String, String>> producer;
  private int underWay;

  Sender(Brokers brokers, Vertx vertx, PluginContext context) {
    this.brokers = brokers;
    this.vertx = vertx;
    this.timeline = context.timeline();
    this.failures = context.counter("write_failures");
  }

  Future<Void> send(String topic, String key, String value) {
    timeline.check();
    if (underWay >= MOST_UNDER_WAY) {
      failures.increment();
      return Future.failedFuture("kafka: " + underWay + " writes are under way (expected: fewer)");
    }
    underWay++;
    Future<Void> sent =
        producer()
            .compose(made -> made.send(KafkaProducerRecord.create(topic, key, value)))
            .mapEmpty();
    return timeline
        .within(
            2 * brokers.timeout().toNanos(),
            sent,
            () -> new TimeoutException("kafka: not acknowledged within " + 2 * seconds() + " s"))
        .onComplete(
            result -> {
              underWay--;
              if (result.failed()) {
                failures.increment();
              }
            });
  }

  private double seconds() {
    return brokers.timeout().toMillis() / 1_000.0;
  }

  /** Made beside the timeline, since that takes long; made again if it failed. */
  private Future<KafkaProducer<String, String>> producer() {
    Future<KafkaProducer<String, String>> known = producer;
    if (known == null || known.failed()) {
      known = vertx.executeBlocking(this::make, false);
      producer = known;
    }
    return known;
  }

  /** Its writes tell what fails; the handler would be told a second time. */
  private KafkaProducer<String, String> make() {
    return KafkaProducer.<String, String>create(
            vertx, brokers.producer(), new StringSerializer(), new StringSerializer())
        .exceptionHandler(thrown -> {});
  }

  Future<Void> close() {
    Future<KafkaProducer<String, String>> known = producer;
    Future<Void> closed =
        known == null
            ? Future.succeededFuture()
            : known.compose(made -> made.close(Duration.ofSeconds(2).toMillis()));
    return timeline.bring(closed.otherwiseEmpty());
  }
}
