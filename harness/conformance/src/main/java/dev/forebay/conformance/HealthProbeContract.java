package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Status;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rules for active health checks: A1 and following of {@code docs/spec.md}. */
public interface HealthProbeContract extends PluginContract<HealthProbe> {

  /** The longest message of a probe that failed, in characters. */
  int LONGEST_MESSAGE = 500;

  /** Where the probe is tested; by default in virtual time. */
  default Stage stage() {
    return Stage.virtual();
  }

  /** What is probed. */
  Target target();

  /** Backends to ask, and what they saw of it. */
  interface Target {

    /** A backend that is up. */
    Backend up();

    /** A backend that is down. */
    Backend down();

    /** A backend that takes the question and never answers; empty where there can be none. */
    Optional<Backend> hanging();

    /** Questions that came to a backend so far. */
    long asked();

    /** Questions that are open at a backend now. */
    long open();
  }

  /** A1: an endpoint that is up is found up. */
  @Test
  default void a1_anEndpointThatIsUpIsFoundUp() {
    Rule.check(
        this,
        "A1",
        () -> {
          Stage stage = stage();
          Target target = target();
          HealthProbe probe = plugin().create(stage.context());
          for (int i = 0; i < 3; i++) {
            Future<Void> answer = Probing.ask(stage, probe, target.up());
            require(answer.succeeded(), "an endpoint that is up: %s", answer.cause());
          }
        });
  }

  /** A2: an endpoint that is down is found down, in one line that says why. */
  @Test
  default void a2_anEndpointThatIsDownIsFoundDownAndWhy() {
    Rule.check(
        this,
        "A2",
        () -> {
          Stage stage = stage();
          HealthProbe probe = plugin().create(stage.context());
          Future<Void> answer = Probing.ask(stage, probe, target().down());
          require(answer.failed(), "an endpoint that is down was found up");
          String message = String.valueOf(answer.cause().getMessage());
          boolean line = message.lines().count() == 1 && message.length() <= LONGEST_MESSAGE;
          require(line && !message.equals("null"), "message: %s (expected: one line)", message);
        });
  }

  /** A3: the end of the call ends the probe, and leaves nothing open. */
  @Test
  default void a3_theEndOfTheCallEndsTheProbe() {
    Rule.check(
        this,
        "A3",
        () -> {
          Stage stage = stage();
          Target target = target();
          Backend hanging = target.hanging().orElse(null);
          if (hanging == null) {
            Rule.skip("an endpoint that never answers cannot be had");
            return;
          }
          HealthProbe probe = plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          Failure late = Failure.of(Status.STALLED, 504, "probe_timeout", "too late");
          Future<Void> answer =
              stage.await(
                  () -> {
                    stage.requestTimeline().after(200_000_000, () -> call.end(late));
                    return probe.probe(hanging, call);
                  });
          require(call.ended(), "it answered for an endpoint that never did");
          require(answer.failed(), "an endpoint that never answers was found up");
          Probing.settle(stage, target);
        });
  }

  /** A4: a probe whose call has ended asks nobody. */
  @Test
  default void a4_aProbeWhoseCallHasEndedAsksNobody() {
    Rule.check(
        this,
        "A4",
        () -> {
          Stage stage = stage();
          Target target = target();
          Backend up = target.up();
          HealthProbe probe = plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          call.end();
          Future<Void> answer = stage.await("probe", () -> probe.probe(up, call));
          require(answer.failed(), "it answered, though its call had ended");
          Probing.settle(stage, target);
          require(target.asked() == 0, "%d questions (expected: 0)", target.asked());
        });
  }

  /** A5: whatever a backend throws is a failed probe. */
  @Test
  default void a5_whateverABackendThrowsIsAFailedProbe() {
    Rule.check(
        this,
        "A5",
        () -> {
          Stage stage = stage();
          HealthProbe probe = plugin().create(stage.context());
          Backend broken =
              new Backend() {
                @Override
                public Facts facts() {
                  throw new IllegalStateException("no facts today");
                }

                @Override
                public Future<InferenceResponse> serve(InferenceRequest request) {
                  throw new IllegalStateException("no service today");
                }
              };
          require(Probing.ask(stage, probe, broken).failed(), "a backend that throws is up");
        });
  }

  /** A6: many probes leave nothing open and nothing scheduled. */
  @Test
  default void a6_manyProbesLeaveNothingOpen() {
    Rule.check(
        this,
        "A6",
        () -> {
          Stage stage = stage();
          Target target = target();
          Backend up = target.up();
          Backend down = target.down();
          HealthProbe probe = plugin().create(stage.context());
          for (int i = 0; i < 100; i++) {
            Probing.ask(stage, probe, i % 2 == 0 ? up : down);
          }
          Probing.settle(stage, target);
        });
  }

  /** A7: it can be closed, twice too. */
  @Test
  default void a7_itCanBeClosedTwice() {
    Rule.check(
        this,
        "A7",
        () -> {
          Stage stage = stage();
          HealthProbe probe = plugin().create(stage.context());
          Probing.ask(stage, probe, target().up());
          require(stage.await("close", probe::close).succeeded(), "close failed");
          require(stage.await("close", probe::close).succeeded(), "the second close failed");
        });
  }
}
