package dev.forebay.simulation.http;

import dev.forebay.simulation.Answer;
import dev.forebay.simulation.AnswerFrames;
import dev.forebay.simulation.Ending;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/**
 * One answer over HTTP, on the emulator's event loop. Tokens for a caller that reads slowly are
 * held, and go out in fewer, larger events.
 */
final class HttpAnswer implements Answer {

  private final String id;
  private final String callerId;
  private final OpenAiRequest asked;
  private final AnswerFrames frames;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Timeline timeline;
  private final EventLog log;
  private final Duration retryAfter;
  private boolean accepted;
  private boolean begun;
  private boolean over;
  private int tokens;
  private int held;

  /**
   * An answer.
   *
   * @param id of the request, in the log
   * @param answerId of the answer, in each of its events
   */
  HttpAnswer(
      String id,
      String answerId,
      OpenAiRequest asked,
      HttpServerRequest request,
      Timeline timeline,
      EventLog log,
      ServerParameters parameters) {
    String given = request.getHeader("x-request-id");
    this.id = id;
    this.callerId = given == null ? "" : given;
    this.asked = asked;
    this.request = request;
    this.response = request.response();
    this.timeline = timeline;
    this.log = log;
    this.retryAfter = parameters.retryAfter();
    this.frames =
        new AnswerFrames(asked.operation(), answerId, asked.model(), timeline.epochMillis() / 1000);
  }

  /** Gives the work up where the caller leaves. */
  void watch(Registration work) {
    if (!over) {
      response.drainHandler(none -> writeHeld());
      response.exceptionHandler(failure -> left(work));
      response.closeHandler(none -> left(work));
    }
  }

  private void left(Registration work) {
    if (!over) {
      over = true;
      note(EmulatorEvent.Kind.CANCELLED, Ending.CANCELLED.reason());
      work.cancel();
    }
  }

  @Override
  public void accepted() {
    accepted = true;
    note(EmulatorEvent.Kind.STARTED, asked.operation().path());
    response
        .setChunked(true)
        .putHeader("content-type", asked.stream() ? "text/event-stream" : "application/json")
        .putHeader("x-request-id", callerId.isEmpty() ? id : callerId)
        .writeHead();
  }

  @Override
  public void waiting() {
    write(asked.stream() ? AnswerFrames.KEEP_ALIVE : AnswerFrames.BLANK_LINE);
  }

  @Override
  public void tokens(int count) {
    if (tokens == 0) {
      note(EmulatorEvent.Kind.FIRST_TOKEN, "");
    }
    tokens += count;
    held += count;
    if (!response.writeQueueFull()) {
      writeHeld();
    }
  }

  @Override
  public void ended(Ending how, Usage usage) {
    over = true;
    note(kind(how), how.reason());
    if (how == Ending.RESET || how == Ending.REFUSED || how == Ending.EXPIRED) {
      request.connection().close();
    } else if (!accepted) {
      refuse(how);
    } else {
      over = false; // for what is held
      writeHeld();
      over = true;
      end(how, usage);
    }
  }

  private EmulatorEvent.Kind kind(Ending how) {
    if (how.ok()) {
      return EmulatorEvent.Kind.FINISHED;
    }
    return accepted ? EmulatorEvent.Kind.FAILED : EmulatorEvent.Kind.REFUSED;
  }

  private void refuse(Ending how) {
    if (!retryAfter.isZero() && (how.httpStatus() == 429 || how.httpStatus() == 503)) {
      long seconds = Math.max(1, retryAfter.plusMillis(999).toSeconds());
      response.putHeader("Retry-After", Long.toString(seconds));
    }
    response
        .setStatusCode(how.httpStatus())
        .putHeader("content-type", "application/json")
        .end(error(how));
  }

  private void end(Ending how, Usage usage) {
    if (how == Ending.CUT) {
      cut();
    } else if (how == Ending.ERROR_EVENT) {
      Buffer error = error(how);
      response.end(
          asked.stream()
              ? Buffer.buffer("data: ").appendBuffer(error).appendString("\n\n")
              : error);
    } else if (asked.operation() == Operation.EMBEDDING) {
      response.end(AnswerFrames.embeddings(asked.model(), asked.seeds(), usage).data());
    } else if (asked.stream()) {
      prelude();
      write(frames.finish(how.reason(), null));
      if (asked.includeUsage()) {
        write(frames.usage(usage));
      }
      response.end(AnswerFrames.DONE.data());
    } else {
      response.end(frames.whole(tokens, how.reason(), usage).data());
    }
  }

  /** Closes the connection within an event. */
  private void cut() {
    Buffer next = frames.content(1).data();
    response
        .write(next.slice(0, next.length() / 2))
        .onComplete(written -> request.connection().close());
  }

  private void writeHeld() {
    if (held > 0 && asked.stream() && !over) {
      prelude();
      int count = held;
      held = 0;
      write(frames.content(count));
    }
  }

  private void prelude() {
    if (!begun) {
      begun = true;
      write(frames.prelude());
    }
  }

  private void write(Chunk chunk) {
    response.write(chunk.data());
  }

  private static Buffer error(Ending how) {
    String type = how.httpStatus() < 500 ? "invalid_request_error" : "server_error";
    return AnswerFrames.error(how.message(), type, how.reason());
  }

  private void note(EmulatorEvent.Kind kind, String detail) {
    log.add(new EmulatorEvent(id, callerId, kind, detail, timeline.nanos(), tokens));
  }
}
