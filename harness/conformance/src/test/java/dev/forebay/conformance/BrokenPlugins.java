package dev.forebay.conformance;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/** A plugin that breaks each rule that every plugin keeps. */
public final class BrokenPlugins {

  private BrokenPlugins() {}

  /** Makes a good balancer. */
  interface Good extends Plugin<Balancer> {
    @Override
    default Balancer create(PluginContext context) {
      return new ReferenceBalancer(context);
    }
  }

  /** Not registered. */
  static final class P1 implements BalancerContract {
    /** Nowhere in META-INF. */
    @Doc("None.")
    record Unregistered() implements Good, Plugin<Balancer> {}

    @Override
    public Plugin<Balancer> plugin() {
      return new Unregistered();
    }
  }

  /** A name in another form. */
  static final class P2 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Shouting();
    }
  }

  @Doc("None.")
  @Named("Least_Load")
  record Shouting() implements Good, Plugin<Balancer> {}

  /** An option that nobody explains. */
  static final class P3 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Silent(1);
    }
  }

  @Doc("Takes the least.")
  record Silent(@Default("1") @Range(min = 1, max = 2) int choices)
      implements Good, Plugin<Balancer> {}

  /** A default out of its bounds. */
  static final class P4 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Beyond(0);
    }
  }

  @Doc("Takes the least.")
  record Beyond(@Doc("How many.") @Default("0") @Range(min = 1, max = 2) int choices)
      implements Good, Plugin<Balancer> {}

  /** A number without bounds. */
  static final class P5 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Boundless(1);
    }
  }

  @Doc("Takes the least.")
  record Boundless(@Doc("How many.") @Default("1") @Range(min = 1) int choices)
      implements Good, Plugin<Balancer> {}

  /** A secret that would be logged. */
  static final class P6 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Talkative("x");
    }
  }

  @Doc("Takes the least.")
  record Talkative(@Doc("The key.") String apiKey) implements Good, Plugin<Balancer> {}

  /** One object for all gateways. */
  static final class P7 implements BalancerContract {
    private static final Balancer SHARED =
        new ReferenceBalancer(TestContext.create()) {
          @Override
          int tie(RequestInfo request, int count) {
            return 0;
          }
        };

    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(context -> SHARED);
    }
  }

  /** Chance from another door. */
  @AlsoFails({"B3", "B6"})
  static final class P8 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private final SplittableRandom unseeded = new SplittableRandom();

                @Override
                int tie(RequestInfo request, int count) {
                  return unseeded.nextInt(count);
                }
              });
    }
  }

  /** An order that differs from one JVM to the next. */
  static final class P9 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                @Override
                int tie(RequestInfo request, int count) {
                  int hash = Objects.hash(request.id(), ProcessHandle.current().pid());
                  return Math.floorMod((hash * 0x9E3779B9) >>> 8, count);
                }
              });
    }
  }

  /** A timer that never ends. */
  static final class P10 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context -> {
            tick(context);
            return new ReferenceBalancer(context);
          });
    }

    private static void tick(PluginContext context) {
      context.timeline().after(1_000_000_000, () -> tick(context));
    }
  }

  /** Remembers every session. */
  static final class P11 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context ->
              new ReferenceBalancer(context) {
                private final Set<String> sessions = new HashSet<>();

                @Override
                public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
                  sessions.add(request.caller().session());
                  return super.choose(request, candidates);
                }
              });
    }
  }

  /** A mean of nothing. */
  static final class P12 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return ReferenceBalancer.plugin(
          context -> {
            int[] picks = new int[1];
            context.gauge("share", () -> 100.0 / picks[0]);
            return new ReferenceBalancer(context);
          });
    }
  }

  /** A secret that is marked, and printed all the same. */
  static final class P13 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Careless("x");
    }
  }

  @Doc("Takes the least.")
  record Careless(@Doc("The key.") @Secret String apiKey) implements Good, Plugin<Balancer> {}

  /** Numbers without bounds in a list, in a mapping and in a record. */
  static final class P5Inner implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Deep(List.of(new Deep.Step(Map.of("a", List.of(1)))));
    }
  }

  @Doc("Takes the least.")
  record Deep(@Doc("Steps.") @Default("[]") List<Step> steps) implements Good, Plugin<Balancer> {
    record Step(@Doc("Weights.") Map<String, List<Integer>> weights) {}
  }

  /** Secrets in a list of records that would be logged. */
  static final class P6Inner implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Gossip(List.of());
    }
  }

  @Doc("Takes the least.")
  record Gossip(@Doc("Accounts.") @Default("[]") List<Account> accounts)
      implements Good, Plugin<Balancer> {
    record Account(@Doc("Keys.") @Default("[]") List<String> apiKeys) {}
  }

  /** A secret of a record in a list that is marked, and printed all the same. */
  static final class P13Inner implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Slips(List.of(new Slip("x")));
    }
  }

  /** The same, and the list is empty. */
  static final class P13Empty implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return new Slips(List.of());
    }
  }

  @Doc("Takes the least.")
  record Slips(@Doc("Slips.") @Default("[]") List<Slip> slips) implements Good, Plugin<Balancer> {}

  record Slip(@Doc("The key.") @Secret String apiKey) {}
}
