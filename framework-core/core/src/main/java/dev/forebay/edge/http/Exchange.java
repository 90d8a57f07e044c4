package dev.forebay.edge.http;

import dev.forebay.edge.BadRequest;
import dev.forebay.edge.identity.AffinityCookie;
import dev.forebay.edge.identity.Keys;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Labelled;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on the wire, from its body to the last byte of its answer; on its own timeline only.
 *
 * <p>It has two endings. It is <em>over</em> when nothing more is wanted from the chain: then its
 * call ends. It is <em>closed</em> when the last byte is with the caller, or the caller has gone:
 * then the edge no longer counts it. Nothing is written before the first content, so that until
 * then the answer can still become an error with a status of its own.
 */
final class Exchange {

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);
  private static final int MAX_HELD_BYTES = 64 << 10;

  private final Incoming incoming;
  private final HttpServerResponse response;
  private final Timeline timeline;
  private final TurnWriter writer;
  private final Call call;
  private final String id;
  private final Duration stallTimeout;
  private final ExchangeMemory memory;
  private final LargeBodies largeBodies;
  private final Labelled<Counter> refusals;
  private final Consumer<Exchange> onClosed;
  private @Nullable InferenceResponse head;
  private @Nullable Buffer held;
  private Registration stall = Registration.NONE;
  private boolean asked;
  private boolean committed;
  private boolean sse;
  private boolean over;
  private boolean closed;

  Exchange(
      Incoming incoming,
      Timeline timeline,
      Duration stallTimeout,
      MemoryBudget.Lease memory,
      LargeBodies largeBodies,
      Labelled<Counter> refusals,
      Consumer<Exchange> onClosed) {
    this.incoming = incoming;
    this.response = incoming.response();
    this.timeline = timeline;
    this.writer = new TurnWriter(response, timeline);
    this.call = Call.root(timeline);
    this.id = incoming.id().unique();
    this.stallTimeout = stallTimeout;
    this.memory = new ExchangeMemory(memory);
    this.largeBodies = largeBodies;
    this.refusals = refusals;
    this.onClosed = onClosed;
    incoming.onOver().accept(this::closed);
    call.onEnd(() -> timeline.execute(this::callEnded));
  }

  /** Reads the body, asks the chain, and writes what it answers. */
  void serve(
      Operation operation,
      Keys.@Nullable Key key,
      EdgeOptions options,
      RequestReader reader,
      Service service) {
    long arrived = timeline.nanos();
    String address = incoming.request().remoteAddress().hostAddress();
    BodyReader.read(incoming, options, timeline, memory.lease())
        .onComplete(
            (body, thrown) ->
                guarded(
                    () -> {
                      if (thrown != null) {
                        throw thrown instanceof BadRequest bad ? bad : Failure.from(thrown);
                      }
                      MultiMap headers = headers(options.affinityCookie());
                      String from = address == null ? "" : address;
                      read(
                          body,
                          () -> reader.read(id, operation, from, key, headers, body, arrived),
                          service);
                    }));
  }

  /** Large bodies are read elsewhere; nobody reads what nobody waits for any more. */
  private void read(Buffer body, Supplier<RequestReader.Read> reading, Service service) {
    HttpHead head = RequestHead.of(incoming.request());
    memory.parses();
    largeBodies
        .read(
            body.length(),
            incoming.vertx(),
            () -> {
              if (call.ended()) {
                throw Failure.cancelled();
              }
              return reading.get();
            })
        .onComplete(
            (read, thrown) ->
                guarded(
                    () -> {
                      memory.parsed();
                      if (over) {
                        memory.release();
                      }
                      if (read == null) {
                        throw thrown instanceof BadRequest bad ? bad : Failure.from(thrown);
                      }
                      ask(
                          service,
                          new InferenceRequest(
                              read.info(), body, call, Attempt.FIRST, head, read.places()));
                    }));
  }

  private MultiMap headers(@Nullable AffinityCookie cookie) {
    return cookie == null ? incoming.request().headers() : cookie.sessionOf(incoming.request());
  }

  /** Answers with an error of the edge itself. */
  void refuse(BadRequest bad) {
    if (!over && !committed) {
      over();
      memory.release();
      refusals.of(Integer.toString(bad.httpStatus), bad.code).increment();
      Errors.write(response, bad);
    }
  }

  /** Ends it, from any thread: with an error where the answer has not begun, or an error event. */
  void end(Failure why) {
    call.end(why);
  }

  private void ask(Service service, InferenceRequest request) {
    if (over) {
      return;
    }
    asked = true;
    Future<InferenceResponse> answer;
    try {
      answer = service.serve(request);
    } catch (RuntimeException | LinkageError e) {
      answer = Future.failedFuture(Failure.from(e));
    }
    answer.onComplete(
        (got, thrown) -> timeline.execute(() -> guarded(() -> answered(got, thrown))));
  }

  private void answered(@Nullable InferenceResponse got, @Nullable Throwable thrown) {
    if (got == null) {
      fail(Failure.from(thrown == null ? Failure.internal("no response", null) : thrown));
    } else if (over) {
      got.tokens().cancel();
    } else {
      head = got;
      pump(got.tokens());
    }
  }

  private void pump(TokenStream tokens) {
    while (!over) {
      if (committed && response.writeQueueFull()) {
        writer.flush();
        waitForDrain(tokens);
        return;
      }
      Future<Chunk> next = tokens.next();
      if (!next.isComplete()) {
        next.onComplete(
            (chunk, thrown) ->
                timeline.execute(() -> guarded(() -> resume(tokens, chunk, thrown))));
        return;
      }
      if (next.failed()) {
        fail(Failure.from(next.cause()));
      } else {
        take(next.result());
      }
    }
  }

  private void resume(TokenStream tokens, @Nullable Chunk chunk, @Nullable Throwable thrown) {
    if (chunk == null) {
      fail(Failure.from(thrown == null ? Failure.internal("no chunk", null) : thrown));
    } else if (!over) {
      take(chunk);
      pump(tokens);
    }
  }

  private void waitForDrain(TokenStream tokens) {
    stall.cancel();
    if (!memory.waits()) {
      stalled(); // too many do not read
      return;
    }
    stall = timeline.after(stallTimeout.toNanos(), this::stalled);
    response.drainHandler(
        nothing ->
            timeline.execute(
                () -> {
                  response.drainHandler(null);
                  stall.cancel();
                  memory.drained();
                  guarded(() -> pump(tokens));
                }));
  }

  private void take(Chunk chunk) {
    if (committed) {
      if (chunk.last()) {
        finish(chunk.data());
      } else {
        memory.goesOn(chunk.data().length());
        writer.write(chunk.data());
      }
      return;
    }
    if (chunk.kind() == Chunk.Kind.WAITING && !chunk.last()) {
      return; // the caller has not been answered: there is nothing to keep alive yet
    }
    Buffer all = held == null ? chunk.data() : held.appendBuffer(chunk.data());
    boolean begins = chunk.kind() != Chunk.Kind.PRELUDE || all.length() > MAX_HELD_BYTES;
    if (begins || chunk.last()) {
      held = null;
      commit(all, chunk.last());
    } else {
      held = held == null ? Buffer.buffer().appendBuffer(all) : all;
    }
  }

  private void commit(Buffer begin, boolean whole) {
    InferenceResponse answer = head;
    if (answer == null) {
      throw new IllegalStateException("no head");
    }
    memory.begins(begin.length());
    committed = true;
    sse = AnswerHead.set(incoming, answer, whole);
    if (whole) {
      finish(begin);
    } else {
      response.setChunked(true);
      response.write(begin);
    }
  }

  private void fail(Failure failure) {
    if (over) {
      return;
    }
    if (failure.status() == Status.INTERNAL) {
      LOG.error("request {} failed: {}", id, failure.getMessage(), failure.getCause());
    }
    over();
    memory.release();
    if (!asked) {
      refusals.of(Integer.toString(failure.callerStatus()), failure.reason()).increment();
    }
    if (response.closed()) {
      return;
    }
    if (!committed) {
      committed = true;
      settle(Errors.write(response, failure));
    } else if (sse) {
      settle(response.end(writer.endingWith(Errors.event(failure))));
    } else {
      response.reset();
    }
  }

  private void finish(Buffer end) {
    head = null; // read to its end: nothing to cancel
    over();
    memory.ends(end.length());
    settle(response.end(writer.endingWith(end)));
  }

  /** Waits until the last byte is out, but not forever. */
  private void settle(Future<Void> written) {
    if (!written.isComplete()) {
      stall.cancel();
      Registration timer = timeline.after(stallTimeout.toNanos(), this::stalled);
      stall = timer;
      written.onComplete(done -> timer.cancel());
    }
  }

  private void stalled() {
    LOG.info("request {}: the caller does not read", id);
    IdleConnections.cut(incoming.request().connection());
    closed();
  }

  private void callEnded() {
    Failure why = call.reason();
    guarded(() -> fail(why == null ? Failure.cancelled() : why));
  }

  /** The response has ended, or the caller has gone. */
  private void closed() {
    if (closed) {
      return;
    }
    closed = true;
    committed = true;
    stall.cancel();
    writer.forget();
    over();
    memory.close();
    onClosed.accept(this);
  }

  private void over() {
    if (over) {
      return;
    }
    over = true;
    InferenceResponse reading = head;
    head = null;
    held = null;
    quietly(call::end);
    if (reading != null) {
      quietly(reading.tokens()::cancel);
    }
  }

  private void guarded(Runnable step) {
    try {
      step.run();
    } catch (BadRequest bad) {
      refuse(bad);
    } catch (RuntimeException e) {
      fail(Failure.from(e));
    }
  }

  private void quietly(Runnable step) {
    try {
      step.run();
    } catch (RuntimeException e) {
      LOG.error("request {}: an ending threw", id, e);
    }
  }
}
