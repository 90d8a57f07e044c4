package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.conformance.ScriptedRest.Script;
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
import java.util.stream.IntStream;

/** A filter under test in virtual time, on a timeline apart from those of its requests. */
final class FilterTrial {

  /** Requests of which a filter must not keep a slot each. */
  static final int MANY = 200;

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

  /** How requests end before others come. */
  enum Before {
    /** With a complete answer. */
    ANSWERED("were answered", Script.ANSWERS),
    /** The caller leaves, each at another moment. */
    GIVEN_UP("were given up", Script.ANSWERS),
    /** The rest of the chain fails. */
    REFUSED("the rest of the chain refused", Script.REFUSES),
    /** The stream breaks. */
    CUT("broke after their first content", Script.BREAKS);

    private final String how;
    private final Script script;

    Before(String how, Script script) {
      this.how = how;
      this.script = script;
    }

    String how() {
      return how;
    }
  }

  /**
   * Lets many requests end in one way. They must leave nothing an hour later.
   *
   * @return how many of as many requests are answered then, one after the other
   */
  int answeredAfter(Before before) {
    ScriptedRest rest = new ScriptedRest(before.script);
    for (int i = 0; i < MANY; i++) {
      Sent sent = send("r" + i, rest);
      if (before == Before.GIVEN_UP) {
        context.pass(i % 50 * 1_000_000L);
        if (i % 2 == 0 && sent.head().succeeded()) {
          sent.call().timeline().execute(sent.head().result().tokens()::cancel);
        }
      } else if (answered(sent).succeeded()) {
        Reading.all(stage, sent.head().result().tokens());
      }
      end(sent);
    }
    requireNothingLeft(rest, before);
    return (int) IntStream.range(0, MANY).filter(i -> isAnswered("later-" + i)).count();
  }

  private void requireNothingLeft(ScriptedRest rest, Before before) {
    context.passSeconds(3_600);
    String those = MANY + " requests that " + before.how;
    require(rest.open() == 0, "%d of %s are open an hour later", rest.open(), those);
    int pending = context.timeline().pending();
    require(
        pending == 0, "%d actions are scheduled an hour after %s (expected: 0)", pending, those);
  }

  private boolean isAnswered(String id) {
    Sent sent = send(id, new ScriptedRest(Script.ANSWERS));
    boolean whole =
        answered(sent).succeeded()
            && Reading.all(stage, sent.head().result().tokens()).failure() == null;
    end(sent);
    return whole;
  }

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
