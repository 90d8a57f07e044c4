package dev.forebay.junit5;

import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Pipeline;
import dev.forebay.simulation.http.EmulatorProfile;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Starts a gateway with emulated upstreams, over real HTTP on free ports of the loopback address,
 * and stops them again.
 *
 * <pre>
 * &#64;RegisterExtension
 * static final ForebayExtension forebay =
 *     ForebayExtension.builder()
 *         .upstream("a")
 *         .upstream("b", profile -&gt; profile.with(Fault.always(Fault.Kind.FAIL, 1)))
 *         .gateway(pipeline -&gt; pipeline.retry(3))
 *         .build();
 * </pre>
 *
 * <p>In a static field it starts once for the class, nested classes included; in a field of the
 * instance, anew for each test. Tests may take a parameter of {@link RunningGateway}.
 */
public final class ForebayExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        ParameterResolver {

  /** Emulated time runs so many times as fast as real time where a profile does not say more. */
  public static final double TIME_SCALE = 100;

  private final Setup setup;
  private final boolean settle;
  private int users;
  private @Nullable RunningGateway running;

  private ForebayExtension(Setup setup, boolean settle) {
    this.setup = setup;
    this.settle = settle;
  }

  /** An extension, to be described. */
  public static Builder builder() {
    return new Builder();
  }

  /** Where the gateway listens, such as {@code http://127.0.0.1:40122}. */
  public URI baseUri() {
    return running().baseUri();
  }

  /** The gateway. */
  public Gateway gateway() {
    return running().gateway();
  }

  /**
   * An upstream.
   *
   * @throws IllegalArgumentException where there is none of this id
   */
  public EmulatedUpstream upstream(String id) {
    return running().upstream(id);
  }

  /** Asserts that nothing is left open, as {@link RunningGateway#assertSettled()}. */
  public void assertSettled() {
    running().assertSettled();
  }

  /**
   * What runs.
   *
   * @throws IllegalStateException outside of a test
   */
  public synchronized RunningGateway running() {
    if (running == null) {
      throw new IllegalStateException(
          "the gateway does not run (expected: a call within a test, and @RegisterExtension)");
    }
    return running;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    enter();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    enter();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    try {
      if (settle) {
        assertSettled();
      }
    } finally {
      leave();
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    leave();
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == RunningGateway.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return running();
  }

  /** The first who enters starts, the last who leaves stops: a class, a nested class, a test. */
  private synchronized void enter() {
    if (running == null) {
      running = new RunningGateway(setup);
    }
    users++;
  }

  private synchronized void leave() {
    if (--users == 0 && running != null) {
      RunningGateway stopping = running;
      running = null;
      stopping.close();
    }
  }

  /** What an extension starts. */
  public static final class Builder {

    private final Map<String, EmulatorProfile> upstreams = new LinkedHashMap<>();
    private final List<Setup.PoolSetup> pools = new ArrayList<>();
    private final List<KeyOptions> keys = new ArrayList<>();
    private Consumer<Pipeline> pipeline = none -> {};
    private boolean settle;

    private Builder() {}

    /** Adds a healthy upstream. */
    public Builder upstream(String id) {
      return upstream(id, profile -> profile);
    }

    /**
     * Adds an upstream.
     *
     * @param id unique
     * @param change makes its profile of the default one, in which time runs {@value
     *     ForebayExtension#TIME_SCALE} times as fast
     */
    public Builder upstream(String id, UnaryOperator<EmulatorProfile> change) {
      EmulatorProfile profile =
          change.apply(EmulatorProfile.DEFAULT.withTimeScale(ForebayExtension.TIME_SCALE));
      if (upstreams.putIfAbsent(id, profile) != null) {
        throw new IllegalArgumentException("upstream: " + id + " twice (expected: unique ids)");
      }
      return this;
    }

    /** Describes what every request passes; the upstreams that no pool names are its backends. */
    public Builder gateway(Consumer<Pipeline> description) {
      pipeline = description;
      return this;
    }

    /**
     * Adds a pool.
     *
     * @param upstreams ids of upstreams, added before
     */
    public Builder pool(String name, Consumer<Pipeline> description, String... upstreams) {
      pools.add(new Setup.PoolSetup(name, description, List.of(upstreams)));
      return this;
    }

    /** Adds keys that callers must present one of. */
    public Builder keys(KeyOptions... known) {
      keys.addAll(List.of(known));
      return this;
    }

    /** Fails each test that leaves something open, as {@link RunningGateway#assertSettled()}. */
    public Builder assertSettledAfterEach() {
      settle = true;
      return this;
    }

    /** The extension. */
    public ForebayExtension build() {
      return new ForebayExtension(new Setup(upstreams, pipeline, pools, keys), settle);
    }
  }
}
