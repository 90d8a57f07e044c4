package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.conformance.HealthProbeContract.Target;
import dev.forebay.spi.Call;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.Promise;

/** Probes as the framework asks them: with a call that ends when the answer is there. */
final class Probing {

  private static final long LOOK_NANOS = 20_000_000;
  private static final int LOOKS = 500;

  private Probing() {}

  /** Asks, and waits for the answer for 5 seconds at most. */
  static Future<Void> ask(Stage stage, HealthProbe probe, Backend backend) {
    Call call = Call.root(stage.requestTimeline());
    return stage.await(
        () -> {
          var limit = stage.requestTimeline().after(5_000_000_000L, call::end);
          return probe
              .probe(backend, call)
              .onComplete(
                  answered -> {
                    limit.cancel();
                    call.end();
                  });
        });
  }

  /** Waits until nothing is open at the target; then nothing may be scheduled either. */
  static void settle(Stage stage, Target target) {
    for (int i = 0; i < LOOKS && target.open() > 0; i++) {
      pause(stage, LOOK_NANOS);
    }
    require(target.open() == 0, "%d questions are open still (expected: 0)", target.open());
    stage.quiet();
    require(stage.pending() == 0, "%d actions are scheduled (expected: 0)", stage.pending());
  }

  /** Lets time pass on a stage. */
  static void pause(Stage stage, long nanos) {
    stage.await(
        () -> {
          Promise<Void> later = Promise.promise();
          stage.requestTimeline().after(nanos, later::complete);
          return later.future();
        });
  }
}
