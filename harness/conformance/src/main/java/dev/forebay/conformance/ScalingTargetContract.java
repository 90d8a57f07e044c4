package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.policy.ScalingTarget.Observed;
import io.vertx.core.Future;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for scaling targets: T1 and following of {@code docs/spec.md}. */
public interface ScalingTargetContract extends PluginContract<ScalingTarget> {

  /** The stage that tests it: by default one of virtual time. */
  default Stage stage() {
    return Stage.virtual(lend(TestContext.create()));
  }

  /** Makes what the target asks fail from now on, or answer again; false if it asks nobody. */
  default boolean broken(boolean now) {
    return false;
  }

  private static Observed observed(Stage stage, ScalingTarget target) {
    Future<Observed> observed = stage.await("observe", target::observe);
    require(observed.succeeded(), "observe failed: %s", observed.cause());
    return observed.result();
  }

  private static void order(Stage stage, ScalingTarget target, int replicas) {
    Future<Void> taken = stage.await("scale", () -> target.scale(replicas, List.of()));
    require(taken.succeeded(), "the order of %d failed: %s", replicas, taken.cause());
  }

  private static void requireKept(Stage stage, ScalingTarget target, int replicas) {
    Integer kept = observed(stage, target).replicas();
    require(
        kept == null || kept == replicas, "it keeps %s (expected: %d, as ordered)", kept, replicas);
  }

  /** T1: it keeps what was ordered, more and less. */
  @Test
  default void t1_itKeepsWhatWasOrdered() {
    Rule.check(
        this,
        "T1",
        () -> {
          Stage stage = stage();
          ScalingTarget target = plugin().create(stage.context());
          for (int replicas : new int[] {2, 4, 1}) {
            order(stage, target, replicas);
            requireKept(stage, target, replicas);
          }
          stage.await("close", target::close);
        });
  }

  /** T2: the same order again changes nothing. */
  @Test
  default void t2_theSameOrderAgainChangesNothing() {
    Rule.check(
        this,
        "T2",
        () -> {
          Stage stage = stage();
          ScalingTarget target = plugin().create(stage.context());
          order(stage, target, 3);
          order(stage, target, 3);
          requireKept(stage, target, 3);
          stage.await("close", target::close);
        });
  }

  /** T3: while it cannot be asked it fails, and what it kept is kept. */
  @Test
  default void t3_whileItCannotBeAskedNothingChanges() {
    Rule.check(
        this,
        "T3",
        () -> {
          Stage stage = stage();
          ScalingTarget target = plugin().create(stage.context());
          order(stage, target, 2);
          if (!broken(true)) {
            stage.await("close", target::close);
            Rule.skip("it asks nobody");
          }
          require(
              stage.await("observe", target::observe).failed(),
              "observe succeeded (expected: a failure)");
          require(
              stage.await("scale", () -> target.scale(9, List.of())).failed(),
              "the order was taken (expected: a failure)");
          broken(false);
          requireKept(stage, target, 2);
          stage.await("close", target::close);
        });
  }

  /** T4: it can be closed, twice too. */
  @Test
  default void t4_itCanBeClosedTwice() {
    Rule.check(
        this,
        "T4",
        () -> {
          Stage stage = stage();
          ScalingTarget target = plugin().create(stage.context());
          for (int i = 0; i < 2; i++) {
            Future<Void> closed = stage.await("close", target::close);
            require(closed.succeeded(), "close failed: %s", closed.cause());
          }
          require(stage.pending() == 0, "%d actions are scheduled", stage.pending());
        });
  }
}
