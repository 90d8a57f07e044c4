package dev.forebay.simulation;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Registration;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import org.jspecify.annotations.Nullable;

/**
 * One request between its own timeline and the server's. What the server says is handled on its
 * own; what the caller gives up is told to the server on its timeline. A caller that reads slowly
 * gets tokens in fewer, larger chunks: the server does not wait for it, and nothing piles up.
 */
final class Exchange implements Answer {

  private static final Headers EVENTS = Headers.of("content-type", "text/event-stream");
  private static final Headers JSON = Headers.of("content-type", "application/json");

  private final String servedBy;
  private final SimulatedServer server;
  private final InferenceRequest request;
  private final AnswerFrames frames;
  private final Timeline timeline;
  private final boolean crossing;
  private final Promise<InferenceResponse> head = Promise.promise();
  private final StreamSource source;

  // on the request's timeline
  private Registration departure = Registration.NONE;
  private boolean full;
  private boolean begun;
  private int held;
  private int tokens;
  private @Nullable Ending ending;
  private Usage usage = Usage.NONE;

  // on the server's timeline
  private @Nullable Registration work;
  private boolean givenUp;

  Exchange(String servedBy, SimulatedServer server, InferenceRequest request, AnswerFrames frames) {
    this.servedBy = servedBy;
    this.server = server;
    this.request = request;
    this.frames = frames;
    this.timeline = request.call().timeline();
    this.crossing = !timeline.equals(server.timeline());
    this.source = new StreamSource(request.call(), timeline.nanos(), this::giveUp);
    source.onDrain(this::drained);
  }

  Future<InferenceResponse> start(long delayNanos) {
    if (delayNanos > 0) {
      departure = timeline.after(delayNanos, this::send);
    } else {
      send();
    }
    return head.future();
  }

  @Override
  public void accepted() {
    atHome(
        () ->
            head.tryComplete(
                new InferenceResponse(
                    servedBy, 200, request.info().stream() ? EVENTS : JSON, source)));
  }

  @Override
  public void waiting() {
    atHome(
        () -> write(request.info().stream() ? AnswerFrames.KEEP_ALIVE : AnswerFrames.BLANK_LINE));
  }

  @Override
  public void tokens(int count) {
    if (crossing) {
      timeline.execute(() -> add(count));
    } else {
      add(count);
    }
  }

  @Override
  public void ended(Ending how, Usage used) {
    atHome(
        () -> {
          ending = how;
          usage = used;
          if (!full) {
            finish(how);
          }
        });
  }

  private void atHome(Runnable action) {
    if (crossing) {
      timeline.execute(action);
    } else {
      action.run();
    }
  }

  private void send() {
    if (crossing) {
      server.timeline().execute(this::submit);
    } else {
      submit();
    }
  }

  private void submit() {
    if (!givenUp) {
      Registration submitted = server.submit(request, this);
      work = submitted;
      if (givenUp) {
        submitted.cancel();
      }
    }
  }

  /** The caller left, or reads no further. */
  private void giveUp() {
    departure.cancel();
    Failure why = request.call().reason();
    head.tryFail(why == null ? Failure.cancelled() : why);
    if (crossing) {
      server.timeline().execute(this::cancel);
    } else {
      cancel();
    }
  }

  private void cancel() {
    givenUp = true;
    if (work != null) {
      work.cancel();
    }
  }

  private void add(int count) {
    tokens += count;
    if (!request.info().stream()) {
      return;
    }
    if (full) {
      held += count;
      return;
    }
    if (!begun) {
      begun = true;
      write(frames.prelude());
    }
    write(frames.content(count));
  }

  private void write(Chunk chunk) {
    if (!source.write(chunk)) {
      full = true;
    }
  }

  private void drained() {
    full = false;
    if (held > 0) {
      int count = held;
      held = 0;
      write(frames.content(count));
    }
    Ending how = ending;
    if (how != null && !source.over()) {
      finish(how);
    }
  }

  private void finish(Ending how) {
    Failure failure = how.failure();
    source.usage(usage);
    if (failure != null) {
      Failure named = failure.at(servedBy);
      long retryAfter = server.parameters().retryAfter().toNanos();
      boolean says = retryAfter > 0 && (how.httpStatus() == 429 || how.httpStatus() == 503);
      Failure told = says ? named.retryAfter(retryAfter) : named;
      source.fail(told);
      head.tryFail(told);
      return;
    }
    if (request.info().stream()) {
      if (!begun) {
        source.write(frames.prelude());
      }
      source.write(frames.finish(how.reason(), usage));
      source.write(AnswerFrames.DONE);
    } else {
      source.write(whole(how));
    }
  }

  private Chunk whole(Ending how) {
    return request.info().operation() == Operation.EMBEDDING
        ? AnswerFrames.embeddings(
            request.info().model(), new long[] {Chance.hash(request.info().id())}, usage)
        : frames.whole(tokens, how.reason(), usage);
  }
}
