package dev.forebay.replay.run;

import dev.forebay.core.stream.Streams;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.simulation.AnswerIdentity;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.RequestInfo.Traits;
import dev.forebay.spi.Timeline;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One caller of a replay: sends a request, reads the answer as it comes, leaves when it must. */
final class Client {

  private static final int ACCEPTED = 202;
  private static final Buffer NO_BODY = Buffer.buffer();

  /** How long after its caller left a request may take to end. */
  private static final long GRACE_NANOS = 1_000_000_000;

  private final Timeline timeline;
  private final TraceRequest request;
  private final int expectedTokens;
  private final AnswerIdentity expected;
  private final Callers callers;
  private final Tally tally;
  private final Fleet fleet;
  private final Runnable over;
  private final long arrivedNanos;
  private final long patienceNanos;
  private Call call;
  private Registration leave = Registration.NONE;
  private Registration pause = Registration.NONE;
  private int tries;
  private boolean pausing;
  private boolean advised;
  private @Nullable InferenceResponse response;
  private long firstNanos = -1;
  private long lastNanos;
  private int tokens;
  private @Nullable Buffer checked;
  private @Nullable String wrong;
  private boolean done;

  /**
   * A caller.
   *
   * @param expectedTokens length of the correct answer
   * @param expected identity of the correct answer
   * @param over is run when the request is over, however it ends
   */
  Client(
      Timeline timeline,
      TraceRequest request,
      int expectedTokens,
      AnswerIdentity expected,
      long patienceNanos,
      Callers callers,
      Tally tally,
      Fleet fleet,
      Runnable over) {
    this.timeline = timeline;
    this.request = request;
    this.expectedTokens = expectedTokens;
    this.expected = expected;
    this.callers = callers;
    this.tally = tally;
    this.fleet = fleet;
    this.over = over;
    this.arrivedNanos = timeline.nanos();
    this.patienceNanos = patienceNanos;
    this.call = Call.root(timeline);
  }

  /**
   * Begins.
   *
   * @param overheadNanos what the gateway itself adds: all of it on the way in, so that it costs
   *     one event for each request and not one for each chunk
   */
  void send(Gateways gateway, long overheadNanos) {
    tally.arrived(request, arrivedNanos);
    // One nanosecond after the deadline, so that a gateway that heeds it can still say so.
    leave = timeline.after(patienceNanos + 1, this::leave);
    if (overheadNanos == 0) {
      ask(gateway);
    } else {
      timeline.after(overheadNanos, () -> ask(gateway));
    }
  }

  private void ask(Gateways gateway) {
    gateway
        .serve(new InferenceRequest(info(), NO_BODY, call, Attempt.FIRST).with(head()))
        .onComplete(
            result -> {
              if (advised) {
                advised = false;
                tally.followed(result.succeeded());
              }
              if (result.succeeded()) {
                read(gateway, result.result());
              } else {
                refused(gateway, Failure.from(result.cause()));
              }
            });
  }

  /** Waits and tries again, or gives up. */
  private void refused(Gateways gateway, Failure failure) {
    if (done || tries >= callers.retries() || call.ended() || !Callers.wouldRetry(failure)) {
      ended(failure);
      return;
    }
    call.end();
    pausing = true;
    pause =
        timeline.after(
            callers.pauseNanos(failure, tries, arrivedNanos),
            () -> {
              pausing = false;
              tries++;
              tally.retried();
              advised = failure.retryAfterNanos() > 0;
              call = Call.root(timeline);
              ask(gateway);
            });
  }

  private void leave() {
    if (pausing) {
      pause.cancel();
      ended(Failure.cancelled());
      return;
    }
    leave = timeline.after(GRACE_NANOS, this::stuck);
    call.end();
  }

  /** The gateway never said how it ended: the run goes on, but its self-check fails. */
  private void stuck() {
    tally.stuck(request, timeline.nanos());
    done = true;
    over.run();
  }

  private void read(Gateways gateway, InferenceResponse head) {
    String job = head.status() == ACCEPTED ? head.headers().get("location") : null;
    if (job != null && !done) {
      leave.cancel();
      Streams.forEach(head.tokens(), chunk -> {});
      new Deferral(gateway, job, tenant(), expected, expectedTokens, this::deferred)
          .follow(timeline);
      return;
    }
    response = head;
    Streams.forEach(head.tokens(), this::chunk)
        .onComplete(result -> ended(result.succeeded() ? null : Failure.from(result.cause())));
  }

  private void deferred(Deferral.End end) {
    done = true;
    call.end();
    if (end == Deferral.End.WRONG) {
      tally.wrong(request, "other_answer", timeline.nanos());
    } else {
      tally.deferred(request, end == Deferral.End.ANSWERED, arrivedNanos, timeline.nanos());
    }
    over.run();
  }

  /** What tells the gateway that its caller would rather have a job than wait, or be refused. */
  private HttpHead head() {
    Duration wait = callers.jobsAfter();
    return wait == null
        ? HttpHead.NONE
        : new HttpHead(
            "/v1/chat/completions",
            Headers.of("prefer", "respond-async, wait=" + wait.toSeconds())
                .with(Lengths.CALLERS_ID, Lengths.id(request.index(), tries)));
  }

  private String tenant() {
    return request.tenant() == null ? "default" : request.tenant();
  }

  private void chunk(Chunk chunk) {
    if (chunk.kind() != Chunk.Kind.CONTENT) {
      return;
    }
    long now = timeline.nanos();
    if (firstNanos < 0) {
      firstNanos = now;
    } else {
      tally.between(now - lastNanos);
    }
    lastNanos = now;
    tokens += chunk.tokens();
    check(chunk.data());
    tally.content(request.index(), now);
  }

  /** Every piece of content must belong to the answer; events that are alike share their bytes. */
  private void check(Buffer data) {
    if (data != checked && wrong == null) {
      checked = data;
      AnswerIdentity found = AnswerIdentity.in(data);
      if (found == null || !found.equals(expected)) {
        wrong =
            found == null
                ? "unknown_answer"
                : found.scope() == expected.scope() ? "other_answer" : "other_tenants_answer";
      }
    }
  }

  private void ended(@Nullable Failure failure) {
    if (done) {
      return;
    }
    done = true;
    leave.cancel();
    call.end();
    InferenceResponse head = response;
    if (failure != null || head == null) {
      Failure why = failure == null ? Failure.cancelled() : failure;
      tally.failed(request, why, Tally.isRefusal(why) && isRoom(), timeline.nanos());
    } else if (wrong != null) {
      tally.wrong(request, wrong, timeline.nanos());
    } else if (tokens != expectedTokens) {
      tally.wrong(request, "wrong_length", timeline.nanos());
    } else {
      String cache = head.headers().get("x-forebay-cache");
      Tally.Answered answer = new Tally.Answered(head.servedBy(), cache, tokens);
      tally.answered(request, answer, arrivedNanos, firstNanos, timeline.nanos());
    }
    over.run();
  }

  private boolean isRoom() {
    return fleet.isRoom(
        new InferenceRequest(info(), NO_BODY, Call.root(timeline), Attempt.FIRST),
        arrivedNanos + patienceNanos);
  }

  private RequestInfo info() {
    String tenant = tenant();
    String model = request.model() == null ? "simulated" : request.model();
    String user = request.user() == null ? "" : request.user();
    return new RequestInfo(
        Lengths.id(request.index(), tries),
        Operation.CHAT,
        model,
        request.stream(),
        new Caller(
            user.isEmpty() ? tenant : user,
            "",
            tenant,
            user,
            request.session() == null ? "" : request.session()),
        request.priority(),
        request.promptTokens(),
        0,
        key(tenant, model),
        request.prefix(),
        CacheMode.DEFAULT,
        Traits.PLAIN,
        arrivedNanos,
        arrivedNanos + patienceNanos);
  }

  /** The upper half says whose prompt it is and whom it asks, the lower which it is. */
  private @Nullable PromptKey key(String tenant, String model) {
    return request.promptId() == TraceRequest.UNKNOWN_PROMPT
        ? null
        : new PromptKey(
            (long) tenant.hashCode() << 32 | (model.hashCode() & 0xffff_ffffL), request.promptId());
  }
}
