package dev.forebay.core.balancing;

import dev.forebay.core.kernel.GuardedSpan;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.GuardedStream;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The way of requests through a pool: the choice of an endpoint, its answer, and what follows from
 * that for its load and its health. A choice and its end are on the gateway's timeline, the answer
 * on the request's.
 */
final class Dispatch {

  /** How many further endpoints a request is given to that do not have its model. */
  private static final int MOST_MOVES = 8;

  private final String name;
  private final Balancer balancer;
  private final Timeline timeline;
  private final PluginErrors errors;
  private final PoolEndpoints endpoints;
  private final Counter picks;
  private final Counter noEndpoint;
  private final Counter missingModels;
  private final Histogram inference;
  private int inFlight;

  /** Nothing is under way. */
  Dispatch(Balancer balancer, PoolEndpoints endpoints, PluginContext context, PluginErrors errors) {
    this.name = context.name();
    this.balancer = balancer;
    this.timeline = context.timeline();
    this.errors = errors;
    this.endpoints = endpoints;
    this.picks = context.counter("picks");
    this.noEndpoint = context.counter("no_endpoint");
    this.missingModels = context.counter("missing_models");
    this.inference = context.histogram("inference_seconds", Buckets.FINE_SECONDS);
    context.gauge("in_flight", () -> inFlight);
  }

  /** Requests under way. On the gateway's timeline. */
  int inFlight() {
    return inFlight;
  }

  /** Sends a request to an endpoint. */
  Future<InferenceResponse> serve(InferenceRequest request) {
    Promise<InferenceResponse> answer = Promise.promise();
    timeline.execute(() -> pick(request, 0, answer));
    return answer.future();
  }

  /**
   * Chooses.
   *
   * @param moves how many endpoints have said that they do not have the model
   */
  private void pick(InferenceRequest request, int moves, Promise<InferenceResponse> answer) {
    Timeline requestTimeline = request.call().timeline();
    long now = timeline.nanos();
    EndpointState chosen;
    try {
      chosen = choose(request, now);
    } catch (Exception | Error e) {
      Failure failure = errors.failure(name, e);
      requestTimeline.execute(() -> answer.tryFail(failure));
      return;
    }
    if (chosen == null) {
      noEndpoint.increment();
      Failure failure = endpoints.noneFits(request.info());
      requestTimeline.execute(() -> answer.tryFail(failure));
      return;
    }
    Pick pick = pick(chosen, request, now);
    inFlight++;
    picks.increment();
    try {
      balancer.dispatched(chosen, request.info());
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
    requestTimeline.execute(() -> send(request, pick, moves, answer));
  }

  private Pick pick(EndpointState chosen, InferenceRequest request, long now) {
    boolean cooling = chosen.health().cooling(now);
    boolean trial = chosen.health().halfOpen() && !cooling;
    if (trial) {
      endpoints.trialBegins(chosen);
    }
    return new Pick(
        chosen,
        chosen.dispatch(request.info()),
        trial,
        cooling,
        chosen.health().cooldownUntilNanos());
  }

  /**
   * A choice: who, on which backend, and whether the request is a trial of it.
   *
   * @param cooling whether a cooldown was ignored
   * @param cooldownUntilNanos the end of the endpoint's last cooldown at the pick
   */
  private record Pick(
      EndpointState endpoint,
      EndpointState.Lease lease,
      boolean trial,
      boolean cooling,
      long cooldownUntilNanos) {

    /** Whether an answer says that the endpoint is up again: no failure was later than the pick. */
    boolean proves() {
      return cooldownUntilNanos == endpoint.health().cooldownUntilNanos();
    }
  }

  /** The endpoint that is to answer, filtering included; null if none can be asked. */
  @Nullable EndpointState choose(InferenceRequest request, long now) {
    timeline.check();
    List<EndpointState> fresh = endpoints.fitting(request.attempt(), request.info(), now);
    if (fresh.isEmpty()) {
      return null;
    }
    Endpoint chosen = balancer.choose(request.info(), asEndpoints(fresh));
    if (chosen instanceof EndpointState state && Candidates.contains(fresh, state)) {
      return state;
    }
    throw errors.returned(balancer, "choose", String.valueOf(chosen), "one of the candidates");
  }

  /** The list is unmodifiable, so that it may be seen as one of a wider type. */
  @SuppressWarnings("unchecked")
  private static List<Endpoint> asEndpoints(List<? extends Endpoint> unmodifiable) {
    return (List<Endpoint>) unmodifiable;
  }

  private void send(
      InferenceRequest request, Pick pick, int moves, Promise<InferenceResponse> answer) {
    EndpointState endpoint = pick.endpoint();
    Timeline requestTimeline = request.call().timeline();
    requestTimeline.check();
    long now = requestTimeline.nanos();
    Future<InferenceResponse> served;
    RequestSpan span = null;
    if (request.call().ended()) {
      served = Future.failedFuture(Endings.why(request.call()));
    } else {
      request.call().reached(endpoint.id());
      try {
        Backend backend = pick.lease().backend();
        span = GuardedSpan.ofTry(request, pick.lease().facts());
        InferenceRequest sent = GuardedSpan.sent(request, span);
        served = errors.required(backend.serve(sent), backend, "serve", "a future of a response");
      } catch (Exception | Error e) {
        served = Future.failedFuture(errors.failure(endpoint.id(), e));
      }
    }
    Future<InferenceResponse> guarded =
        Endings.guardFirst(
            request.call(),
            now,
            served,
            response -> GuardedStream.guard(request.call(), now, response, endpoint.id(), errors),
            GuardedSpan.telling(
                span, outcome -> timeline.execute(() -> finish(request, pick, outcome))));
    guarded.onComplete(
        result -> {
          if (result.succeeded()) {
            if (pick.trial() || pick.cooling()) {
              timeline.execute(() -> passed(pick, request.info().model()));
            }
            answer.complete(result.result());
          } else {
            fail(request, endpoint, moves, result.cause(), answer);
          }
        });
  }

  private void passed(Pick pick, String model) {
    timeline.check();
    if (pick.proves()) {
      endpoints.passed(pick.endpoint(), pick.cooling(), model);
    }
  }

  /** The failure as the stages before see it: with its endpoint, and a wait only if it helps. */
  private void fail(
      InferenceRequest request,
      EndpointState endpoint,
      int moves,
      Throwable cause,
      Promise<InferenceResponse> answer) {
    Failure failure =
        (cause instanceof Failure known ? known : errors.failure(endpoint.id(), cause))
            .at(endpoint.id());
    if (failure.status() == Status.MODEL_MISSING && moves < MOST_MOVES) {
      InferenceRequest again = request.with(request.attempt().next(endpoint.id()));
      timeline.execute(() -> move(again, moves + 1, failure, answer));
      return;
    }
    if (failure.retryAfterNanos() <= 0) {
      answer.tryFail(failure);
      return;
    }
    timeline.execute(
        () -> {
          Attempt next = request.attempt().next(endpoint.id());
          List<EndpointState> fresh = endpoints.fitting(next, request.info(), timeline.nanos());
          boolean elsewhere =
              !fresh.isEmpty()
                  && !fresh.contains(endpoint)
                  && !request.attempt().avoid().contains(fresh.get(0).id());
          Failure told = elsewhere ? failure.retryAfter(-1) : failure;
          request.call().timeline().execute(() -> answer.tryFail(told));
        });
  }

  /**
   * Gives a request to another endpoint, since one does not have its model. That is no retry: the
   * first one did no work, and gets no more such requests for a while. So it draws on no budget,
   * but is bounded.
   */
  private void move(
      InferenceRequest request, int moves, Failure failure, Promise<InferenceResponse> answer) {
    boolean elsewhere = endpoints.someHave(request.info().model());
    if (!elsewhere || request.call().ended()) {
      request.call().timeline().execute(() -> answer.tryFail(failure));
    } else {
      pick(request, moves, answer);
    }
  }

  private void finish(InferenceRequest request, Pick pick, Outcome outcome) {
    timeline.check();
    EndpointState endpoint = pick.endpoint();
    long now = timeline.nanos();
    inFlight--;
    if (pick.trial()) {
      endpoints.trialEnds(endpoint);
    }
    endpoint.finish(pick.lease(), request.info(), outcome, now);
    if (outcome.status() == Status.OK) {
      inference.record(outcome.timings().durationNanos());
    }
    if (outcome.status() == Status.MODEL_MISSING && !endpoint.removed()) {
      missingModels.increment();
      endpoints.lacks(endpoint, request.info().model(), now);
    }
    try {
      balancer.finished(endpoint, request.info(), outcome);
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
    endpoints.finished(endpoint, outcome, pick.trial(), now);
  }
}
