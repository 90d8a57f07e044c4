package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import java.util.function.Function;

/** A health probe that breaks each rule. */
final class BrokenProbes {

  private BrokenProbes() {}

  /** Probes of scripted backends. */
  abstract static class Probes implements HealthProbeContract {
    private final ScriptedBackend up = new ScriptedBackend("up", true);
    private final ScriptedBackend down = new ScriptedBackend("down", false);
    private final ScriptedBackend hanging = ScriptedBackend.hanging("hanging");

    @Override
    public Target target() {
      return new Target() {
        @Override
        public Backend up() {
          return up;
        }

        @Override
        public Backend down() {
          return down;
        }

        @Override
        public Optional<Backend> hanging() {
          return Optional.of(hanging);
        }

        @Override
        public long asked() {
          return up.asked() + down.asked() + hanging.asked();
        }

        @Override
        public long open() {
          return up.open() + down.open() + hanging.open();
        }
      };
    }
  }

  private static Plugin<HealthProbe> plugin(Function<PluginContext, HealthProbe> maker) {
    return NamedPlugin.of(HealthProbe.class, "broken", maker);
  }

  /** Needs two answers to be sure. */
  @AlsoFails("A3")
  static final class A1 extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(
          context ->
              new ReferenceProbe() {
                private int asked;

                @Override
                public Future<Void> probe(Backend backend, Call call) {
                  return ++asked < 2
                      ? Future.failedFuture("not sure yet")
                      : super.probe(backend, call);
                }
              });
    }
  }

  /** Takes every answer for a good one. */
  static final class A2 extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(
          context ->
              new ReferenceProbe() {
                @Override
                public Future<Void> probe(Backend backend, Call call) {
                  return super.probe(backend, call)
                      .recover(
                          refused ->
                              call.ended() || backend.facts().id().equals("broken")
                                  ? Future.failedFuture(refused)
                                  : Future.succeededFuture());
                }
              });
    }
  }

  /** Waits for an answer however late. */
  static final class A3 extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(
          context ->
              new ReferenceProbe() {
                @Override
                Call child(Call call) {
                  Call own = Call.root(call.timeline());
                  if (call.ended()) {
                    own.end();
                  }
                  return own;
                }
              });
    }
  }

  /** Asks first, and looks at its call then. */
  static final class A4 extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(
          context ->
              new ReferenceProbe() {
                @Override
                boolean pointless(Call call) {
                  return false;
                }
              });
    }
  }

  /** Lets exceptions through. */
  static final class A5 extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(
          context ->
              new ReferenceProbe() {
                @Override
                Future<Void> thrown(RuntimeException e) {
                  throw e;
                }
              });
    }
  }

  /** Leaves its questions open. */
  static final class A6 extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(
          context ->
              new ReferenceProbe() {
                @Override
                Call child(Call call) {
                  if (call.ended()) {
                    return super.child(call);
                  }
                  Call own = Call.root(call.timeline());
                  call.onEnd(
                      () -> {
                        Failure why = call.reason();
                        if (why != null && why.status() == Status.STALLED) {
                          own.end();
                        }
                      });
                  return own;
                }

                @Override
                void over(Call own) {}
              });
    }
  }

  /** Can be closed once. */
  static final class A7 extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(
          context ->
              new ReferenceProbe() {
                private final Promise<Void> closed = Promise.promise();

                @Override
                public Future<Void> close() {
                  closed.complete();
                  return closed.future();
                }
              });
    }
  }

  /** A probe that holds every rule. */
  static final class Good extends Probes {
    @Override
    public Plugin<HealthProbe> plugin() {
      return BrokenProbes.plugin(context -> new ReferenceProbe());
    }
  }
}
