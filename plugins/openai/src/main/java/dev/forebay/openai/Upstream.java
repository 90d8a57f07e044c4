package dev.forebay.openai;

import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request to an upstream, from its connection to the last byte. Runs on the home of its call.
 *
 * <p>After the answer is complete, or has turned out to be a refusal, the rest of the response is
 * read for a moment, so that the connection can be used again.
 */
final class Upstream {

  private static final long LINGER_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int MAX_ERROR_BYTES = 64 << 10;

  private final OpenAiOptions options;
  private final InferenceRequest request;
  private final Call call;
  private final Timeline home;
  private final long startedNanos;
  private final Promise<InferenceResponse> head = Promise.promise();
  private Registration callEnd = Registration.NONE;
  private Registration timer = Registration.NONE;
  private @Nullable HttpClientRequest sent;
  private @Nullable Parser parser;
  private boolean stopped;

  Upstream(OpenAiOptions options, InferenceRequest request) {
    this.options = options;
    this.request = request;
    this.call = request.call();
    this.home = call.home();
    this.startedNanos = home.nanos();
  }

  Future<InferenceResponse> start(HttpClient client, RequestOptions target) {
    callEnd = call.onEnd(() -> home.execute(this::callEnded));
    if (!stopped) {
      timer = home.after(options.requestTimeout().toNanos(), this::timedOut);
      client.request(target).onComplete(this::connected);
    }
    return head.future();
  }

  private void connected(@Nullable HttpClientRequest open, @Nullable Throwable thrown) {
    if (open == null) {
      broken(thrown);
      return;
    }
    sent = open;
    open.exceptionHandler(this::broken); // also where it is reset: without one, Vert.x logs it
    if (stopped) {
      open.reset();
      return;
    }
    open.send(request.body()).onComplete(this::responded);
  }

  private void responded(@Nullable HttpClientResponse response, @Nullable Throwable thrown) {
    if (response == null) {
      broken(thrown);
    } else if (!stopped) {
      response.exceptionHandler(this::broken);
      if (response.statusCode() / 100 == 2) {
        accepted(response);
      } else {
        refused(response);
      }
    }
  }

  private void accepted(HttpClientResponse response) {
    String type = response.getHeader("content-type");
    boolean sse = type != null && type.startsWith("text/event-stream");
    StreamSource source = new StreamSource(call, startedNanos, this::abandon);
    Parser answer =
        sse ? new StreamParser(source, options) : new WholeParser(source, options.maxAnswer());
    parser = answer;
    source.onDrain(response::resume);
    response.handler(piece -> read(response, answer, piece));
    response.endHandler(nothing -> ended(answer));
    callEnd.cancel();
    String fallback = sse ? "text/event-stream" : "application/json";
    head.tryComplete(
        new InferenceResponse(
            options.id(),
            response.statusCode(),
            Headers.of("content-type", type == null ? fallback : type),
            source));
  }

  private void read(HttpClientResponse response, Parser answer, Buffer piece) {
    if (stopped || answer.complete()) {
      return;
    }
    try {
      boolean room = answer.read(piece);
      if (answer.complete()) {
        linger();
      } else if (!room) {
        response.pause();
      }
    } catch (Failure failure) {
      stop(failure);
    }
  }

  private void ended(Parser answer) {
    timer.cancel();
    if (stopped || answer.complete()) {
      return;
    }
    try {
      answer.end();
    } catch (Failure failure) {
      answer.fail(failure.at(options.id()));
    }
  }

  private void refused(HttpClientResponse response) {
    Failure failure =
        Refusals.of(response.statusCode(), response.headers(), home.epochMillis()).at(options.id());
    linger();
    if (failure.status() != Status.CALLER_FAULT) {
      response.endHandler(nothing -> timer.cancel());
      finish(failure);
      return;
    }
    Buffer body = Buffer.buffer();
    response.handler(
        piece -> {
          body.appendBuffer(piece);
          if (body.length() > MAX_ERROR_BYTES) {
            stop(failure);
          }
        });
    response.endHandler(
        nothing -> {
          timer.cancel();
          finish(failure.withBody(body));
        });
  }

  /** Gives the rest of the response a moment to come. */
  private void linger() {
    timer.cancel();
    timer = home.after(LINGER_NANOS, this::timedOut);
  }

  private void timedOut() {
    stop(
        Failure.overloaded(
            504,
            "upstream_timeout",
            "the upstream did not end within " + options.requestTimeout().toMillis() + " ms"));
  }

  private void callEnded() {
    Failure why = call.reason();
    stop(why == null ? Failure.cancelled() : why);
  }

  private void broken(@Nullable Throwable thrown) {
    timer.cancel();
    if (stopped) {
      return;
    }
    Parser answer = parser;
    if (answer != null && !answer.complete() && answer.enough()) {
      ended(answer);
      return;
    }
    stop(Refusals.of(thrown == null ? new IllegalStateException() : thrown));
  }

  /** Fails, and closes the connection. */
  private void stop(Failure why) {
    if (!stopped) {
      abandon();
      finish(why.at(options.id()));
    }
  }

  private void finish(Failure why) {
    callEnd.cancel();
    Parser answer = parser;
    if (answer != null) {
      answer.fail(why);
    } else {
      head.tryFail(why);
    }
  }

  private void abandon() {
    stopped = true;
    timer.cancel();
    HttpClientRequest open = sent;
    if (open != null) {
      open.reset();
    }
  }
}
