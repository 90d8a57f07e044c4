package dev.forebay.gateway;

import dev.forebay.core.AdmissionFilter;
import dev.forebay.core.BalancingService;
import dev.forebay.core.DeadlineFilter;
import dev.forebay.core.FallbackFilter;
import dev.forebay.core.HedgeFilter;
import dev.forebay.core.Member;
import dev.forebay.core.Membership;
import dev.forebay.core.Prober;
import dev.forebay.core.RetryFilter;
import dev.forebay.core.Terms;
import dev.forebay.core.caching.CachingOptions;
import dev.forebay.spi.Backend;
import dev.forebay.spi.Balancer;
import dev.forebay.spi.ConcurrencyLimiter;
import dev.forebay.spi.EndpointSource;
import dev.forebay.spi.Filter;
import dev.forebay.spi.HealthPolicy;
import dev.forebay.spi.HealthProbe;
import dev.forebay.spi.Instance;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RateLimiter;
import dev.forebay.spi.RequestQueue;
import dev.forebay.spi.ResponseCache;
import dev.forebay.spi.options.Options;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The description of a pipeline in code: stages in the order in which requests pass them, then how
 * they are balanced, and over which backends.
 */
public final class Pipeline {

  private final List<Stage> stages = new ArrayList<>();
  private final List<String> models = new ArrayList<>();
  private final List<Pool.Member> members = new ArrayList<>();
  private @Nullable Plugin<Balancer> balancer;
  private @Nullable Plugin<HealthPolicy> health;
  private Pool.@Nullable Probe probe;
  private Pool.@Nullable Discover discover;
  private BalancingService.Options balancing = Options.defaults(BalancingService.Options.class);

  Pipeline() {}

  /** Bounds the time to the end of the answer. */
  public Pipeline deadline(Duration total) {
    return deadline(new DeadlineFilter.Options(total, null));
  }

  /** Bounds the time to the end of the answer, and to its first content. */
  public Pipeline deadline(Duration total, Duration firstContent) {
    return deadline(new DeadlineFilter.Options(total, firstContent));
  }

  /** Bounds the time of a request. */
  public Pipeline deadline(DeadlineFilter.Options options) {
    return stage(new Stage.Deadline(options));
  }

  /** Limits the rate of each caller. */
  public Pipeline rateLimit(Plugin<RateLimiter> limiter) {
    return stage(new Stage.RateLimit(limiter));
  }

  /** Answers from a cache, and lets identical requests share one call. */
  public Pipeline cache(Plugin<ResponseCache> store) {
    return cache(store, Options.defaults(CachingOptions.class));
  }

  /** Answers from a cache. */
  public Pipeline cache(Plugin<ResponseCache> store, CachingOptions options) {
    return stage(new Stage.Cache(store, options));
  }

  /** Makes up to so many tries, with the other options at their defaults. */
  public Pipeline retry(int attempts) {
    RetryFilter.Options defaults = Options.defaults(RetryFilter.Options.class);
    return retry(
        new RetryFilter.Options(
            attempts,
            defaults.firstContent(),
            defaults.backoff(),
            defaults.maxBackoff(),
            defaults.maxRetryAfter()));
  }

  /** Tries again what failed before its first content. */
  public Pipeline retry(RetryFilter.Options options) {
    return stage(new Stage.Retry(options));
  }

  /** Asks another pool where what follows has no answer. */
  public Pipeline fallback(String pool) {
    return fallback(FallbackFilter.Options.to(pool, null));
  }

  /** Asks what follows for another model where it has no answer. */
  public Pipeline fallbackToModel(String model) {
    return fallback(FallbackFilter.Options.to(null, model));
  }

  /** Asks another pool, or for another model, where what follows has no answer. */
  public Pipeline fallback(FallbackFilter.Options options) {
    return stage(new Stage.Fallback(options));
  }

  /** Asks a second endpoint where the first is slower than it mostly is. */
  public Pipeline hedge() {
    return hedge(Options.defaults(HedgeFilter.Options.class));
  }

  /** Asks a second endpoint where the first is slow to speak. */
  public Pipeline hedge(HedgeFilter.Options options) {
    return stage(new Stage.Hedge(options));
  }

  /** Limits what is under way, and queues the rest. */
  public Pipeline admit(Plugin<ConcurrencyLimiter> limiter, Plugin<RequestQueue> queue) {
    return admit(limiter, queue, Options.defaults(AdmissionFilter.Options.class));
  }

  /** Limits what is under way, and queues the rest. */
  public Pipeline admit(
      Plugin<ConcurrencyLimiter> limiter,
      Plugin<RequestQueue> queue,
      AdmissionFilter.Options options) {
    return stage(new Stage.Admit(limiter, queue, options));
  }

  /** Adds a filter. */
  public Pipeline filter(String name, Filter filter) {
    return filter(Plugin.of(Filter.class, name, context -> filter));
  }

  /** Adds a filter. */
  public Pipeline filter(Plugin<Filter> filter) {
    return stage(new Stage.Custom(filter));
  }

  /** Adds a stage. */
  public Pipeline stage(Stage stage) {
    stages.add(stage);
    return this;
  }

  /** Chooses among the backends; without it they are used in turn. */
  public Pipeline balance(Plugin<Balancer> chooser) {
    balancer = chooser;
    return this;
  }

  /** Judges the backends by their outcomes. */
  public Pipeline health(Plugin<HealthPolicy> judge) {
    health = judge;
    return this;
  }

  /** Asks the backends at intervals whether they are up, with the defaults of the mechanism. */
  public Pipeline probe(Plugin<HealthProbe> by) {
    return probe(by, Options.defaults(Prober.Options.class));
  }

  /** Asks the backends at intervals whether they are up. */
  public Pipeline probe(Plugin<HealthProbe> by, Prober.Options options) {
    probe = new Pool.Probe(by, options);
    return this;
  }

  /**
   * Takes further backends from a source.
   *
   * @param template the backend of an instance; its id is to differ for each
   */
  public Pipeline discover(
      Plugin<EndpointSource> source, Function<Instance, Plugin<Backend>> template) {
    return discover(source, template, Options.defaults(Membership.Options.class));
  }

  /** Takes further backends from a source. */
  public Pipeline discover(
      Plugin<EndpointSource> source,
      Function<Instance, Plugin<Backend>> template,
      Membership.Options options) {
    discover = new Pool.Discover(source, template, options);
    return this;
  }

  /** Options of the balancing. */
  public Pipeline balancing(BalancingService.Options options) {
    balancing = options;
    return this;
  }

  /** Names models that are routed here; without any, all are that no other pool names. */
  public Pipeline models(String... names) {
    models.addAll(List.of(names));
    return this;
  }

  /** Adds backends of weight 1 to the first priority group. */
  @SafeVarargs
  public final Pipeline backends(Plugin<Backend>... backends) {
    for (Plugin<Backend> backend : backends) {
      backend(backend, 1, 0);
    }
    return this;
  }

  /**
   * Adds a backend.
   *
   * @param weight its share of the work, relative to others; above 0
   * @param group its priority group: 0 serves first
   */
  public Pipeline backend(Plugin<Backend> backend, double weight, int group) {
    members.add(new Pool.Member(backend, weight, group));
    return this;
  }

  /**
   * Adds a backend that takes some requests only.
   *
   * @param weight its share of the work, relative to others; above 0
   * @param group its priority group: 0 serves first
   * @param terms which requests it may take; their prices are the gateway's
   */
  public Pipeline backend(Plugin<Backend> backend, double weight, int group, Terms terms) {
    members.add(new Pool.Member(backend, weight, group, terms));
    return this;
  }

  /** Adds backends of weight 1 to the last group: they serve only when no other can. */
  @SafeVarargs
  public final Pipeline backups(Plugin<Backend>... backends) {
    for (Plugin<Backend> backend : backends) {
      backend(backend, 1, Member.BACKUP);
    }
    return this;
  }

  Pool pool(String name) {
    Pool.Balance balance = new Pool.Balance(balancer, health, balancing, probe);
    return new Pool(name, models, stages, balance, members, discover);
  }
}
