package dev.forebay.core.retrying;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.dialect.Continuation;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Service;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.MemoryBudget;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A streamed answer in parts: if one breaks off, the next continues it. Each part is a call of its
 * own. What the caller has is kept as it came, and is read only if a part breaks off.
 */
final class ResumedStream implements OwnStream {

  /** Events that are read in one turn of an event loop. */
  private static final int EVENTS_EACH_TURN = 256;

  private final ResumeFilter filter;
  private final InferenceRequest request;
  private final Service next;
  private final Timeline timeline;
  private final Promise<Outcome> outcome = Promise.promise();
  private @Nullable List<Chunk> kept = new ArrayList<>();
  private final MemoryBudget.Lease memory;
  private long keptBytes;
  private int tokens;
  private Attempt attempt;
  private int tries;
  private Call call;
  private String servedBy = "";
  private @Nullable TokenStream part;
  private @Nullable Promise<Chunk> waiting;
  private @Nullable Continuation continuation;
  private @Nullable Outcome broken;
  private @Nullable Timings begun;
  private int given;
  private double costUsd;
  private boolean asking;
  private @Nullable Outcome meanwhile;
  private boolean cancelled;
  private boolean over;

  ResumedStream(ResumeFilter filter, InferenceRequest request, Service next) {
    this.filter = filter;
    this.memory = filter.memory.lease();
    this.request = request;
    this.next = next;
    this.timeline = request.call().timeline();
    this.attempt = request.attempt();
    this.call = request.call().child();
  }

  Future<InferenceResponse> start() {
    return guarded(next.serve(request.with(call)))
        .map(
            response -> {
              begin(response);
              return response.with(this);
            });
  }

  private Future<InferenceResponse> guarded(Future<InferenceResponse> response) {
    Call own = call;
    return Endings.guardAndTrack(own, timeline.nanos(), response, how -> own.end());
  }

  private void begin(InferenceResponse response) {
    TokenStream stream = response.tokens();
    part = stream;
    servedBy = response.servedBy();
    given = tokens;
    stream.outcome().onSuccess(how -> ended(stream, how));
  }

  @Override
  public Future<Chunk> next() {
    TokenStream stream = part;
    if (stream == null || (over && outcome.future().result().failure() != null)) {
      return over ? Future.failedFuture(why()) : wait(Promise.promise());
    }
    asking = true;
    Future<Chunk> chunk = stream.next();
    asking = false;
    if (chunk.succeeded()) {
      Chunk taken = taken(chunk.result());
      endedMeanwhile(stream);
      if (taken != null) {
        return taken == chunk.result() ? chunk : Future.succeededFuture(taken);
      }
      return next(); // a role comes once
    }
    Future<Chunk> later = wait(Promise.promise());
    endedMeanwhile(stream);
    chunk.onComplete(this::came);
    return later;
  }

  /** The last chunk that is buffered of a broken part comes with its end: it is kept first. */
  private void endedMeanwhile(TokenStream stream) {
    Outcome how = meanwhile;
    if (how != null) {
      meanwhile = null;
      ended(stream, how);
    }
  }

  private Future<Chunk> wait(Promise<Chunk> promise) {
    waiting = promise;
    return promise.future();
  }

  private void came(AsyncResult<Chunk> result) {
    Promise<Chunk> reader = waiting;
    if (reader == null) {
      return; // it has been told how the stream ended
    }
    if (result.succeeded()) {
      waiting = null;
      Chunk taken = taken(result.result());
      if (taken == null) {
        next().onComplete(reader);
      } else {
        reader.complete(taken);
      }
    } else if (over) {
      waiting = null;
      reader.fail(result.cause());
    } // else the outcome of this part says what follows
  }

  /** A chunk for the caller; null if it has one like it already. */
  private @Nullable Chunk taken(Chunk came) {
    Chunk chunk = came;
    if (continuation != null) {
      if (came.kind() == Chunk.Kind.PRELUDE) {
        return null;
      }
      chunk = new Chunk(continuation.event(came.data()), came.kind(), came.tokens(), came.last());
    }
    if (chunk.kind() == Chunk.Kind.CONTENT) {
      tokens += chunk.tokens();
      keep(chunk);
    }
    return chunk;
  }

  private void keep(Chunk chunk) {
    List<Chunk> all = kept;
    if (all != null) {
      keptBytes += chunk.data().length();
      if (keptBytes > filter.options.maxBytes() || !memory.cover(keptBytes)) {
        kept = null;
        memory.close();
      } else {
        all.add(chunk);
      }
    }
  }

  private void ended(TokenStream stream, Outcome how) {
    if (stream != part || over) {
      return;
    }
    if (asking) {
      meanwhile = how;
      return;
    }
    Failure failure = how.failure();
    if (begun == null) {
      begun = how.timings();
    }
    List<Chunk> all = kept;
    if (failure == null || all == null || !again(failure)) {
      finish(joined(how));
      return;
    }
    broken = joined(how);
    costUsd += how.costUsd();
    part = null;
    read(new Continuation(request.info().operation()), all, 0);
  }

  /** Whether another part may follow; takes it from the budget if so. */
  private boolean again(Failure failure) {
    long now = timeline.nanos();
    return failure.status().retryable()
        && tokens > 0
        && tries < filter.options.attempts()
        && !cancelled
        && !request.call().ended()
        && now < request.info().deadlineNanos()
        && filter.allowed(failure, now);
  }

  /** Reads what the caller has, in turns. */
  private void read(Continuation so, List<Chunk> all, int from) {
    if (over) {
      return;
    }
    int to = Math.min(all.size(), from + EVENTS_EACH_TURN);
    for (Chunk chunk : all.subList(from, to)) {
      if (!so.read(chunk.data())) {
        unfit();
        return;
      }
    }
    if (request.call().ended()) {
      finish(failed(Endings.why(request.call())));
    } else if (to < all.size()) {
      timeline.after(0, () -> read(so, all, to));
    } else {
      ask(so, Objects.requireNonNull(broken).failure());
    }
  }

  private void unfit() {
    filter.unfit.increment();
    finish(Objects.requireNonNull(broken));
  }

  private void ask(Continuation so, @Nullable Failure failure) {
    tries++;
    String at = failure == null || failure.servedBy() == null ? servedBy : failure.servedBy();
    attempt = attempt.next(at.isEmpty() ? null : at).continuing(tokens);
    InferenceRequest rest = so.request(request, tokens);
    if (rest == null) {
      unfit();
      return;
    }
    RequestSpan span = request.call().span();
    if (span != null) {
      String reason = failure == null ? "" : failure.reason();
      span.event("resume", "reason", reason, "endpoint", at, "tokens", Integer.toString(tokens));
    }
    call = request.call().child();
    guarded(next.serve(rest.with(call).with(attempt)).compose(FirstContent::await))
        .onComplete(result -> answered(so, result));
  }

  private void answered(Continuation so, AsyncResult<InferenceResponse> result) {
    if (over) {
      if (result.succeeded()) {
        result.result().tokens().cancel();
      }
    } else if (result.succeeded()) {
      filter.resumed.increment();
      continuation = so;
      begin(result.result());
      Promise<Chunk> reader = waiting;
      if (reader != null) {
        waiting = null;
        next().onComplete(reader);
      }
    } else if (request.call().ended()) {
      finish(failed(Endings.why(request.call())));
    } else {
      Failure failure = Failure.from(result.cause());
      if (again(failure)) {
        ask(so, failure);
      } else {
        finish(Objects.requireNonNull(broken)); // what happened to the answer, not to the help
      }
    }
  }

  private Outcome failed(Failure failure) {
    Outcome last = Objects.requireNonNull(broken);
    Timings times = last.timings();
    return new Outcome(
        failure.status(),
        last.usage(),
        new Timings(times.startedNanos(), times.firstContentNanos(), timeline.nanos()),
        failure,
        last.costUsd());
  }

  /** The ending of a part as that of the whole answer. */
  private Outcome joined(Outcome how) {
    Timings first = begun;
    if (given == 0 || first == null) {
      return how;
    }
    Usage used = how.usage();
    int prompt = Math.max(0, used.promptTokens() - given);
    return new Outcome(
        how.status(),
        new Usage(
            prompt,
            Math.min(prompt, used.cachedTokens()),
            given + used.completionTokens(),
            used.reasoningTokens()),
        new Timings(first.startedNanos(), first.firstContentNanos(), how.timings().endedNanos()),
        how.failure(),
        costUsd + how.costUsd());
  }

  private void finish(Outcome how) {
    over = true;
    kept = null;
    memory.close();
    outcome.complete(how);
    Promise<Chunk> reader = waiting;
    if (how.failure() != null && reader != null) {
      waiting = null;
      reader.fail(how.failure());
    }
  }

  private Failure why() {
    Failure failure = outcome.future().result().failure();
    return failure == null ? Failure.internal("next() after the last chunk", null) : failure;
  }

  @Override
  public void cancel() {
    cancelled = true;
    TokenStream stream = part;
    if (over) {
      return;
    }
    if (stream != null) {
      stream.cancel();
    } else {
      finish(failed(Failure.cancelled()));
      call.end();
    }
  }

  @Override
  public Future<Outcome> outcome() {
    return outcome.future();
  }
}
