package dev.forebay.scaling;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Ref;
import dev.forebay.spi.options.Unit;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingTarget;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code scaling}.
 *
 * @param pools that are scaled, each once
 * @param interval between two decisions
 */
@Doc("Adjusts the number of members of pools to their load.")
public record Scaling(
    @Doc("The pools, each once.") @NotEmpty List<Scaled> pools,
    @Doc("Time between two decisions.") @Default("15s") @Range(min = 0.1, max = 3600)
        Duration interval)
    implements Plugin<Section> {

  /** Copies, and checks that each pool is there once. */
  public Scaling {
    pools = List.copyOf(pools);
    Set<String> names = new HashSet<>();
    for (Scaled scaled : pools) {
      if (!names.add(scaled.pool())) {
        throw new IllegalArgumentException(
            "pools: " + scaled.pool() + " twice (expected: each pool once)");
      }
    }
  }

  /**
   * How one pool is scaled.
   *
   * @param pool its name
   * @param by what decides
   * @param target what starts and stops members; null for the source of the pool's members
   * @param min members that serve at least
   * @param max members at most, standbys included; at least min
   * @param standbys members beyond those that serve: started, warm, and without requests
   * @param warmUp the age at which a member is ready, for the policy
   * @param drain how long a member that is to go may finish what it has
   * @param idle time without a request after which a pool whose min is 0 may be empty
   */
  @RecordBuilder
  @Doc("How one pool is scaled.")
  public record Scaled(
      @Doc("The pool.") @Default("default") @Ref(value = "pool", asked = false) String pool,
      @Doc("What decides.") Plugin<ScalingPolicy> by,
      @Doc("What starts and stops members; by default the source of the pool's members.")
          @Nullable Plugin<ScalingTarget> target,
      @Doc("Members that serve at least; with 0, an arrival starts the first.")
          @Default("3")
          @Range(min = 0, max = 10_000)
          @Unit("members")
          int min,
      @Doc("Members at most, standbys included.")
          @Default("20")
          @Range(min = 1, max = 10_000)
          @Unit("members")
          int max,
      @Doc("Members beyond those that serve: started, warm, and without requests.")
          @Default("0")
          @Range(min = 0, max = 100)
          @Unit("members")
          int standbys,
      @Doc("The age at which a member is ready; before, it is capacity on its way.")
          @Default("45s")
          @Range(min = 0, max = 3600)
          Duration warmUp,
      @Doc("How long a member that is to go may finish what it has; then it goes all the same.")
          @Default("10m")
          @Range(min = 0, max = 86_400)
          Duration drain,
      @Doc("Time without a request after which a pool whose min is 0 may be empty.")
          @Default("5m")
          @Range(min = 0, max = 86_400)
          Duration idle)
      implements ScalingScaledBuilder.With {

    /** Checks the bounds. */
    public Scaled {
      if (max < min) {
        throw new IllegalArgumentException(
            "max: " + max + " (expected: at least min, " + min + ")");
      }
    }
  }

  @Override
  public Section create(PluginContext context) {
    return new Autoscaler(this, context);
  }
}
