package dev.forebay.replay.run;

import dev.forebay.gateway.Gateway;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import dev.forebay.spi.metrics.Distribution;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The gateways of a run, behind a load balancer that gives requests to them in turn. They are
 * alike, know nothing of each other, and share what is outside of them: the servers, and Redis.
 */
final class Gateways implements Service {

  /** How the name of each gauge of a queue's length ends. */
  static final String QUEUE_LENGTH = ".queue_length";

  private final List<Gateway> all;
  private int next;

  /** Some gateways, at least one. */
  Gateways(List<Gateway> all) {
    this.all = List.copyOf(all);
  }

  List<Gateway> all() {
    return all;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Gateway turn = all.get(next);
    next = (next + 1) % all.size();
    return turn.serve(request);
  }

  void start() {
    all.forEach(Gateway::start);
  }

  void close() {
    all.forEach(Gateway::close);
  }

  /** What the first plugin that broke its contract did; null if none has. */
  @Nullable String pluginError() {
    return all.stream().map(Gateway::pluginError).filter(Objects::nonNull).findFirst().orElse(null);
  }

  /** Requests that are under way in any of them. */
  int open() {
    return all.stream().mapToInt(Gateway::open).sum();
  }

  /** Requests that wait in their queues. */
  double waiting() {
    return gauges().entrySet().stream()
        .filter(gauge -> gauge.getKey().endsWith(QUEUE_LENGTH))
        .mapToDouble(Map.Entry::getValue)
        .sum();
  }

  /** The sums of their counters. */
  SortedMap<String, Long> counters() {
    return sums(Gateway::counters, Long::sum);
  }

  /** The sums of their gauges. */
  SortedMap<String, Double> gauges() {
    return sums(Gateway::gauges, Double::sum);
  }

  /** Their histograms together. */
  SortedMap<String, Distribution> histograms() {
    return sums(
        gateway -> {
          SortedMap<String, Distribution> own = new TreeMap<>();
          gateway
              .metrics()
              .snapshot()
              .histograms()
              .forEach((series, distribution) -> own.put(series.toString(), distribution));
          return own;
        },
        Distribution::plus);
  }

  private <T> SortedMap<String, T> sums(
      Function<Gateway, SortedMap<String, T>> figures, BinaryOperator<T> plus) {
    SortedMap<String, T> sums = new TreeMap<>();
    all.forEach(
        gateway ->
            figures.apply(gateway).forEach((name, figure) -> sums.merge(name, figure, plus)));
    return sums;
  }
}
