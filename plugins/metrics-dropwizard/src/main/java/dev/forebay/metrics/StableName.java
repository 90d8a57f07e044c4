package dev.forebay.metrics;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The exported name of a figure that users rely on in dashboards and rules, whatever plugin tells
 * it. Figures that have none here are exported under the name of their plugin.
 *
 * @param name without {@code forebay_}
 * @param help one sentence
 * @param scale by which the figure is multiplied
 * @param added labels that are added
 * @param dropped labels that are left out: their series are added up
 */
record StableName(
    String name, String help, double scale, Map<String, String> added, Set<String> dropped) {

  private static final double DOLLARS = 1e-9;
  private static final String REQUESTS = "Requests that are over, by model and HTTP status.";
  private static final String ERRORS = "Requests without an answer, by reason.";
  private static final String LOOKUPS = "Lookups in a store.";
  private static final Map<String, List<StableName>> BY_FIGURE = new HashMap<>();

  static {
    requests();
    queues();
    caches();
    extraCalls();
    pools();
    jobs();
    ledger();
    scaling();
  }

  /** The names of a figure; empty if it has none. */
  static List<StableName> of(String kind, String metric) {
    return BY_FIGURE.getOrDefault(kind + "." + metric, List.of());
  }

  private static void requests() {
    put("gateway.requests", "requests", REQUESTS);
    put("gateway.tenant_requests", "tenant_requests", "Requests that are over, by tenant.");
    put("gateway.errors", "errors", ERRORS);
    String refused = "http.refusals";
    BY_FIGURE.put(
        refused,
        List.of(
            new StableName("requests", REQUESTS, 1, Map.of("model", "none"), Set.of("reason")),
            new StableName(
                "errors", ERRORS, 1, Map.of("status", "refused_by_edge"), Set.of("code"))));
    put("gateway.open_requests", "open_requests", "Requests under way.");
    put("gateway.latency_seconds", "latency_seconds", "Time to the end of an answer.");
    put("gateway.first_content_seconds", "first_content_seconds", "Time to the first content.");
    put(
        "gateway.output_token_seconds",
        "output_token_seconds",
        "Time per token of an answer: after the first content if streamed, else of the whole.");
    put("gateway.tokens", "tokens", "Tokens that upstreams used; kinds do not overlap.");
    put("gateway.tenant_tokens", "tenant_tokens", "Tokens that upstreams used, by tenant.");
    put("gateway.replayed_tokens", "replayed_tokens", "Tokens of answers that caches gave again.");
    dollars("gateway.nanodollars", "cost_dollars", "What answers cost, by model.");
    dollars("gateway.tenant_nanodollars", "tenant_cost_dollars", "What answers cost, by tenant.");
    dollars(
        "cost.nanodollars_by_kind",
        "upstream_cost_dollars",
        "What calls to upstreams cost, lost hedges included, by kind of token.");
    put("rate-limit.refused", "rate_limited", "Requests beyond a limit of their caller.");
    put("tracing.dropped", "trace_spans_dropped", "Spans for which there was no room.");
    put("tracing.failed", "trace_spans_failed", "Spans that the collector did not take.");
    put(
        "access-log.dropped",
        "access_log_dropped",
        "Lines of the access log that were not written.");
    put("metrics.event_loop_lag_seconds", "event_loop_lag_seconds", "Lateness of a timer.");
  }

  private static void queues() {
    put("admit.queue_length", "queue_length", "Requests that wait.");
    put("admit.wait_seconds", "queue_wait_seconds", "Time that admitted requests waited.");
    put("admit.admitted", "queue_admitted", "Requests that were admitted.");
    put("admit.queue_bytes", "queue_bytes", "Bytes of requests that wait.");
    put("admit.waiting", "queue_waiting", "Requests that wait, by class and tenant.");
    put("admit.oldest_seconds", "queue_oldest_seconds", "How long the oldest has waited.");
    put("admit.queue_seconds", "queue_seconds", "Time waited until the turn came.");
    put("admit.service_seconds", "queue_service_seconds", "Time from the turn to the end.");
    put("admit.dropped", "queue_dropped", "Requests that left unserved, by class and tenant.");
    put("dead-letters.letters", "dead_letters", "Requests that became dead letters, by reason.");
    put("dead-letters.lost", "dead_letters_lost", "Dead letters that could not be kept.");
    put("admit.limit", "concurrency_limit", "Requests that may run at once.");
    put("admit.in_flight", "concurrency_in_flight", "Requests that run.");
    put("admit.given_up", "queue_drops", "Requests that left a queue.", "reason", "given_up");
    for (String reason : List.of("shed", "expired", "left")) {
      put("admit." + reason, "queue_drops", "Requests that left a queue.", "reason", reason);
    }
  }

  private static void caches() {
    Map<String, String> results = new LinkedHashMap<>();
    results.put("hits", "hit");
    results.put("misses", "miss");
    results.put("joins", "joined");
    results.put("stale", "stale");
    results.forEach(
        (metric, result) ->
            put("cache." + metric, "cache_answers", "Cacheable requests.", "result", result));
    put("cache.bypasses", "cache_bypasses", "Requests that passed by a cache, by reason.");
    for (String tier : List.of("lru", "tinylfu", "redis", "redis-twin", "semantic")) {
      String own = tier + ".";
      put(own + "hits", "cache_tier_lookups", LOOKUPS, "tier", tier, "result", "hit");
      put(own + "misses", "cache_tier_lookups", LOOKUPS, "tier", tier, "result", "miss");
      put(own + "evictions", "cache_tier_evictions", "Answers put out.", "tier", tier);
      put(own + "entries", "cache_tier_entries", "Answers in a store.", "tier", tier);
      put(own + "bytes", "cache_tier_bytes", "Bytes of answers in a store.", "tier", tier);
    }
  }

  private static void extraCalls() {
    put("retry.retries", "retries", "Tries after the first.");
    put("retry.recovered", "retries_recovered", "Requests that a retry answered.");
    put("resume.resumed", "resumes", "Continuations that began of answers that broke off.");
    put("hedge.sent", "hedges", "Second calls to slow requests.");
    put("hedge.won", "hedges_won", "Second calls that answered first.");
    put("fallback.fallbacks", "fallbacks", "Requests given to another pool or model.");
    put("extra-work.taken", "extra_calls", "Calls that the budget for extra work paid.");
    put("extra-work.denied", "extra_calls_denied", "Calls that it could not pay.");
    put("extra-work.left", "extra_calls_left", "Calls that it could pay now.");
    put("extra-work.reserve", "extra_calls_reserve", "Calls in reserve for lost connections.");
  }

  private static void pools() {
    put("balance.inference_seconds", "inference_seconds", "Time of good calls to an endpoint.");
    put("balance.picks", "picks", "Calls to endpoints.");
    put("balance.no_endpoint", "no_endpoint", "Calls for which no endpoint could be asked.");
    put("balance.cooldowns", "circuits_opened", "Endpoints that began to rest after failures.");
    put("balance.trials_passed", "circuits_closed", "Endpoints that came back after a trial.");
    put("discover.failing", "discovery_failing", "1 if the source of members fails.");
    put("plugin.errors", "plugin_errors", "Exceptions of plugins.");
    put("memory.held_bytes", "memory_held_bytes", "Bytes that open requests hold.");
    put("memory.bound_bytes", "memory_bound_bytes", "Bytes that open requests may hold.");
  }

  private static void jobs() {
    put("jobs.kept", "jobs_kept", "Jobs in the store, by state.");
    put("jobs.queue_depth", "jobs_queue_depth", "Jobs that wait in the queue.");
    put("jobs.oldest_due_seconds", "jobs_oldest_due_seconds", "How long a due job has waited.");
    put("jobs.running", "jobs_running", "Jobs that this process works on.");
    put("jobs.usable", "jobs_usable", "1 if jobs are taken: store and queue can be used.");
    put("jobs.taken", "jobs_taken", "Requests that became jobs, by why.");
    put("jobs.refused", "jobs_refused", "Requests that did not become jobs, by reason.");
    put("jobs.tries", "jobs_tries", "Tries of jobs, by outcome.");
    put("jobs.lost_leases", "jobs_lost_leases", "Jobs that another worker took.");
    put("jobs.found_again", "jobs_found_again", "Jobs that nobody worked on, and were found.");
    put("jobs.callbacks", "jobs_callbacks", "Messages to callers of ended jobs, by outcome.");
  }

  private static void ledger() {
    put("ledger.waiting_records", "ledger_waiting_records", "Records in the outbox.");
    put("ledger.oldest_seconds", "ledger_oldest_seconds", "How long the oldest has waited.");
    put("ledger.fill_ratio", "ledger_fill_ratio", "Share of the outbox that is taken, 0 to 1.");
    put("ledger.recorded", "ledger_recorded", "Records that were made.");
    put("ledger.arrived", "ledger_arrived", "Records that reached the store.");
    put("ledger.dropped", "ledger_dropped", "Records that were dropped: there was no room.");
    put("ledger.spilled", "ledger_spilled", "Records that went from memory to files.");
    put("ledger.failures", "ledger_failures", "Batches that the store did not take.");
    put("ledger.over_budget", "ledger_over_budget", "Requests beyond a budget.");
    put(
        "ledger.drift_tokens",
        "ledger_drift_tokens",
        "Tokens that records lack of what was counted.");
    put(
        "ledger.drift_nanodollars",
        "ledger_drift_nanodollars",
        "Billionths of a dollar that records lack of what was counted.");
    put(
        "ledger.uncounted_tokens",
        "ledger_uncounted_tokens",
        "Tokens that records have beyond what was counted.");
    put("ledger.up", "ledger_up", "1 if the store takes records.");
    put("ledger.register_up", "ledger_register_up", "1 if keys and budgets can be read.");
    put("ledger.keys", "ledger_keys", "Keys that are known.");
    put("ledger.budgets", "ledger_budgets", "Budgets that are known.");
  }

  private static void scaling() {
    put("scaling.wanted_replicas", "scaling_wanted_replicas", "Members that should be.");
    put("scaling.ordered_replicas", "scaling_ordered_replicas", "Members that were ordered.");
    put("scaling.ready_replicas", "scaling_ready_replicas", "Members that are ready.");
    put("scaling.coming_replicas", "scaling_coming_replicas", "Members on their way.");
    put("scaling.decisions", "scaling_decisions", "Decisions of the autoscaler, by change.");
    put("scaling.orders", "scaling_orders", "Orders that the target took.");
    put("scaling.failures", "scaling_failures", "Failures of the target.");
  }

  private static void put(String figure, String name, String help, String... added) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (int i = 0; i < added.length; i += 2) {
      labels.put(added[i], added[i + 1]);
    }
    BY_FIGURE.put(figure, List.of(new StableName(name, help, 1, labels, Set.of())));
  }

  private static void dollars(String figure, String name, String help) {
    BY_FIGURE.put(figure, List.of(new StableName(name, help, DOLLARS, Map.of(), Set.of())));
  }
}
