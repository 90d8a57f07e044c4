package dev.forebay.conformance;

import dev.forebay.spi.Balancer;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Endpoint;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Secret;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;

/** A plugin that breaks each rule that every plugin keeps. */
public final class BrokenPlugins {

  private BrokenPlugins() {}

  /** A provider of a name and a record of options, which makes a good balancer. */
  abstract static class Named<O extends Record> implements Provider<Balancer, O> {
    private final String name;
    private final Class<O> options;

    Named(String name, Class<O> options) {
      this.name = name;
      this.options = options;
    }

    @Override
    public Class<Balancer> kind() {
      return Balancer.class;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Class<O> options() {
      return options;
    }

    @Override
    public Balancer create(O given, PluginContext context) {
      return new ReferenceBalancer(context);
    }
  }

  /** Good options. */
  @Doc("None.")
  record None() {}

  /** Not registered. */
  static final class P1 implements BalancerContract {
    /** Nowhere in META-INF. */
    static final class Unregistered extends Named<None> {
      Unregistered() {
        super("unregistered", None.class);
      }
    }

    @Override
    public Plugin<Balancer> plugin() {
      return Plugin.of(new Unregistered(), new None());
    }
  }

  /** A name in another form. */
  static final class P2 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return Plugin.of(new Shouting(), new None());
    }
  }

  /** The provider of P2. */
  public static final class Shouting extends Named<None> {
    /** For ServiceLoader. */
    public Shouting() {
      super("Least_Load", None.class);
    }
  }

  /** An option that nobody explains. */
  static final class P3 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return Plugin.of(new Silent(), new Unexplained(1));
    }
  }

  @Doc("Takes the least.")
  record Unexplained(@Default("1") @Range(min = 1, max = 2) int choices) {}

  /** The provider of P3. */
  public static final class Silent extends Named<Unexplained> {
    /** For ServiceLoader. */
    public Silent() {
      super("silent", Unexplained.class);
    }
  }

  /** A default out of its bounds. */
  static final class P4 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return Plugin.of(new Beyond(), new OutOfBounds(0));
    }
  }

  @Doc("Takes the least.")
  record OutOfBounds(@Doc("How many.") @Default("0") @Range(min = 1, max = 2) int choices) {}

  /** The provider of P4. */
  public static final class Beyond extends Named<OutOfBounds> {
    /** For ServiceLoader. */
    public Beyond() {
      super("beyond", OutOfBounds.class);
    }
  }

  /** A number without bounds. */
  static final class P5 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return Plugin.of(new Boundless(), new NoBounds(1));
    }
  }

  @Doc("Takes the least.")
  record NoBounds(@Doc("How many.") @Default("1") @Range(min = 1) int choices) {}

  /** The provider of P5. */
  public static final class Boundless extends Named<NoBounds> {
    /** For ServiceLoader. */
    public Boundless() {
      super("boundless", NoBounds.class);
    }
  }

  /** A secret that would be logged. */
  static final class P6 implements BalancerContract {
    @Override
    public Plugin<Balancer> plugin() {
      return Plugin.of(new Talkative(), new Open("x"));
    }
  }

  @Doc("Takes the least.")
  record Open(@Doc("The key.") String apiKey) {}

  /** The provider of P6. */
  public static final class Talkative extends Named<Open> {
    /** For ServiceLoader. */
    public Talkative() {
      super("talkative", Open.class);
    }
  }

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
      return Plugin.of(new Careless(), new Printed("x"));
    }
  }

  @Doc("Takes the least.")
  record Printed(@Doc("The key.") @Secret String apiKey) {}

  /** The provider of P13. */
  public static final class Careless extends Named<Printed> {
    /** For ServiceLoader. */
    public Careless() {
      super("careless", Printed.class);
    }
  }
}
