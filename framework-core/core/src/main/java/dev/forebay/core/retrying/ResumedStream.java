package dev.forebay.core.retrying;

import dev.forebay.core.kernel.OwnStream;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.core.stream.Recording;
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
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A streamed answer in parts: if one breaks off, the next continues it. Each part is a call of its
 * own. What the caller has is kept as it came, and is read only if a part breaks off.
 */
final class ResumedStream implements OwnStream {

  /** Events, and their bytes, that are read in one turn of an event loop. */
  private static final int EVENTS_EACH_TURN = 256;

  private static final int BYTES_EACH_TURN = 256 << 10;

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
    return next(null);
  }

  /**
   * Reads on, in a loop: a server may send any number of events that are left out.
   *
   * @param reader who waits already; null if nobody does
   */
  private Future<Chunk> next(@Nullable Promise<Chunk> reader) {
    while (true) {
      TokenStream stream = part;
      if (stream == null || (over && outcome.future().result().failure() != null)) {
        return over ? Future.failedFuture(why()) : wait(reader);
      }
      asking = true;
      Future<Chunk> chunk = stream.next();
      asking = false;
      if (!chunk.succeeded()) {
        Future<Chunk> later = wait(reader);
        endedMeanwhile(stream);
        chunk.onComplete(this::came);
        return later;
      }
      Chunk taken = taken(chunk.result());
      endedMeanwhile(stream);
      if (taken != null) {
        return taken == chunk.result() ? chunk : Future.succeededFuture(taken);
      }
    }
  }

  /** Reads on for a reader who waits. */
  private void readOn(Promise<Chunk> reader) {
    Future<Chunk> chunk = next(reader);
    if (chunk != reader.future()) {
      chunk.onComplete(reader);
    }
  }

  /** The last chunk that is buffered of a broken part comes with its end: it is kept first. */
  private void endedMeanwhile(TokenStream stream) {
    Outcome how = meanwhile;
    if (how != null) {
      meanwhile = null;
      ended(stream, how);
    }
  }

  private Future<Chunk> wait(@Nullable Promise<Chunk> reader) {
    Promise<Chunk> promise = reader == null ? Promise.promise() : reader;
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
        readOn(reader);
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
      if (came.kind() == Chunk.Kind.PRELUDE && !came.last()) {
        return null; // a role comes once
      }
      chunk = new Chunk(continuation.event(came.data()), came.kind(), came.tokens(), came.last());
    }
    if (chunk.kind() == Chunk.Kind.CONTENT) {
      tokens += chunk.tokens();
    }
    if (chunk.kind() == Chunk.Kind.CONTENT || chunk.kind() == Chunk.Kind.TRAILER) {
      keep(chunk); // a trailer may say that the answer has ended
    }
    return chunk;
  }

  private void keep(Chunk chunk) {
    List<Chunk> all = kept;
    if (all != null) {
      keptBytes += chunk.data().length();
      long held = keptBytes + (all.size() + 1L) * Recording.BYTES_PER_CHUNK;
      if (keptBytes > filter.options.maxBytes() || !memory.cover(held)) {
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
    boolean unread = stream instanceof FirstContent first && first.unread();
    if (asking || (unread && how.failure() != null)) {
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
    read(new Continuation(request.info().operation()), all, 0, failure);
  }

  /** Whether another part may follow. */
  private boolean again(Failure failure) {
    long now = timeline.nanos();
    return failure.status().retryable()
        && tokens > 0
        && tries < filter.options.attempts()
        && !cancelled
        && !request.call().ended()
        && now < request.info().deadlineNanos()
        && filter.possible(failure, now);
  }

  /** Reads what the caller has, in turns. */
  private void read(Continuation so, List<Chunk> all, int from, Failure failure) {
    if (over) {
      return;
    }
    int to = from;
    int bytes = 0;
    while (to < all.size() && to - from < EVENTS_EACH_TURN && bytes < BYTES_EACH_TURN) {
      Chunk chunk = all.get(to++);
      bytes += chunk.data().length();
      if (!so.read(chunk.data())) {
        unfit();
        return;
      }
    }
    int next = to;
    if (request.call().ended()) {
      finish(failed(Endings.why(request.call())));
    } else if (next < all.size()) {
      timeline.after(0, () -> read(so, all, next, failure));
    } else {
      ask(so, failure);
    }
  }

  private void unfit() {
    filter.unfit.increment();
    finish(Objects.requireNonNull(broken));
  }

  /** Asks for the rest; takes that from the budget, if the rest can be asked for. */
  private void ask(Continuation so, Failure failure) {
    InferenceRequest rest = so.request(request, tokens);
    if (rest == null) {
      unfit();
      return;
    }
    if (!filter.allowed(failure, timeline.nanos())) {
      finish(Objects.requireNonNull(broken));
      return;
    }
    tries++;
    String at = failure.servedBy() == null ? servedBy : failure.servedBy();
    attempt = attempt.next(at.isEmpty() ? null : at).continuing(tokens);
    RequestSpan span = request.call().span();
    if (span != null) {
      String given = Integer.toString(tokens);
      span.event("resume", "reason", failure.reason(), "endpoint", at, "tokens", given);
    }
    call = request.call().child();
    Predicate<Chunk> undecided = chunk -> so.undecided(chunk.data());
    guarded(
            next.serve(rest.with(call).with(attempt))
                .compose(response -> FirstContent.await(response, undecided)))
        .onComplete(result -> answered(so, result));
  }

  private void answered(Continuation so, AsyncResult<InferenceResponse> result) {
    if (over) {
      if (result.succeeded()) {
        result.result().tokens().cancel();
      }
    } else if (result.succeeded() && so.beginsAgain()) {
      result.result().tokens().cancel();
      filter.beganAgain(result.result().servedBy());
      finish(Objects.requireNonNull(broken));
    } else if (result.succeeded()) {
      filter.resumed.increment();
      continuation = so;
      begin(result.result());
      Promise<Chunk> reader = waiting;
      if (reader != null) {
        waiting = null;
        readOn(reader);
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
      endedMeanwhile(stream);
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
