package dev.forebay.gateway;

import dev.forebay.config.Checked;
import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Membership;
import dev.forebay.core.balancing.Prober;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.core.cost.Prices;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Inline;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Steps;
import dev.forebay.spi.options.Template;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.HealthPolicy;
import dev.forebay.spi.policy.HealthProbe;
import dev.forebay.spi.policy.Instance;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A set of backends that answer the same requests.
 *
 * @param pipeline what a request passes in the pool, and how it is spread
 * @param models names that are routed to the pool; empty for all that no other pool names
 * @param backends those that are listed, which may be replaced while the gateway runs; null if none
 *     are
 * @param discover tells of further backends; null if only the listed ones are there
 */
@Doc("Backends that answer the same requests.")
public record Pool(
    @Doc("The stages that a request passes, in order; the last may be balance.") @Default("[]")
        Stages pipeline,
    @Doc("Names of models that are routed here; empty for all that no other pool names.")
        @Default("[]")
        List<String> models,
    @Doc("The backends.") @NotEmpty @Nullable List<Member> backends,
    @Doc("A source that tells of further backends.") @Nullable Discover discover)
    implements Checked {

  /** The name of the pool of a gateway that has only one. */
  public static final String DEFAULT = "default";

  /** Copies. */
  public Pool {
    models = List.copyOf(models);
    backends = backends == null ? null : List.copyOf(backends);
  }

  /** What a request passes before it is balanced. */
  public List<Plugin<Filter>> stages() {
    return pipeline.stages();
  }

  /** How requests are spread. */
  public Balance balance() {
    return pipeline.balance() == null ? Balance.IN_TURN : pipeline.balance();
  }

  /** The backends that are listed. */
  public List<Member> members() {
    return backends == null ? List.of() : backends;
  }

  /** Whether there are backends, or will be. */
  boolean serves() {
    return backends != null || discover != null;
  }

  /** Whether {@link #serves} is what was written. */
  boolean saysWhetherItServes(Faults faults) {
    return serves() || (faults.whole(this, "backends") && faults.whole(this, "discover"));
  }

  /** Backends of one pool have ids of their own. */
  @Override
  public void check(Faults faults) {
    boolean whole = faults.whole(this, "backends");
    List<@Nullable String> ids =
        members().stream().map(member -> id(member.backend(), faults)).toList();
    for (int i = 0; i < ids.size(); i++) {
      String id = ids.get(i);
      int first = ids.indexOf(id);
      Record options = Plugins.options(members().get(i).backend());
      if (id != null && first < i && options != null) {
        faults.add(
            options,
            "id",
            id
                + " (expected: an id of its own; "
                + (whole ? "backends[" + first + "]" : "another")
                + " has this one)");
      }
    }
  }

  /** The option {@code id} of a backend; null if it has none, or not as it was written. */
  private static @Nullable String id(Plugin<Backend> backend, Faults faults) {
    Record options = Plugins.options(backend);
    if (options == null || !faults.whole(options, "id")) {
      return null;
    }
    Options.Option id = Options.of(options.getClass()).get("id");
    return id != null && id.of(options) instanceof String text ? text : null;
  }

  /**
   * What requests pass, in order.
   *
   * @param stages the first is the outermost
   * @param balance how they are spread at the end; null for one backend after the other
   */
  @Steps("stage")
  @Doc("What requests pass, in order.")
  public record Stages(
      @Doc("The stages.") @Inline @Default("[]") List<Plugin<Filter>> stages,
      @Doc("How requests are spread over the backends.") @Nullable Balance balance) {

    /** Copies. */
    public Stages {
      stages = List.copyOf(stages);
    }
  }

  /**
   * How requests are spread over the members.
   *
   * @param by chooses one
   * @param health judges the backends by their outcomes; null if outcomes cause no cooldown but by
   *     {@code Retry-After}
   * @param probe asks the backends whether they are up; null if nothing does
   * @param options of the mechanism
   */
  @Doc("How requests are spread over the backends.")
  public record Balance(
      @Doc("What chooses a backend.") Plugin<Balancer> by,
      @Doc("What judges backends by their outcomes.") @Nullable Plugin<HealthPolicy> health,
      @Doc("What asks backends at intervals whether they are up.") @Nullable Probe probe,
      @Inline @Default("{}") BalancingService.Options options) {

    /** One backend after the other. */
    public static final Balance IN_TURN =
        Options.defaults(
            Balance.class,
            Map.entry("by", NamedPlugin.of(Balancer.class, "in-turn", context -> new InTurn())));
  }

  /**
   * Active health checks.
   *
   * @param by what is asked
   * @param options how often, and what answers decide
   */
  @Doc("Active health checks.")
  public record Probe(
      @Doc("What is asked.") Plugin<HealthProbe> by,
      @Inline @Default("{}") Prober.Options options) {}

  /**
   * Members that a source tells of.
   *
   * @param from the source
   * @param backend makes the backend of an instance
   * @param options of the mechanism
   */
  @Doc("Backends that a source tells of.")
  public record Discover(
      @Doc("The source.") Plugin<EndpointSource> from,
      @Doc(
              "The backend of each instance. {id}, {host}, {port} and {address} (host and port)"
                  + " stand for those of the instance.")
          Template<Backend> backend,
      @Inline @Default("{}") Membership.Options options)
      implements Checked {

    private static final Instance ONE = Instance.at("127.0.0.1", 65_535);
    private static final Instance OTHER = Instance.at("127.0.0.2", 65_534);

    /** The backends of two instances have two ids. */
    @Override
    public void check(Faults faults) {
      String id = id(backend.of(ONE), faults);
      if (id != null && id.equals(id(backend.of(OTHER), faults))) {
        faults.add(
            this,
            "backend",
            "id: " + id + " (expected: an id that differs for each instance, such as \"{id}\")");
      }
    }
  }

  /**
   * A backend with its place in the pool.
   *
   * @param weight its share of the work, relative to others; above 0
   * @param group its priority group: 0 serves first; null for that, unless it is a backup
   * @param backup whether it is in the last group
   * @param tenants whose requests it may take; empty for all
   * @param maxPrice US dollars per million tokens of answers above which others are asked first; 0
   *     for any
   */
  @Doc("A backend with its place in the pool.")
  public record Member(
      @Doc("The backend.") @Inline Plugin<Backend> backend,
      @Doc("Its share of the work, relative to others.")
          @Default("1")
          @Range(min = 0, max = 1e6, exclusiveMin = true)
          double weight,
      @Doc("Its priority group; the first, 0, serves first and is the default.")
          @Range(min = 0, max = 100)
          @Nullable Integer group,
      @Doc("Whether it is in the last group, 100, which serves only when no other can.")
          @Default("false")
          boolean backup,
      @Doc("Tenants whose requests it may take; without this, all.")
          @Default("[]")
          @NotEmpty("without the key, it may take those of all")
          List<String> tenants,
      @Doc("Price of a million tokens of answers above which others are asked first; 0: any.")
          @Default("0")
          @Range(min = 0, max = 1e6)
          @Unit("US dollars")
          double maxPrice) {

    /** Copies, and checks that it is in one group. */
    public Member {
      tenants = List.copyOf(tenants);
      if (backup && group != null) {
        throw new IllegalArgumentException(
            "backup: backup beside group (expected: one of backup and group)");
      }
    }

    /** A backend that takes any request. */
    public Member(Plugin<Backend> backend, double weight, int group) {
      this(backend, weight, group, Restrictions.NONE);
    }

    /** A backend that takes some requests only; the prices of the terms are the gateway's. */
    public Member(Plugin<Backend> backend, double weight, int group, Restrictions terms) {
      this(backend, weight, group, false, terms.tenants(), terms.maxPrice());
    }

    /** The priority group: 0 serves first. */
    public int place() {
      return backup ? dev.forebay.core.balancing.Member.BACKUP : group == null ? 0 : group;
    }

    /** Which requests it may take, by some prices. */
    public Restrictions terms(Prices prices) {
      return new Restrictions(tenants, maxPrice, prices);
    }
  }
}
