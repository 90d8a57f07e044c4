package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Call;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A filter under test in virtual time, on a timeline apart from those of its requests. */
final class FilterTrial {

  final TestContext context;
  final Stage stage;
  final Timeline gateway;
  final Filter filter;
  private final FilterContract contract;

  FilterTrial(FilterContract contract) {
    this.contract = contract;
    this.context = contract.lend(TestContext.create());
    this.stage = Stage.virtual(context);
    this.gateway = context.timeline().beside("the gateway's timeline");
    this.filter = contract.plugin().create(new OnGateway(context, gateway));
  }

  /** A request on its way: its call, and the answer. */
  record Sent(Call call, Future<InferenceResponse> head) {}

  /** Sends a request on its timeline. */
  Sent send(String id, Service rest) {
    return send(id, context.timeline(), rest);
  }

  /** Sends a request on a timeline. */
  Sent send(String id, Timeline timeline, Service rest) {
    Call call = Call.root(timeline);
    return new Sent(call, send(contract.request(id, call), rest));
  }

  Future<InferenceResponse> send(InferenceRequest request, Service rest) {
    Promise<InferenceResponse> answer = Promise.promise();
    request
        .call()
        .timeline()
        .execute(
            () -> {
              Future<InferenceResponse> served = filter.serve(request, rest);
              require(served != null, "serve returned null (expected: a future)");
              served.onComplete(answer);
            });
    return answer.future();
  }

  /** The stream of the answer to a request. */
  TokenStream tokens(Sent sent) {
    Future<InferenceResponse> head = answered(sent);
    require(
        head.succeeded(),
        "the filter did not pass the request on: %s (expected: an answer; if it refuses such"
            + " requests, override request() to give one that passes)",
        head.cause());
    return head.result().tokens();
  }

  /** Waits until a request has an answer or a failure. */
  Future<InferenceResponse> answered(Sent sent) {
    for (int step = 0; step < 600 && !sent.head().isComplete(); step++) {
      context.passSeconds(1);
    }
    require(sent.head().isComplete(), "no answer and no failure within 10 minutes");
    return sent.head();
  }

  /** Ends the call of a request, on its timeline. */
  void end(Sent sent) {
    sent.call().timeline().execute(sent.call()::end);
  }

  /** What the filter is made with: as of a test, but on the gateway's timeline. */
  private record OnGateway(TestContext context, Timeline timeline) implements PluginContext {

    @Override
    public String name() {
      return context.name();
    }

    @Override
    public RandomGenerator random() {
      return context.random();
    }

    @Override
    public Labelled<Counter> counters(String name, Label... labels) {
      return context.counters(name, labels);
    }

    @Override
    public Labelled<Gauge> gauges(String name, Label... labels) {
      return context.gauges(name, labels);
    }

    @Override
    public Labelled<Histogram> histograms(String name, Buckets buckets, Label... labels) {
      return context.histograms(name, buckets, labels);
    }

    @Override
    public PluginContext child(String part) {
      return context.child(part);
    }

    @Override
    public <T> Optional<T> resource(Class<T> type) {
      return context.resource(type);
    }
  }
}
