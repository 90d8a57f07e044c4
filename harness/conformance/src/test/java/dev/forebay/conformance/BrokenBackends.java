package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A backend, or a stream of one, that breaks each rule. */
final class BrokenBackends {

  private BrokenBackends() {}

  /** Belongs to nobody. */
  static final class N1 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                public Facts facts() {
                  return super.facts().withAccount("");
                }
              });
    }
  }

  /** Gives an error for an answer. */
  static final class N2 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                public Future<InferenceResponse> serve(InferenceRequest request) {
                  return super.serve(request)
                      .map(
                          head ->
                              new InferenceResponse(
                                  head.servedBy(), 503, head.headers(), head.tokens()));
                }
              });
    }
  }

  /** Says the last word again and again. */
  static final class N3 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                TokenStream stream(StreamSource source, InferenceRequest request) {
                  return new Wrapped(source) {
                    private @Nullable Chunk last;

                    @Override
                    public Future<Chunk> next() {
                      return last != null
                          ? Future.succeededFuture(last)
                          : super.next().map(this::note);
                    }

                    private Chunk note(Chunk chunk) {
                      last = chunk.last() ? chunk : null;
                      return chunk;
                    }
                  };
                }
              });
    }
  }

  /** Gives one chunk to two who ask. */
  static final class N4 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                TokenStream stream(StreamSource source, InferenceRequest request) {
                  return new Wrapped(source) {
                    private @Nullable Future<Chunk> asked;

                    @Override
                    public Future<Chunk> next() {
                      Future<Chunk> open = asked;
                      if (open == null || open.isComplete()) {
                        open = super.next();
                        asked = open;
                      }
                      return open;
                    }
                  };
                }
              });
    }
  }

  /** Has content for ever. */
  @AlsoFails({"P8", "P10", "P11", "P12", "N3", "N4", "N6", "N8", "N10", "N12"})
  static final class N5Endless implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                TokenStream stream(StreamSource source, InferenceRequest request) {
                  return new Wrapped(source) {
                    @Override
                    public Future<Chunk> next() {
                      Chunk more = Chunk.content(Buffer.buffer("data: {}\n\n"), 1);
                      return source.over() ? super.next() : Future.succeededFuture(more);
                    }
                  };
                }
              });
    }
  }

  /** Is done when the first content comes. */
  @AlsoFails("N7")
  static final class N5 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                TokenStream stream(StreamSource source, InferenceRequest request) {
                  Promise<Outcome> early = Promise.promise();
                  source.outcome().onComplete(ended -> early.tryComplete(ended.result()));
                  return new Wrapped(source) {
                    @Override
                    public Future<Chunk> next() {
                      return super.next().map(this::note);
                    }

                    private Chunk note(Chunk chunk) {
                      if (chunk.kind() == Chunk.Kind.CONTENT) {
                        long now = request.call().timeline().nanos();
                        early.tryComplete(Outcome.ok(Usage.NONE, new Timings(now, now, now)));
                      }
                      return chunk;
                    }

                    @Override
                    public Future<Outcome> outcome() {
                      return early.future();
                    }
                  };
                }
              });
    }
  }

  /** Takes a keep-alive for content. */
  static final class N6 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                TokenStream stream(StreamSource source, InferenceRequest request) {
                  return new Wrapped(source) {
                    private long first = -1;

                    @Override
                    public Future<Chunk> next() {
                      return super.next().map(this::note);
                    }

                    private Chunk note(Chunk chunk) {
                      first = first < 0 ? request.call().timeline().nanos() : first;
                      return chunk;
                    }

                    @Override
                    public Future<Outcome> outcome() {
                      return super.outcome().map(this::early);
                    }

                    private Outcome early(Outcome outcome) {
                      Timings known = outcome.timings();
                      return new Outcome(
                          outcome.status(),
                          outcome.usage(),
                          new Timings(known.startedNanos(), first, known.endedNanos()),
                          outcome.failure());
                    }
                  };
                }
              });
    }
  }

  /** Can be given up once. */
  static final class N7 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                TokenStream stream(StreamSource source, InferenceRequest request) {
                  return new Wrapped(source) {
                    private boolean cancelled;

                    @Override
                    public void cancel() {
                      if (cancelled) {
                        throw new IllegalStateException("cancelled before");
                      }
                      cancelled = true;
                      super.cancel();
                    }
                  };
                }
              });
    }
  }

  /** Goes on when the call has ended. */
  static final class N8 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                Call call(InferenceRequest request) {
                  return request.call().ended()
                      ? request.call()
                      : Call.root(request.call().timeline());
                }
              });
    }
  }

  /** Begins though the call has ended. */
  static final class N9 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                Call call(InferenceRequest request) {
                  return request.call().ended()
                      ? Call.root(request.call().timeline())
                      : request.call();
                }
              });
    }
  }

  /** Has slots that come back after good answers only. */
  static final class N10 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context -> new Slots(context, status -> status == Status.OK, Integer.MAX_VALUE));
    }
  }

  /** Has 100 slots, and gives some of them back with the outcome. */
  private static final class Slots extends ReferenceBackend {
    private final Predicate<Status> frees;
    private final int breaksAfter;
    private int free = 100;

    Slots(PluginContext context, Predicate<Status> frees, int breaksAfter) {
      super(context);
      this.frees = frees;
      this.breaksAfter = breaksAfter;
    }

    @Override
    int breaksAfter() {
      return breaksAfter;
    }

    @Override
    public Future<InferenceResponse> serve(InferenceRequest request) {
      return free == 0
          ? Future.failedFuture(Failure.overloaded(503, "slots", "no slot"))
          : super.serve(request);
    }

    @Override
    TokenStream stream(StreamSource source, InferenceRequest request) {
      free--;
      source.outcome().onSuccess(ended -> free += frees.test(ended.status()) ? 1 : 0);
      return source;
    }
  }

  /** Produces though nobody reads. */
  static final class N11 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                boolean pauses() {
                  return false;
                }
              });
    }
  }

  /** Connects again after it was closed. */
  static final class N12 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(
          context ->
              new ReferenceBackend(context) {
                @Override
                public Future<Void> close() {
                  connect(context);
                  return Future.succeededFuture();
                }
              });
    }

    private static void connect(PluginContext context) {
      context.timeline().after(60_000_000_000L, () -> connect(context));
    }
  }

  /** Keeps the slot of each stream that breaks. */
  static final class N13Slots implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(ReferenceBackend::new);
    }

    @Override
    public Optional<Plugin<Backend>> breaking() {
      return Optional.of(
          ReferenceBackend.plugin(
              context -> new Slots(context, status -> status != Status.OVERLOADED, 2)));
    }
  }

  /** Calls a cut stream a complete one. */
  static final class N13 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(ReferenceBackend::new);
    }

    @Override
    public Optional<Plugin<Backend>> breaking() {
      return Optional.of(
          ReferenceBackend.plugin(
              context ->
                  new ReferenceBackend(context) {
                    @Override
                    int breaksAfter() {
                      return 2;
                    }

                    @Override
                    TokenStream stream(StreamSource source, InferenceRequest request) {
                      return new Wrapped(source) {
                        @Override
                        public Future<Outcome> outcome() {
                          return super.outcome()
                              .map(ended -> Outcome.ok(ended.usage(), ended.timings()));
                        }
                      };
                    }
                  }));
    }
  }

  /** An upstream that refuses, and counts. */
  private static final class Upstream {
    private long received;

    Future<InferenceResponse> refuse(Supplier<RuntimeException> why) {
      received++;
      return Future.failedFuture(why.get());
    }

    long received() {
      return received;
    }
  }

  private static RuntimeException overloaded() {
    return Failure.overloaded(503, "overloaded", "the upstream is overloaded");
  }

  /** Refuses with an exception of its own. */
  static final class N14 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(ReferenceBackend::new);
    }

    @Override
    public Optional<Refusing> refusing() {
      Upstream upstream = new Upstream();
      return Optional.of(
          new Refusing(
              ReferenceBackend.plugin(
                  context ->
                      new ReferenceBackend(context) {
                        @Override
                        public Future<InferenceResponse> serve(InferenceRequest request) {
                          return upstream.refuse(() -> new IllegalStateException("503"));
                        }
                      }),
              upstream::received));
    }
  }

  /** Tries again on its own. */
  static final class N15 implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(ReferenceBackend::new);
    }

    @Override
    public Optional<Refusing> refusing() {
      Upstream upstream = new Upstream();
      return Optional.of(
          new Refusing(
              ReferenceBackend.plugin(
                  context ->
                      new ReferenceBackend(context) {
                        @Override
                        public Future<InferenceResponse> serve(InferenceRequest request) {
                          return upstream
                              .refuse(BrokenBackends::overloaded)
                              .recover(again -> upstream.refuse(BrokenBackends::overloaded));
                        }
                      }),
              upstream::received));
    }
  }

  /** A backend that holds every rule. */
  static final class Good implements BackendContract {
    @Override
    public Plugin<Backend> plugin() {
      return ReferenceBackend.plugin(ReferenceBackend::new);
    }

    @Override
    public Optional<Plugin<Backend>> breaking() {
      return Optional.of(
          ReferenceBackend.plugin(
              context ->
                  new ReferenceBackend(context) {
                    @Override
                    int breaksAfter() {
                      return 2;
                    }
                  }));
    }

    @Override
    public Optional<Refusing> refusing() {
      Upstream upstream = new Upstream();
      return Optional.of(
          new Refusing(
              ReferenceBackend.plugin(
                  context ->
                      new ReferenceBackend(context) {
                        @Override
                        public Future<InferenceResponse> serve(InferenceRequest request) {
                          return upstream.refuse(BrokenBackends::overloaded);
                        }
                      }),
              upstream::received));
    }
  }
}
