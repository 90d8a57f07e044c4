package dev.forebay.core.cost;

import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.Usage;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * Puts a price on each call to an upstream: the outcome of its stream has a cost, and counters have
 * the sum of all, retries and hedges that lost included. The price is that of the moment at which
 * the call was sent.
 */
public final class CostService implements Service {

  private static final double NANODOLLARS = 1e9;
  private static final int HEADER_DIGITS = 9;

  private final Service service;
  private final Prices prices;
  private final Billing billing;
  private final Counter calls;
  private final Counter nanodollars;
  private final Counter unpriced;
  private final Labelled<Counter> kinds;

  /** A service before one that answers. */
  public CostService(Service service, Prices prices, PluginContext context) {
    this.service = service;
    this.prices = prices;
    this.billing = new Billing(prices);
    this.calls = context.counter("calls");
    this.nanodollars = context.counter("nanodollars");
    this.unpriced = context.counter("unpriced");
    this.kinds = context.counters("nanodollars_by_kind", new Label("kind", 3));
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    long sent = request.call().timeline().epochMillis();
    if (prices.of(request.info().model(), sent).equals(Price.FREE)) {
      unpriced.increment();
      return service.serve(request);
    }
    Future<InferenceResponse> answer = service.serve(request);
    Endings.track(
        request.call(),
        request.call().timeline().nanos(),
        answer,
        outcome -> {
          calls.increment();
          nanodollars.add(Math.round(billing.cost(request.info(), outcome, sent) * NANODOLLARS));
          byKind(prices.of(request.info().model(), sent), Billing.usage(request.info(), outcome));
        });
    return answer.map(
        response ->
            CostedStream.of(
                response,
                outcome -> outcome.withCost(billing.cost(request.info(), outcome, sent))));
  }

  private void byKind(Price price, Usage usage) {
    int cached = Math.min(usage.cachedTokens(), usage.promptTokens());
    byKind("prompt", price.of(0, usage.promptTokens() - cached, 0));
    byKind("cached", price.of(cached, 0, 0));
    byKind("completion", price.of(0, 0, usage.completionTokens()));
  }

  private void byKind(String kind, double usd) {
    kinds.of(kind).add(Math.round(usd * NANODOLLARS));
  }

  /**
   * A filter that says in {@code x-forebay-cost} what a whole answer cost, in US dollars. A
   * streamed one has its head long before its cost is known: there it is in the outcome and the
   * counters only.
   */
  public static OwnFilter header() {
    return (request, next) ->
        request.info().stream()
            ? next.serve(request)
            : next.serve(request).compose(FirstContent::await).map(CostService::told);
  }

  private static InferenceResponse told(InferenceResponse response) {
    Future<Outcome> outcome = response.tokens().outcome();
    if (!outcome.succeeded()) {
      return response;
    }
    BigDecimal usd =
        BigDecimal.valueOf(outcome.result().costUsd())
            .setScale(HEADER_DIGITS, RoundingMode.HALF_UP)
            .stripTrailingZeros();
    return response.withHeader("x-forebay-cost", usd.toPlainString());
  }
}
