package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Endpoints around a balancer, with requests in flight counted as the framework counts them. */
final class FakePool {

  private final Balancer balancer;
  private final List<FakeEndpoint> endpoints;
  private final Map<String, Integer> picks = new LinkedHashMap<>();

  FakePool(Balancer balancer, List<FakeEndpoint> endpoints) {
    this.balancer = balancer;
    this.endpoints = endpoints;
    balancer.members(List.copyOf(endpoints));
    endpoints.forEach(endpoint -> picks.put(endpoint.id(), 0));
  }

  /** Lets the balancer choose, and checks that it chose a candidate. */
  FakeEndpoint choose(RequestInfo request) {
    Endpoint chosen = choose(balancer, request, List.copyOf(endpoints));
    for (FakeEndpoint endpoint : endpoints) {
      if (endpoint == chosen) {
        picks.merge(endpoint.id(), 1, Integer::sum);
        return endpoint;
      }
    }
    throw new AssertionError(chosen);
  }

  /** Lets a balancer choose, and fails the rule if it chose no candidate. */
  static Endpoint choose(Balancer balancer, RequestInfo request, List<Endpoint> candidates) {
    Endpoint chosen = balancer.choose(request, candidates);
    require(chosen != null, "choose returned null (expected: one of %s)", candidates);
    require(
        candidates.stream().anyMatch(candidate -> candidate == chosen),
        "chose %s (expected: one of %s)",
        chosen,
        candidates);
    return chosen;
  }

  /** Chooses, counts, and tells the balancer that the request was sent. */
  FakeEndpoint dispatch(RequestInfo request) {
    FakeEndpoint chosen = choose(request);
    count(chosen, request, 1);
    balancer.dispatched(chosen, request);
    return chosen;
  }

  /** A request is over. */
  void finish(FakeEndpoint endpoint, RequestInfo request, Outcome outcome) {
    count(endpoint, request, -1);
    balancer.finished(endpoint, request, outcome);
  }

  private static void count(FakeEndpoint endpoint, RequestInfo request, int sign) {
    int tokens = request.promptTokens() + request.maxOutputTokens();
    endpoint.inFlight(endpoint.inFlight() + sign);
    endpoint.inFlightTokens(endpoint.inFlightTokens() + (long) sign * tokens);
  }

  /** How often an endpoint was chosen. */
  int picks(String id) {
    return picks.getOrDefault(id, 0);
  }

  /** Sends requests of as many callers, each over after a second, so that ten are in flight. */
  void serve(TestContext context, int requests) {
    RequestInfo[] open = new RequestInfo[10];
    FakeEndpoint[] at = new FakeEndpoint[10];
    for (int i = 0; i < requests; i++) {
      int slot = i % open.length;
      long now = context.timeline().nanos();
      if (i >= open.length) {
        finish(at[slot], open[slot], Outcomes.ok(Math.max(0, now - 1_000_000_000L), 1_000_000_000));
      }
      open[slot] =
          Requests.chat("r" + i, Requests.caller(i), now)
              .withPrompt(Requests.PROMPT_TOKENS, Requests.key(i), Requests.prefix(i, 4));
      at[slot] = dispatch(open[slot]);
      context.pass(100_000_000);
    }
    require(endpoints.stream().allMatch(one -> one.inFlight() >= 0), "in flight below 0");
  }

  @Override
  public String toString() {
    return picks.toString();
  }
}
