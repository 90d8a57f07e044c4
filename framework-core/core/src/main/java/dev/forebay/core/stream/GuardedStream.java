package dev.forebay.core.stream;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/**
 * A stream of a plugin that does not use {@link StreamSource}, held to the rules all the same: it
 * is pumped, one chunk at a time and only when asked, into a source that keeps them. What it throws
 * is counted under the plugin's name; what it completes on another thread is taken to the request's
 * timeline.
 */
public final class GuardedStream implements OwnStream {

  private final TokenStream inner;
  private final Timeline timeline;
  private final StreamSource source;
  private final String name;
  private final PluginErrors errors;

  private GuardedStream(
      Call call, long startedNanos, TokenStream inner, String name, PluginErrors errors) {
    this.inner = inner;
    this.timeline = call.timeline();
    this.name = name;
    this.errors = errors;
    this.source = new StreamSource(call, startedNanos, this::cancelInner);
  }

  /** A filter of a plugin, whose streams keep the rules. */
  public static Filter guard(Filter filter, String name, PluginErrors errors) {
    return (request, next) -> {
      long started = request.call().timeline().nanos();
      return errors
          .required(filter.serve(request, next), filter, "serve", "a future of a response")
          .map(
              response -> {
                if (response == null) {
                  throw errors.returned(
                      filter, "serve", "a future of null", "a future of a response");
                }
                return guard(request.call(), started, response, name, errors);
              });
    };
  }

  /**
   * A response whose stream keeps the rules.
   *
   * @param startedNanos when the request was sent
   * @param name what errors are counted under
   */
  public static InferenceResponse guard(
      Call call, long startedNanos, InferenceResponse response, String name, PluginErrors errors) {
    TokenStream tokens = response.tokens();
    boolean trusted = tokens instanceof StreamSource || tokens instanceof OwnStream;
    return trusted
        ? response
        : response.with(new GuardedStream(call, startedNanos, tokens, name, errors));
  }

  @Override
  public Future<Chunk> next() {
    Future<Chunk> next = source.next();
    if (!next.isComplete()) {
      pull();
    }
    return next;
  }

  private void pull() {
    timeline.check();
    Future<Chunk> pulled;
    try {
      pulled = inner.next();
      if (!pulled.isComplete()) {
        pulled.onComplete(result -> timeline.execute(() -> pulled(result)));
        return;
      }
    } catch (Exception | Error e) {
      broken(e);
      return;
    }
    pulled(pulled);
  }

  private void pulled(AsyncResult<Chunk> result) {
    if (result.failed()) {
      source.fail(errors.failure(name, result.cause()));
      return;
    }
    Chunk chunk = result.result();
    if (chunk == null) {
      broken(new NullPointerException("chunk: null (expected: one)"));
      return;
    }
    if (chunk.last()) {
      source.usage(usage());
    }
    source.write(chunk);
  }

  private void broken(Throwable thrown) {
    Failure failure = errors.failure(name, thrown);
    cancelInner();
    source.fail(failure);
  }

  /** What it says that it used; a stream that has not said so with its last chunk says nothing. */
  private Usage usage() {
    Outcome said = said();
    return said == null ? Usage.NONE : said.usage();
  }

  private @Nullable Outcome said() {
    try {
      Future<Outcome> outcome = inner.outcome();
      return outcome.succeeded() ? outcome.result() : null;
    } catch (Exception | Error e) {
      errors.note(name, e);
      return null;
    }
  }

  private void cancelInner() {
    try {
      inner.cancel();
    } catch (Exception | Error e) {
      errors.note(name, e);
    }
  }

  @Override
  public void cancel() {
    source.cancel();
  }

  @Override
  public Future<Outcome> outcome() {
    return source.outcome().map(ended -> ended.withCost(costUsd()));
  }

  private double costUsd() {
    Outcome said = said();
    return said == null ? 0 : said.costUsd();
  }
}
