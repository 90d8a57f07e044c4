package dev.forebay.gateway;

import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway tells of requests that are over, as the part {@value #PART}. Safe from any thread.
 *
 * <p>Callers make up names of models and tenants without end, and mistype them. So a name has
 * series of its own if the configuration has it, or if a request of it was answered and there is
 * room; all others are counted together as {@value Label#OTHER}.
 */
final class RequestMetrics {

  static final String PART = "gateway";

  /** Requests that the edge refused before the gateway saw them. */
  static final String EDGE = "http";

  private static final int MOST_MODELS = 100;
  private static final int MOST_TENANTS = 500;
  private static final int MOST_CODES = 50;
  private static final String ANSWERED = "200";

  /** Kinds of tokens. */
  private static final List<String> KINDS = List.of("prompt", "cached", "completion", "reasoning");

  private static final double NANODOLLARS = 1e9;

  private final Names models;
  private final Names tenants;
  private final Labelled<Counter> errors;
  private final Labelled<Counter> refusals;
  private final Labelled<Counter> replayedTokens;
  private final Times streamed;
  private final Times whole;
  private final Map<Status, LongAdder> byStatus = new EnumMap<>(Status.class);

  RequestMetrics(MetricsRegistry metrics) {
    // One more value than names: the one for all others.
    Label model = new Label("model", MOST_MODELS + 1);
    Label tenant = new Label("tenant", MOST_TENANTS + 1);
    Label code = new Label("code", MOST_CODES);
    Label kind = new Label("kind", KINDS.size());
    Label reason = Label.of("reason");
    Labelled<Counter> requests = metrics.counters(PART, "requests", model, code);
    Labelled<Counter> tenantRequests = metrics.counters(PART, "tenant_requests", tenant, code);
    errors = metrics.counters(PART, "errors", reason, new Label("status", Status.values().length));
    refusals = metrics.counters(EDGE, "refusals", code, reason);
    Labelled<Counter> tokens = metrics.counters(PART, "tokens", model, kind);
    Labelled<Counter> tenantTokens = metrics.counters(PART, "tenant_tokens", tenant, kind);
    replayedTokens = metrics.counters(PART, "replayed_tokens", kind);
    Labelled<Counter> cost = metrics.counters(PART, "nanodollars", model);
    Labelled<Counter> tenantCost = metrics.counters(PART, "tenant_nanodollars", tenant);
    models = new Names(MOST_MODELS, name -> new Counts(name, requests, tokens, cost));
    tenants =
        new Names(MOST_TENANTS, name -> new Counts(name, tenantRequests, tenantTokens, tenantCost));
    streamed = new Times(metrics, "streamed");
    whole = new Times(metrics, "whole");
    for (Status status : Status.values()) {
      byStatus.put(status, new LongAdder());
    }
  }

  /** Latencies of answers of one form. */
  private static final class Times {
    private final Histogram latency;
    private final Histogram firstContent;
    private final Histogram eachToken;

    Times(MetricsRegistry metrics, String form) {
      latency = histogram(metrics, "latency_seconds", form);
      firstContent = histogram(metrics, "first_content_seconds", form);
      eachToken = histogram(metrics, "output_token_seconds", form);
    }

    private static Histogram histogram(MetricsRegistry metrics, String name, String form) {
      return metrics.histograms(PART, name, Buckets.FINE_SECONDS, new Label("form", 2)).of(form);
    }
  }

  /**
   * Names that have series of their own; all others share those of {@link Label#OTHER}. Nobody
   * waits for anybody, but while a name is new.
   */
  private static final class Names {
    private final int most;
    private final Function<String, Counts> maker;
    private final Map<String, Counts> known = new ConcurrentHashMap<>();
    private volatile @Nullable Counts others;
    private volatile boolean full;

    Names(int most, Function<String, Counts> maker) {
      this.most = most;
      this.maker = maker;
    }

    Counts of(String name, boolean earned) {
      Counts own = known.get(name);
      if (own == null && earned && !full) {
        own = made(name);
      }
      Counts rest = own == null ? others : own;
      return rest == null ? madeOthers() : rest;
    }

    private synchronized @Nullable Counts made(String name) {
      if (known.size() < most) {
        known.computeIfAbsent(name, maker);
      }
      full = known.size() >= most;
      return known.get(name);
    }

    private synchronized Counts madeOthers() {
      Counts made = others;
      if (made == null) {
        made = maker.apply(Label.OTHER);
        others = made;
      }
      return made;
    }
  }

  /** What is counted of a model or a tenant; kept, since a lookup by labels takes longer. */
  private static final class Counts {
    private final String name;
    private final Labelled<Counter> requests;
    private final Labelled<Counter> tokens;
    private final Labelled<Counter> nanodollars;
    private final Counter answered;
    private final Map<String, Counter> codes = new ConcurrentHashMap<>();
    private final AtomicReferenceArray<@Nullable Counter> kinds =
        new AtomicReferenceArray<>(KINDS.size());
    private volatile @Nullable Counter cost;

    Counts(
        String name,
        Labelled<Counter> requests,
        Labelled<Counter> tokens,
        Labelled<Counter> nanodollars) {
      this.name = name;
      this.requests = requests;
      this.tokens = tokens;
      this.nanodollars = nanodollars;
      this.answered = requests.of(name, ANSWERED);
    }

    void over(String code) {
      (code.equals(ANSWERED) ? answered : failed(code)).increment();
    }

    private Counter failed(String code) {
      Counter counter = codes.get(code);
      if (counter == null) {
        counter = requests.of(name, code);
        if (codes.size() < MOST_CODES) {
          codes.put(code, counter);
        }
      }
      return counter;
    }

    void used(int kind, long count) {
      Counter counter = kinds.get(kind);
      if (counter == null) {
        counter = tokens.of(name, KINDS.get(kind)); // made when it is first used
        kinds.set(kind, counter);
      }
      counter.add(count);
    }

    void cost(long spent) {
      Counter counter = cost;
      if (counter == null) {
        counter = nanodollars.of(name);
        cost = counter;
      }
      counter.add(spent);
    }
  }

  /** Models of the configuration: they are told apart, also before their first request. */
  void expectModels(Collection<String> names) {
    names.forEach(name -> models.of(name, true));
  }

  /** Tenants of the configuration. */
  void expectTenants(Collection<String> names) {
    names.forEach(name -> tenants.of(name, true));
  }

  /** Counts requests that the edge refused, by code and reason. */
  Labelled<Counter> refusals() {
    return refusals;
  }

  /**
   * A request is over.
   *
   * @param startedNanos when it came to the gateway, and {@code endedNanos} when it was over, on
   *     the request's timeline
   */
  void over(RequestInfo info, Outcome outcome, long startedNanos, long endedNanos) {
    boolean answered = outcome.status() == Status.OK;
    Counts model = models.of(info.model(), answered);
    Counts tenant = tenants.of(info.caller().tenant(), answered);
    Failure failure = outcome.failure();
    String code = failure == null ? ANSWERED : Integer.toString(failure.callerStatus());
    model.over(code);
    tenant.over(code);
    if (failure != null) {
      errors.of(failure.reason(), failure.status().name().toLowerCase(Locale.ROOT)).increment();
    }
    used(model, tenant, outcome.usage());
    long cost = Math.round(outcome.costUsd() * NANODOLLARS);
    if (cost > 0) {
      model.cost(cost);
      tenant.cost(cost);
    }
    if (answered) {
      took(info.stream() ? streamed : whole, info, outcome, startedNanos, endedNanos);
    }
    adder(outcome.status()).increment();
  }

  private LongAdder adder(Status status) {
    return Objects.requireNonNull(byStatus.get(status));
  }

  /** Requests that are over, by how they ended. */
  Map<Status, Long> outcomes() {
    Map<Status, Long> counts = new LinkedHashMap<>();
    for (Status status : Status.values()) {
      counts.put(status, adder(status).sum());
    }
    return counts;
  }

  /** Kinds do not overlap, so their sum is what was used. */
  private void used(Counts model, Counts tenant, Usage usage) {
    int cached = Math.min(usage.cachedTokens(), usage.promptTokens());
    int reasoning = Math.min(usage.reasoningTokens(), usage.completionTokens());
    used(model, tenant, usage, 0, usage.promptTokens() - cached);
    used(model, tenant, usage, 1, cached);
    used(model, tenant, usage, 2, usage.completionTokens() - reasoning);
    used(model, tenant, usage, 3, reasoning);
  }

  private void used(Counts model, Counts tenant, Usage usage, int kind, int count) {
    if (count == 0) {
      return;
    }
    if (usage.replayed()) {
      replayedTokens.of(KINDS.get(kind)).add(count);
    } else {
      model.used(kind, count);
      tenant.used(kind, count);
    }
  }

  private static void took(
      Times times, RequestInfo info, Outcome outcome, long startedNanos, long endedNanos) {
    times.latency.record(endedNanos - startedNanos);
    long first = outcome.timings().firstContentNanos();
    if (first >= 0) {
      times.firstContent.record(first - startedNanos);
    }
    int tokens = outcome.usage().completionTokens();
    if (outcome.usage().replayed() || tokens < 1) {
      return; // what was used before says nothing of the upstream's pace
    }
    if (!info.stream()) {
      times.eachToken.record((endedNanos - startedNanos) / tokens);
    } else if (tokens > 1 && first >= 0) {
      times.eachToken.record((endedNanos - first) / (tokens - 1));
    }
  }
}
