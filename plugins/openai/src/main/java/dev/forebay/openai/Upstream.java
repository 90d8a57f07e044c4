package dev.forebay.openai;

import dev.forebay.dialect.AnswerParser;
import dev.forebay.dialect.Expected;
import dev.forebay.dialect.JsonBody;
import dev.forebay.dialect.Parser;
import dev.forebay.net.InvalidAnswerException;
import dev.forebay.net.RotatingClient;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.RequestOptions;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One request to an upstream, from its connection to the last byte. Runs on the timeline of its
 * call.
 *
 * <p>After the answer is complete, or has turned out to be a refusal, the rest of the response is
 * read for a moment, so that the connection can be used again.
 */
final class Upstream {

  private static final long LINGER_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long RETRY_AFTER_NANOS = Duration.ofSeconds(1).toNanos();

  /** Bytes of an answer that may use all memory; a larger one leaves the reserve free. */
  private static final long SMALL = 64 << 10;

  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final int FORBIDDEN = 403;

  private final OpenAi options;
  private final InferenceRequest request;
  private final ApiKey key;
  private final Counter written;
  private final MemoryBudget.Lease memory;
  private final Call call;
  private final Timeline timeline;
  private final long startedNanos;
  private final Promise<InferenceResponse> head = Promise.promise();
  private Registration callEnd = Registration.NONE;
  private Registration timer = Registration.NONE;
  private Optional<String> secret = Optional.empty();
  private @Nullable HttpClientRequest sent;
  private @Nullable HttpClientResponse received;
  private @Nullable Parser parser;
  private @Nullable StreamSource source;
  private @Nullable Failure refusal;
  private boolean usageAsked;
  private boolean turnTaken;
  private boolean stopped;

  Upstream(
      OpenAi options, InferenceRequest request, ApiKey key, MemoryBudget budget, Counter written) {
    this.options = options;
    this.request = request;
    this.key = key;
    this.written = written;
    this.memory = budget.lease();
    this.call = request.call();
    this.timeline = call.timeline();
    this.startedNanos = timeline.nanos();
  }

  /** Whether an answer comes as a stream: embeddings never do. */
  static boolean streamed(InferenceRequest request) {
    return Expected.streamed(request.info());
  }

  /**
   * Sends the request.
   *
   * @param target where it goes, without headers
   * @param secretKey of the account; empty for none
   */
  Future<InferenceResponse> start(
      RotatingClient client, RequestOptions target, Future<Optional<String>> secretKey) {
    callEnd = call.onEnd(() -> timeline.execute(this::callEnded));
    if (!stopped) {
      timer = timeline.after(options.requestTimeout().toNanos(), this::timedOut);
      if (secretKey.succeeded()) {
        connect(client, target, secretKey.result());
      } else {
        secretKey.onComplete(
            (found, none) ->
                timeline.execute(
                    () -> {
                      if (found == null) {
                        broken(none);
                      } else if (!stopped) {
                        connect(client, target, found);
                      }
                    }));
      }
    }
    return head.future();
  }

  private void connect(RotatingClient client, RequestOptions target, Optional<String> found) {
    secret = found;
    client.send(target, this::send).onComplete(this::responded);
  }

  private Future<HttpClientResponse> send(HttpClientRequest open) {
    boolean first = sent == null;
    sent = open;
    if (stopped) {
      RotatingClient.giveUp(open);
      return open.response();
    }
    HeaderFields.ofRequest(open.headers(), request, secret, options);
    Buffer body = body();
    if (first) {
      written.increment(); // once, also if a lost connection makes it write again
    }
    return open.send(body);
  }

  private Buffer body() {
    JsonBody body = options.askUsage() && streamed(request) ? JsonBody.of(request) : null;
    JsonBody asking = body == null ? null : UsageQuestion.ask(body);
    usageAsked = asking != null;
    return asking == null ? request.body() : asking.bytes();
  }

  private void responded(@Nullable HttpClientResponse response, @Nullable Throwable thrown) {
    if (response == null) {
      lost(thrown);
    } else if (!stopped) {
      response.exceptionHandler(this::lost);
      if (response.statusCode() == PARTIAL) {
        stop(Failure.overloaded(502, "partial", "the upstream sent a part of its answer only"));
      } else if (response.statusCode() / 100 == 2) {
        accepted(response);
      } else {
        refused(response);
      }
    }
  }

  private void accepted(HttpClientResponse response) {
    StreamSource source = new StreamSource(call, startedNanos, this::givenUp);
    Runnable again = () -> later(response);
    Expected expected = Expected.of(request, usageAsked, options.maxAnswer());
    Parser plain = new AnswerParser(source, expected, again);
    Parser answer;
    try {
      String encoding = response.getHeader(HttpHeaders.CONTENT_ENCODING);
      answer = Inflated.around(plain, encoding, again);
    } catch (Failure unknown) {
      stop(unknown);
      return;
    }
    parser = answer;
    this.source = source;
    source.outcome().onComplete(over -> memory.close());
    received = response;
    source.onDrain(() -> readOn(response));
    response.handler(piece -> step(response, answer, () -> answer.read(piece)));
    response.endHandler(nothing -> ended(answer, answer::end));
    callEnd.cancel();
    head.tryComplete(
        new InferenceResponse(
            options.id(),
            OK, // if the answer is whole, whatever 2xx it came with
            HeaderFields.ofAnswer(response.headers(), streamed(request), options),
            source));
  }

  /**
   * Reads on in a later turn of the event loop. It is by a timer, since an event loop runs up to 64
   * tasks before it looks at its connections and timers.
   */
  private void later(HttpClientResponse response) {
    turnTaken = true;
    timeline.after(
        1,
        () -> {
          turnTaken = false;
          readOn(response);
        });
  }

  /** Reads on if there is room, unless this turn's share of work is done. */
  private void readOn(HttpClientResponse response) {
    Parser answer = parser;
    if (answer != null && !turnTaken && step(response, answer, answer::more)) {
      response.resume();
    }
  }

  /** Takes a step, and pauses where there is no more room. */
  private boolean step(HttpClientResponse response, Parser answer, Step step) {
    if (stopped || answer.complete()) {
      return true;
    }
    try {
      boolean room = step.take();
      cover(answer);
      if (answer.complete()) {
        linger();
      } else if (!room) {
        response.pause();
      }
      return room || answer.complete();
    } catch (Failure failure) {
      stop(noted(failure));
      return false;
    } catch (RuntimeException unexpected) {
      stop(Failure.from(unexpected)); // else the request would wait for its time-out
      return false;
    }
  }

  /** Takes memory for what is held of the answer, unless all of it has been read. */
  private void cover(Parser answer) {
    StreamSource into = source;
    if (into == null || into.over() || answer.complete()) {
      return;
    }
    long bytes = answer.held() + into.held();
    boolean room = bytes <= SMALL ? memory.cover(bytes) : memory.coverUnfinished(bytes);
    if (!room) {
      throw Failure.saturated("memory_full", "the gateway holds as many bytes as it may")
          .retryAfter(RETRY_AFTER_NANOS);
    }
  }

  private void ended(Parser answer, Runnable end) {
    timer.cancel();
    if (stopped || answer.complete()) {
      return;
    }
    try {
      end.run();
    } catch (Failure failure) {
      answer.fail(noted(failure).at(options.id()));
    } catch (RuntimeException unexpected) {
      answer.fail(Failure.from(unexpected).at(options.id()));
    }
  }

  /** Notes that the upstream surely refuses the key, whether by its status or in an answer. */
  private Failure noted(Failure failure) {
    if (failure.status() == Status.ACCOUNT_OUT && failure.retryAfterNanos() <= 0) {
      secret.ifPresent(key::refused);
    }
    return failure;
  }

  private void refused(HttpClientResponse response) {
    Failure byStatus = refusal(response, null);
    refusal = byStatus;
    linger();
    boolean wordsCount =
        byStatus.status().callersFault()
            || byStatus.status() == Status.THROTTLED
            || response.statusCode() == FORBIDDEN;
    if (!wordsCount) {
      response.endHandler(nothing -> timer.cancel());
      finish(noted(byStatus));
      return;
    }
    ErrorBody body = new ErrorBody(response.getHeader(HttpHeaders.CONTENT_ENCODING));
    response.handler(
        piece -> {
          if (!body.read(piece)) {
            stop(byStatus);
          }
        });
    response.endHandler(
        nothing -> {
          timer.cancel();
          finish(noted(refusal(response, body.bytes())));
        });
  }

  private Failure refusal(HttpClientResponse response, @Nullable Buffer body) {
    return Refusals.of(response.statusCode(), response.headers(), body, timeline.epochMillis())
        .at(options.id());
  }

  /** Gives the rest of the response a moment to come. */
  private void linger() {
    timer.cancel();
    long nanos = Math.min(LINGER_NANOS, options.requestTimeout().toNanos());
    timer = timeline.after(nanos, this::timedOut);
  }

  private void timedOut() {
    Failure told = refusal; // by the status: its body adds nothing but words
    stop(
        told != null
            ? told
            : Failure.overloaded(
                504,
                "upstream_timeout",
                "the upstream did not end within " + options.requestTimeout().toMillis() + " ms"));
  }

  private void callEnded() {
    Failure why = call.reason();
    stop(why == null ? Failure.cancelled() : why);
  }

  /**
   * Vert.x tells all streams of a broken HTTP/2 connection on the thread of that connection, each
   * while the one before it is reset: in a turn of its own, each is on its own timeline.
   */
  private void lost(@Nullable Throwable thrown) {
    timeline.after(0, () -> broken(thrown));
  }

  private void broken(@Nullable Throwable thrown) {
    Parser answer = parser;
    boolean begun = answer != null || refusal != null;
    if (begun && thrown != null && RotatingClient.toldByGoAway(thrown)) {
      return; // also told of an answer that is whole, but not read yet; if not, more follows
    }
    timer.cancel();
    if (stopped) {
      return;
    }
    // After a finish reason a stream may end as it likes, but not with what cannot be read.
    boolean lost =
        thrown == null
            || !(InvalidAnswerException.unwrapped(thrown) instanceof InvalidAnswerException);
    if (lost && answer != null && !answer.complete() && answer.enough()) {
      ended(answer, answer::lost);
      return;
    }
    Failure told = refusal;
    Throwable why = thrown == null ? new IllegalStateException() : thrown;
    stop(told != null ? told : begun ? Refusals.of(why) : Refusals.unanswered(why));
  }

  /** Fails, and closes the connection, or resets the stream. */
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

  /** Nobody reads on. */
  private void givenUp() {
    abandon();
    Parser answer = parser;
    if (answer != null) {
      answer.fail(Failure.cancelled()); // lets go of what it holds: the stream is over already
    }
  }

  private void abandon() {
    stopped = true;
    timer.cancel();
    HttpClientResponse paused = received;
    if (paused != null) {
      paused.resume(); // else a connection whose answer was all there stays paused in the pool
    }
    HttpClientRequest open = sent;
    if (open != null) {
      open.reset(RotatingClient.CANCEL);
    }
  }

  /** A step of reading: says whether there is room for more. */
  @FunctionalInterface
  private interface Step {
    boolean take();
  }
}
