package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.options.NamedPlugin;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A filter that breaks each rule. */
final class BrokenFilters {

  private BrokenFilters() {}

  private static Plugin<Filter> plugin(Filter filter) {
    return plugin(context -> filter);
  }

  private static Plugin<Filter> plugin(Function<PluginContext, Filter> maker) {
    return NamedPlugin.of(Filter.class, "broken", maker);
  }

  /** A filter that changes the streams of answers. */
  private static Plugin<Filter> streams(UnaryOperator<TokenStream> change) {
    return plugin(
        context ->
            (request, next) ->
                next.serve(request)
                    .map(response -> response.with(change.apply(response.tokens()))));
  }

  /** Asks under a call of its own, and ends it with the stream. */
  private static Future<InferenceResponse> under(Call own, InferenceRequest request, Service next) {
    return next.serve(request.with(own))
        .onFailure(thrown -> own.end())
        .onSuccess(response -> response.tokens().outcome().onComplete(over -> own.end()));
  }

  /** Forgets requests that are not urgent. */
  static final class F1 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) ->
              request.info().priority() == RequestInfo.BATCH
                  ? Promise.<InferenceResponse>promise().future()
                  : next.serve(request));
    }
  }

  /** Fails with an exception of its own. */
  static final class F2 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) ->
              next.serve(request)
                  .recover(thrown -> Future.failedFuture(new IllegalStateException("failed"))));
    }
  }

  /** Swallows the end of streams. */
  static final class F3 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return streams(
          tokens ->
              new Wrapped(tokens) {
                @Override
                public Future<Chunk> next() {
                  return super.next()
                      .map(chunk -> new Chunk(chunk.data(), chunk.kind(), chunk.tokens(), false));
                }
              });
    }
  }

  /** Makes an end of a break. */
  static final class F4 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return streams(
          tokens ->
              new Wrapped(tokens) {
                @Override
                public Future<Chunk> next() {
                  return super.next()
                      .otherwise(new Chunk(Buffer.buffer(), Chunk.Kind.TRAILER, 0, true));
                }
              });
    }
  }

  /** Asks once more, for a caller who has left. */
  @AlsoFails({"F6", "F7", "F12"})
  static final class F5 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) ->
              next.serve(request)
                  .recover(
                      thrown ->
                          request.call().ended()
                              ? next.serve(request.with(Call.root(request.call().timeline())))
                              : Future.failedFuture(thrown)));
    }
  }

  /** Asks under a call that does not end with that of the caller. */
  @AlsoFails("F12")
  static final class F6 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) ->
              request.call().ended()
                  ? next.serve(request)
                  : under(Call.root(request.call().timeline()), request, next));
    }
  }

  /** Does not end its own calls. */
  static final class F7 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) ->
              next.serve(request.call().ended() ? request : request.with(request.call().child())));
    }
  }

  /** Lets streams go on that were given up. */
  @AlsoFails({"P8", "P10", "P12"})
  static final class F8 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return streams(
          tokens ->
              new Wrapped(tokens) {
                @Override
                public void cancel() {}
              });
    }
  }

  /** Answers on the gateway's timeline. */
  static final class F9 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          context ->
              (request, next) -> {
                Promise<InferenceResponse> answer = Promise.promise();
                next.serve(request)
                    .onComplete(result -> context.timeline().execute(() -> answer.handle(result)));
                return answer.future();
              });
    }
  }

  /** Keeps the request in a field. */
  static final class F10 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          context ->
              new Filter() {
                private @Nullable InferenceRequest latest;

                @Override
                public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
                  latest = request;
                  Promise<InferenceResponse> answer = Promise.promise();
                  request
                      .call()
                      .timeline()
                      .after(1_000_000, () -> ask(request, next).onComplete(answer));
                  return answer.future();
                }

                private Future<InferenceResponse> ask(InferenceRequest request, Service next) {
                  InferenceRequest known = latest;
                  return next.serve(known == null ? request : request.with(known.info()));
                }
              });
    }
  }

  /** Reads all that comes. */
  static final class F11 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) ->
              next.serve(request)
                  .map(
                      response -> {
                        TokenStream tokens = response.tokens();
                        StreamSource all =
                            new StreamSource(
                                request.call(), request.call().timeline().nanos(), tokens::cancel);
                        pump(tokens, all);
                        return response.with(all);
                      }));
    }

    private static void pump(TokenStream tokens, StreamSource all) {
      tokens
          .next()
          .onComplete(
              (chunk, thrown) -> {
                if (thrown != null) {
                  all.fail(Failure.from(thrown));
                } else {
                  all.write(chunk);
                  if (!chunk.last()) {
                    pump(tokens, all);
                  }
                }
              });
    }
  }

  /** Sets a timer for each request, and never takes it back. */
  @AlsoFails("P10")
  static final class F12 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) -> {
            request.call().timeline().after(Duration.ofHours(2).toNanos(), () -> {});
            return next.serve(request);
          });
    }
  }

  /** Has 50 slots, and gives one back if the answer is complete only. */
  static final class F12Cancelled implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return slots(status -> status == Status.OK);
    }
  }

  /** Has 50 slots, and keeps the slot of each stream that broke. */
  static final class F12Failed implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return slots(status -> status == Status.OK || status == Status.CANCELLED);
    }
  }

  private static Plugin<Filter> slots(Predicate<Status> frees) {
    return plugin(
        context -> {
          int[] free = {50};
          return (request, next) -> {
            if (free[0] == 0) {
              return Future.failedFuture(Failure.saturated("full", "no slot"));
            }
            free[0]--;
            return next.serve(request)
                .onFailure(thrown -> free[0]++)
                .onSuccess(
                    response ->
                        response
                            .tokens()
                            .outcome()
                            .onSuccess(ended -> free[0] += frees.test(ended.status()) ? 1 : 0));
          };
        });
  }

  /** Can be closed once. */
  static final class F13 implements FilterContract {
    /** Has something to close. */
    private static final class Closing implements Filter, Lifecycle {
      private final Promise<Void> closed = Promise.promise();

      @Override
      public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
        return next.serve(request);
      }

      @Override
      public Future<Void> close() {
        closed.complete();
        return closed.future();
      }
    }

    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(context -> new Closing());
    }
  }

  /** Writes bodies anew. */
  static final class F14 implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin(
          (request, next) ->
              next.serve(request.with(request.info(), request.body().copy().appendString(" "))));
    }
  }

  /** A filter that holds every rule: it asks under a child call. */
  static final class Good implements FilterContract {
    @Override
    public Plugin<Filter> plugin() {
      return BrokenFilters.plugin((request, next) -> under(request.call().child(), request, next));
    }
  }
}
