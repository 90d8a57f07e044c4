package dev.forebay.gateway;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Member;
import dev.forebay.core.balancing.Membership;
import dev.forebay.core.balancing.Prober;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.core.caching.Cache;
import dev.forebay.core.limiting.Admit;
import dev.forebay.core.limiting.RateLimit;
import dev.forebay.core.retrying.Deadline;
import dev.forebay.core.retrying.Fallback;
import dev.forebay.core.retrying.Hedge;
import dev.forebay.core.retrying.Resume;
import dev.forebay.core.retrying.Retry;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Template;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.HealthProbe;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RequestQueue;
import dev.forebay.spi.policy.ResponseCache;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The description of a pipeline in code: stages in the order in which requests pass them, then how
 * they are balanced, and over which backends.
 */
public final class Pipeline {

  private final List<Plugin<Filter>> stages = new ArrayList<>();
  private final List<String> models = new ArrayList<>();
  private final List<Pool.Member> members = new ArrayList<>();
  private boolean listed;
  private Plugin<Balancer> balancer = Pool.Balance.IN_TURN.by();
  private @Nullable Plugin<HealthPolicy> health;
  private Pool.@Nullable Probe probe;
  private Pool.@Nullable Discover discover;
  private BalancingService.Options balancing = Pool.Balance.IN_TURN.options();

  Pipeline() {}

  /** Adds a stage. */
  public Pipeline stage(Plugin<Filter> stage) {
    stages.add(some("stage", stage));
    return this;
  }

  /** Adds a filter that code makes, under a name for messages. */
  public Pipeline filter(String name, Filter filter) {
    Objects.requireNonNull(filter, () -> "filter " + name + ": null (expected: a filter)");
    return stage(NamedPlugin.of(Filter.class, name, context -> filter));
  }

  /** Bounds the time to the end of the answer. */
  public Pipeline deadline(Duration total) {
    return stage(new Deadline(total, null));
  }

  /** Bounds the time to the end of the answer, and to its first content. */
  public Pipeline deadline(Duration total, Duration firstContent) {
    return stage(new Deadline(total, firstContent));
  }

  /** Limits the rate of each caller. */
  public Pipeline rateLimit(Plugin<RateLimiter> limiter) {
    return stage(RateLimit.by(some("rateLimit", limiter)));
  }

  /** Answers from a cache, and lets identical requests share one call. */
  public Pipeline cache(Plugin<ResponseCache> store) {
    return stage(Cache.in(some("cache", store)));
  }

  /** Makes up to so many tries. */
  public Pipeline retry(int attempts) {
    return stage(Retry.attempts(attempts));
  }

  /** Asks another pool if what follows has no answer. */
  public Pipeline fallback(String pool) {
    return stage(
        Fallback.to(Objects.requireNonNull(pool, "fallback: null (expected: a pool)"), null));
  }

  /** Asks what follows for another model if it has no answer. */
  public Pipeline fallbackToModel(String model) {
    return stage(
        Fallback.to(
            null, Objects.requireNonNull(model, "fallbackToModel: null (expected: a model)")));
  }

  /** Asks a second endpoint if the first is slower than it mostly is. */
  public Pipeline hedge() {
    return stage(Options.defaults(Hedge.class));
  }

  /** Continues streamed answers that break off, at another endpoint that can. */
  public Pipeline resume() {
    return stage(Options.defaults(Resume.class));
  }

  /** Limits what is under way, and queues the rest. */
  public Pipeline admit(Plugin<ConcurrencyLimiter> limiter, Plugin<RequestQueue> queue) {
    return stage(Admit.by(some("admit: limit", limiter), some("admit: queue", queue)));
  }

  /** Chooses among the backends; without it they are used in turn. */
  public Pipeline balance(Plugin<Balancer> chooser) {
    balancer = some("balance", chooser);
    return this;
  }

  /** Judges the backends by their outcomes. */
  public Pipeline health(Plugin<HealthPolicy> policy) {
    health = some("health", policy);
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
  public Pipeline discover(Plugin<EndpointSource> source, Template<Backend> template) {
    return discover(source, template, Options.defaults(Membership.Options.class));
  }

  /** Takes further backends from a source. */
  public Pipeline discover(
      Plugin<EndpointSource> source, Template<Backend> template, Membership.Options options) {
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
    for (String name : names) {
      models.add(Objects.requireNonNull(name, "models: null (expected: a name)"));
    }
    return this;
  }

  /** Adds backends of weight 1 to the first priority group. */
  @SafeVarargs
  public final Pipeline backends(Plugin<Backend>... backends) {
    listed = true;
    for (Plugin<Backend> backend : backends) {
      backend(backend, 1, 0);
    }
    return this;
  }

  /** As {@link #backends(Plugin[])}; none, if they are added while the gateway runs. */
  public Pipeline backends(List<? extends Plugin<Backend>> backends) {
    Objects.requireNonNull(backends, "backends: null (expected: a list)");
    listed = true;
    backends.forEach(backend -> backend(backend, 1, 0));
    return this;
  }

  /**
   * Adds a backend.
   *
   * @param weight its share of the work, relative to others; above 0
   * @param group its priority group: 0 serves first
   */
  public Pipeline backend(Plugin<Backend> backend, double weight, int group) {
    return add(new Pool.Member(some("backend", backend), weight, group));
  }

  /**
   * Adds a backend that takes some requests only.
   *
   * @param weight its share of the work, relative to others; above 0
   * @param group its priority group: 0 serves first
   * @param terms which requests it may take; their prices are the gateway's
   */
  public Pipeline backend(Plugin<Backend> backend, double weight, int group, Restrictions terms) {
    return add(new Pool.Member(some("backend", backend), weight, group, terms));
  }

  private Pipeline add(Pool.Member member) {
    listed = true;
    members.add(member);
    return this;
  }

  private static <T> Plugin<T> some(String name, Plugin<T> plugin) {
    return Objects.requireNonNull(plugin, () -> name + ": null (expected: a plugin)");
  }

  /** Adds backends of weight 1 to the last group: they serve only when no other can. */
  @SafeVarargs
  public final Pipeline backups(Plugin<Backend>... backends) {
    for (Plugin<Backend> backend : backends) {
      backend(backend, 1, Member.BACKUP);
    }
    return this;
  }

  /** The description so far. */
  Pool pool() {
    Pool.Balance balance = new Pool.Balance(balancer, health, probe, balancing);
    boolean same = balance.equals(Pool.Balance.IN_TURN);
    return new Pool(
        new Pool.Stages(stages, same ? null : balance), models, listed ? members : null, discover);
  }
}
