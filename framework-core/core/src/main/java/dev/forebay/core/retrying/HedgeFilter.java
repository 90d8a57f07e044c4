package dev.forebay.core.retrying;

import dev.forebay.core.cost.Billing;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.kernel.LatencyWindow;
import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.spi.Call;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks a second endpoint where the first is slow to speak; the first <em>content</em> wins (Dean
 * and Barroso, "The Tail at Scale", 2013). A role, a keep-alive, an error or an empty answer never
 * does. The loser is cancelled, and what it cost is counted.
 *
 * <p><b>When.</b> After a fixed time, or after a percentile of the times to first content that the
 * model's first calls took of late, counted from the moment at which an endpoint was given the
 * request: one that still queues in the gateway is not hedged, because that would only lengthen the
 * queue. A first call that lost is a sample as well, of at least the time it had: without those the
 * percentile would sink with each hedge that wins.
 *
 * <p><b>How many.</b> Each extra call comes out of the budget for extra work, is within a share of
 * the requests, and within a share of what their prompts cost. Requests of priority 0 have such
 * shares of their own: if all endpoints are slow, the calls of others do not use up theirs.
 */
final class HedgeFilter implements OwnFilter {

  /** Models whose times are kept apart; further ones share. */
  static final int MAX_MODELS = 64;

  static final int WINDOW = 2000;

  private final Hedge options;
  private final RetryBudget budget;
  private final Billing billing;
  private final Map<String, LatencyWindow> windows = new LinkedHashMap<>();
  private final Caps urgent;
  private final Caps others;
  private final AtomicInteger running = new AtomicInteger();
  final Counter won;
  final Counter lostTokens;
  final Counter lostNanodollars;
  private final Counter sent;
  private final Counter capped;
  private final Counter denied;

  /** A filter with its options, drawing on a gateway's budget. */
  public HedgeFilter(Hedge options, RetryBudget budget, Prices prices, PluginContext context) {
    this.options = options;
    this.budget = budget;
    this.billing = new Billing(prices);
    this.urgent = Caps.of(options);
    this.others = Caps.of(options);
    this.sent = context.counter("sent");
    this.won = context.counter("won");
    this.capped = context.counter("capped");
    this.denied = context.counter("budget_denied");
    this.lostTokens = context.counter("lost_tokens");
    this.lostNanodollars = context.counter("lost_nanodollars");
    context.gauge("in_flight", running::get);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    if (!request.info().stream() && !options.wholeAnswers()) {
      return next.serve(request);
    }
    double weight = weight(request);
    synchronized (urgent) {
      urgent.seen(weight);
      others.seen(weight);
    }
    running.incrementAndGet();
    LatencyWindow window = window(request.info());
    Race race = new Race(this, request, next, window, delayNanos(window));
    return race.start();
  }

  /** What extra calls may be: a share of all requests, and of what their prompts cost. */
  private record Caps(ShareCap calls, ShareCap cost) {

    static Caps of(Hedge options) {
      return new Caps(new ShareCap(options.maxShare()), new ShareCap(options.maxCostShare()));
    }

    void seen(double weight) {
      calls.seen(1);
      cost.seen(weight);
    }

    boolean allows(double weight) {
      return calls.allows(1) && cost.allows(weight);
    }

    void spend(double weight) {
      calls.spend(1);
      cost.spend(weight);
    }
  }

  /** A race is over: one has won, or all have failed. */
  void over() {
    running.decrementAndGet();
  }

  /** Whether a further call may be made now; takes it from the budget where it may. */
  boolean allowed(InferenceRequest request) {
    double weight = weight(request);
    Caps caps = request.info().priority() == RequestInfo.VIP ? urgent : others;
    synchronized (urgent) {
      if (!caps.allows(weight)) {
        capped.increment();
        return false;
      }
      if (!budget.take(request.call().timeline().nanos())) {
        denied.increment();
        return false;
      }
      caps.spend(weight);
    }
    sent.increment();
    return true;
  }

  /** Counts what a call cost that lost; in US dollars. */
  double lost(InferenceRequest request, Call call, Outcome outcome) {
    if (!call.reachedItself()) {
      return 0; // nobody has worked on it, or on what it shares with others
    }
    double usd = billing.cost(request.info(), outcome, request.call().timeline().epochMillis());
    lostTokens.add(Billing.usage(request.info(), outcome).totalTokens());
    lostNanodollars.add(Math.round(usd * 1e9));
    return usd;
  }

  private double weight(InferenceRequest request) {
    return billing.weight(request.info(), request.call().timeline().epochMillis());
  }

  /** Time without content after which a second call is made; -1 where it is not known yet. */
  private long delayNanos(LatencyWindow window) {
    Duration fixed = options.delay();
    if (fixed != null) {
      return fixed.toNanos();
    }
    return window.size() < options.minSamples()
        ? -1
        : Math.max(options.minDelay().toNanos(), window.percentile(options.percentile()));
  }

  private LatencyWindow window(RequestInfo request) {
    String key = (request.stream() ? "s " : "w ") + request.model();
    synchronized (windows) {
      String place = windows.containsKey(key) || windows.size() < MAX_MODELS ? key : "";
      return windows.computeIfAbsent(place, absent -> new LatencyWindow(WINDOW));
    }
  }
}
