package dev.forebay.replay.run;

import dev.forebay.gateway.Gateway;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.metrics.Distribution;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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

  /**
   * What they answer to a question about a job, which one of them has.
   *
   * @param path what is asked of it: {@code /events}, or nothing for the job itself
   * @return fails if none of them has it
   */
  Future<RouteAnswer> ask(String job, String path, String tenant) {
    return ask(0, job, path, tenant);
  }

  private Future<RouteAnswer> ask(int place, String job, String path, String tenant) {
    Gateway one = all.get(place);
    Optional<HttpRoute> route =
        one.routes().all(HttpRoutes.Listener.EDGE).stream()
            .filter(each -> each.method().equals("GET"))
            .filter(each -> each.path().equals("/v1/jobs/:id" + path))
            .findFirst();
    if (route.isEmpty()) {
      return Future.failedFuture(Failure.internal("no route of jobs", null));
    }
    RouteRequest request =
        new RouteRequest(
            Map.of("id", job),
            Map.of(),
            HttpHead.NONE,
            new Caller(tenant, "", tenant, "", ""),
            Buffer.buffer());
    Promise<RouteAnswer> answer = Promise.promise();
    one.timeline().execute(() -> route.get().handler().handle(request).onComplete(answer));
    return place + 1 == all.size()
        ? answer.future()
        : answer.future().recover(thrown -> ask(place + 1, job, path, tenant));
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
