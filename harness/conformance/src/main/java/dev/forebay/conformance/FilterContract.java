package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.conformance.FilterTrial.Sent;
import dev.forebay.conformance.ScriptedRest.Script;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules for filters, that is for stages: F1 and following of {@code docs/spec.md}. */
public interface FilterContract extends PluginContract<Filter> {

  /** Chunks of a stream that nobody reads, at most. */
  int MOST_UNREAD = 2_000;

  /**
   * A request that the filter under test passes on; by default a streamed chat of 100 prompt tokens
   * with an identity of its own. A filter that refuses such requests, for example because they lack
   * a header, overrides this: {@code FilterContract.super.request(id, call).with(head)}.
   *
   * @param id of the request, different for each
   * @param call its call
   */
  default InferenceRequest request(String id, Call call) {
    return Requests.inference(id, call);
  }

  /** F1: every request is answered, or fails. */
  @Test
  default void f1_everyRequestHasAnAnswerOrAFailure() {
    Rule.check(
        this,
        "F1",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          for (Script script : List.of(Script.ANSWERS, Script.REFUSES, Script.READY)) {
            for (int priority : List.of(RequestInfo.STANDARD, RequestInfo.BATCH)) {
              Call call = Call.root(trial.context.timeline());
              InferenceRequest request = request(script + "-" + priority, call);
              InferenceRequest sent = request.with(request.info().withPriority(priority));
              trial.answered(new Sent(call, trial.send(sent, new ScriptedRest(script))));
              call.end();
            }
          }
        });
  }

  /** F2: what fails behind the filter fails for the caller, with a Failure. */
  @Test
  default void f2_aFailureOfTheRestIsPassedOn() {
    Rule.check(
        this,
        "F2",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          Sent sent = trial.send("r", new ScriptedRest(Script.REFUSES));
          Future<InferenceResponse> head = trial.answered(sent);
          require(
              head.succeeded() || Reading.proper(head.cause()),
              "failed with %s (expected: a Failure)",
              head.cause());
          trial.end(sent);
        });
  }

  /** F3: the answer ends with its one last chunk, and its outcome is OK. */
  @Test
  default void f3_theAnswerEndsAsThatOfTheRest() {
    Rule.check(
        this,
        "F3",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          Sent sent = trial.send("r", new ScriptedRest(Script.ANSWERS));
          Reading reading = Reading.all(trial.stage, trial.tokens(sent));
          require(reading.failure() == null, "the stream broke: %s", reading.failure());
          require(
              reading.chunks().stream().anyMatch(read -> read.chunk().kind() == Chunk.Kind.CONTENT),
              "no content in %d chunks",
              reading.chunks().size());
          require(
              reading.outcome().status() == Status.OK,
              "outcome %s after the last chunk (expected: OK)",
              reading.outcome().status());
          trial.end(sent);
        });
  }

  /** F4: a stream that breaks does not look like one that ended well. */
  @Test
  default void f4_aBrokenStreamIsBroken() {
    Rule.check(
        this,
        "F4",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          Sent sent = trial.send("r", new ScriptedRest(Script.BREAKS));
          Future<InferenceResponse> head = trial.answered(sent);
          if (head.succeeded()) {
            Reading reading = Reading.all(trial.stage, head.result().tokens());
            require(
                Reading.proper(reading.failure()),
                "a stream that broke ended with %s (expected: a Failure)",
                reading.failure());
            require(reading.outcome().status() != Status.OK, "outcome OK of a stream that was cut");
          }
          trial.end(sent);
        });
  }

  /** F5: after the end of its call, nothing is begun for a request. */
  @Test
  default void f5_nothingIsBegunAfterTheEndOfTheCall() {
    Rule.check(
        this,
        "F5",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          Call ended = Call.root(trial.context.timeline());
          ended.end();
          ScriptedRest unasked = new ScriptedRest(Script.ANSWERS);
          trial.send(request("ended", ended), unasked);
          trial.context.passSeconds(60);
          require(unasked.begun() == 0, "a request whose call has ended was sent on");
          for (long millis : new long[] {1, 20}) {
            ScriptedRest rest = new ScriptedRest(Script.REFUSES);
            Sent sent = trial.send("r" + millis, rest);
            trial.context.pass(millis * 1_000_000);
            long before = rest.begun();
            trial.end(sent);
            trial.context.passSeconds(60);
            require(
                rest.begun() == before,
                "%d requests were sent on after the call had ended",
                rest.begun() - before);
          }
        });
  }

  /** F6: the end of the call ends all that was begun for it, and the wait for an answer. */
  @Test
  default void f6_theEndOfTheCallReachesTheRest() {
    Rule.check(
        this,
        "F6",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          for (long millis : new long[] {1, 7, 20}) {
            ScriptedRest rest = new ScriptedRest(millis == 1 ? Script.HANGS : Script.ANSWERS);
            Sent sent = trial.send("r" + millis, rest);
            trial.context.pass(millis * 1_000_000);
            trial.end(sent);
            trial.context.passSeconds(1);
            require(
                rest.open() == 0,
                "%d requests go on 1 s after the call ended, after %d ms",
                rest.open(),
                millis);
            require(sent.head().isComplete(), "the caller waits still, after the call ended");
          }
        });
  }

  /** F7: calls that the filter made end with the answer. */
  @Test
  default void f7_itsOwnCallsEndWithTheAnswer() {
    Rule.check(
        this,
        "F7",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          for (Script script : List.of(Script.ANSWERS, Script.REFUSES)) {
            ScriptedRest rest = new ScriptedRest(script);
            Sent sent = trial.send("r" + script, rest);
            Future<InferenceResponse> head = trial.answered(sent);
            if (head.succeeded()) {
              Reading.all(trial.stage, head.result().tokens());
            }
            trial.context.passSeconds(1);
            long open =
                rest.asked().stream()
                    .filter(request -> request.call() != sent.call() && !request.call().ended())
                    .count();
            require(open == 0, "%d calls of its own are open after the answer's end", open);
            trial.end(sent);
          }
        });
  }

  /** F8: giving up the answer's stream gives up that of the rest. */
  @Test
  default void f8_cancellingTheAnswerCancelsTheRest() {
    Rule.check(
        this,
        "F8",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          for (boolean read : new boolean[] {false, true}) {
            ScriptedRest rest = new ScriptedRest(Script.ANSWERS);
            Sent sent = trial.send("r" + read, rest);
            TokenStream tokens = trial.tokens(sent);
            if (read) {
              Reading.toContent(trial.stage, tokens);
            }
            sent.call().timeline().execute(tokens::cancel);
            trial.context.passSeconds(1);
            require(
                rest.streams().stream().allMatch(StreamSource::over),
                "a stream of the rest goes on 1 s after the answer was given up");
            trial.end(sent);
          }
        });
  }

  /** F9: it asks the rest, and answers, on the request's timeline. */
  @Test
  default void f9_itKeepsToTheRequestsTimeline() {
    Rule.check(
        this,
        "F9",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          for (Script script : List.of(Script.ANSWERS, Script.REFUSES)) {
            ScriptedRest rest = new ScriptedRest(script);
            Sent sent =
                trial.send(
                    "r" + script,
                    request -> {
                      request.call().timeline().check();
                      return rest.serve(request);
                    });
            sent.head().onComplete(answer -> sent.call().timeline().check());
            trial.answered(sent);
            trial.end(sent);
          }
        });
  }

  /** F10: requests that run at once, on several timelines, get their own answers. */
  @Test
  default void f10_requestsAreNotMixedUp() {
    Rule.check(
        this,
        "F10",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          Timeline other = trial.context.timeline().beside("another request's timeline");
          ScriptedRest rest = new ScriptedRest(Script.ANSWERS);
          List<Sent> all = new ArrayList<>();
          for (int i = 0; i < 20; i++) {
            all.add(trial.send("r" + i, i % 2 == 0 ? trial.context.timeline() : other, rest));
            trial.context.pass(500_000);
          }
          for (int i = 0; i < all.size(); i++) {
            String text = text(Reading.all(trial.stage, trial.tokens(all.get(i)))).toString();
            require(
                text.contains("r" + i + "-"), "request r%d was answered with %s", i, text.strip());
            trial.end(all.get(i));
          }
        });
  }

  private static Buffer text(Reading reading) {
    Buffer text = Buffer.buffer();
    reading.chunks().forEach(read -> text.appendBuffer(read.chunk().data()));
    return text;
  }

  /** F11: what nobody reads is not read ahead without a bound. */
  @Test
  default void f11_readingAheadHasABound() {
    Rule.check(
        this,
        "F11",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          ScriptedRest rest = new ScriptedRest(Script.ENDLESS);
          Sent sent = trial.send("r", rest);
          trial.context.passSeconds(30);
          require(
              rest.written() <= MOST_UNREAD,
              "%d chunks were taken of a stream that nobody reads (expected: at most %d)",
              rest.written(),
              MOST_UNREAD);
          trial.end(sent);
        });
  }

  /** F12: requests that were given up, or failed, leave nothing, and take nothing from others. */
  @Test
  default void f12_whatIsGivenUpLeavesNothing() {
    Rule.check(
        this,
        "F12",
        () -> {
          int expected = new FilterTrial(this).answeredAfter(FilterTrial.Before.ANSWERED);
          for (FilterTrial.Before before : FilterTrial.Before.values()) {
            FilterTrial trial = new FilterTrial(this);
            int answered = trial.answeredAfter(before);
            require(
                answered >= expected,
                "%d of %d requests, one after the other, were answered after %d that %s (expected:"
                    + " %d, as after requests that were answered)",
                answered,
                FilterTrial.MANY,
                FilterTrial.MANY,
                before.how(),
                expected);
          }
        });
  }

  /** F13: it can be closed, twice too, and leaves nothing scheduled. */
  @Test
  default void f13_closingLeavesNothing() {
    Rule.check(
        this,
        "F13",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          if (!(trial.filter instanceof Lifecycle filter)) {
            Rule.skip("the filter holds nothing that is to be closed");
            return;
          }
          for (int i = 0; i < 2; i++) {
            require(trial.context.await("close", filter.close()).succeeded(), "close() failed");
          }
          int pending = trial.context.timeline().pending();
          require(pending == 0, "%d actions are scheduled after close() (expected: 0)", pending);
        });
  }

  /** F14, optional: bodies and answers are passed on byte for byte. */
  @Test
  default void f14_optional_bytesArePassedOnAsTheyAre() {
    Rule.check(
        this,
        "F14",
        () -> {
          FilterTrial trial = new FilterTrial(this);
          ScriptedRest rest = new ScriptedRest(Script.ANSWERS);
          Sent sent = trial.send("r", rest);
          Buffer text = text(Reading.all(trial.stage, trial.tokens(sent)));
          Buffer expected = ScriptedRest.answer("r");
          require(text.equals(expected), "answer: %s (expected: %s)", text, expected);
          Buffer body = request("r", sent.call()).body();
          for (InferenceRequest asked : rest.asked()) {
            require(asked.body().equals(body), "body: %s (expected: %s)", asked.body(), body);
          }
          trial.end(sent);
        });
  }
}
