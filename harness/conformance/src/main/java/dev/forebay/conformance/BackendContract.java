package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;

/**
 * Rules for backends and the streams that they give: N1 and following of {@code docs/spec.md}.
 *
 * <p>The plugin under test answers every request, streamed, with one chunk of content or more.
 */
public interface BackendContract extends PluginContract<Backend> {

  /** Requests that are given up one after the other, to see whether slots leak. */
  int GIVEN_UP = 200;

  /** Objects that a stream which nobody reads may hold. */
  int MOST_UNREAD = 5_000;

  /** The stage that tests it: by default one of virtual time. */
  default Stage stage() {
    return Stage.virtual();
  }

  /** A backend whose streams break after their first content; empty where none can be made. */
  default Optional<Plugin<Backend>> breaking() {
    return Optional.empty();
  }

  /** A backend that refuses every request before the head; empty where none can be made. */
  default Optional<Refusing> refusing() {
    return Optional.empty();
  }

  /**
   * A backend whose upstream refuses every request.
   *
   * @param plugin the backend
   * @param received how many requests the upstream has received
   */
  record Refusing(Plugin<Backend> plugin, LongSupplier received) {}

  private static Future<InferenceResponse> serve(
      Stage stage, Backend backend, String id, Call call) {
    return stage.await("serve", () -> backend.serve(Requests.inference(id, call)));
  }

  private static TokenStream stream(Stage stage, Backend backend, String id, Call call) {
    Future<InferenceResponse> head = serve(stage, backend, id, call);
    require(head.succeeded(), "no response: %s (expected: one)", head.cause());
    return head.result().tokens();
  }

  private static Future<Chunk> next(Stage stage, TokenStream stream) {
    return stage.await("next", stream::next);
  }

  /** Runs something on the request's timeline, and waits for it. */
  private static void on(Stage stage, Runnable action) {
    stage.await(
        () -> {
          action.run();
          return Future.succeededFuture();
        });
  }

  private static void requireFailed(Outcome outcome, Status expected, String after) {
    require(
        outcome.status() == expected && outcome.failure() != null,
        "outcome %s after %s (expected: %s, with its failure)",
        outcome.status(),
        after,
        expected);
  }

  /**
   * N1: a backend has an id and an account, its facts stay, and it reports a load that is none or
   * at least 0.
   */
  @Test
  default void n1_saysWhoItIs() {
    Rule.check(
        this,
        "N1",
        () -> {
          Backend backend = plugin().create(stage().context());
          Backend.Facts facts = backend.facts();
          require(!facts.id().isBlank(), "id: blank");
          require(!facts.account().isBlank(), "account: blank");
          require(facts.equals(backend.facts()), "facts: not the same twice");
          require(
              Double.isNaN(backend.load()) || backend.load() >= 0,
              "load: %s (expected: >= 0, or NaN)",
              backend.load());
        });
  }

  /** N2: the head is a 2xx that names the backend. */
  @Test
  default void n2_theHeadIsAGoodOne() {
    Rule.check(
        this,
        "N2",
        () -> {
          Stage stage = stage();
          Backend backend = plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          Future<InferenceResponse> head = serve(stage, backend, "r", call);
          require(head.succeeded(), "no response: %s", head.cause());
          InferenceResponse response = head.result();
          require(
              response.status() >= 200 && response.status() <= 299,
              "status: %d (expected: 200 to 299, or a failure)",
              response.status());
          require(
              response.servedBy().equals(backend.facts().id()),
              "served by %s (expected: %s)",
              response.servedBy(),
              backend.facts().id());
          on(stage, () -> response.tokens().cancel());
          call.end();
        });
  }

  /** N3: a stream has content, and ends with its one last chunk; asking on fails. */
  @Test
  default void n3_nothingComesAfterTheLastChunk() {
    Rule.check(
        this,
        "N3",
        () -> {
          Stage stage = stage();
          Call call = Call.root(stage.requestTimeline());
          TokenStream stream = stream(stage, plugin().create(stage.context()), "r", call);
          Reading reading = Reading.all(stage, stream);
          require(reading.failure() == null, "the stream broke: %s", reading.failure());
          require(
              reading.chunks().stream().anyMatch(read -> read.chunk().kind() == Chunk.Kind.CONTENT),
              "no content in %d chunks",
              reading.chunks().size());
          for (int i = 0; i < 3; i++) {
            Future<Chunk> more = next(stage, stream);
            require(more.failed(), "%s came after the last chunk", more.result());
            require(
                Reading.proper(more.cause()),
                "next() after the last failed with %s (expected: a Failure)",
                more.cause());
          }
          call.end();
        });
  }

  /** N4: a second call to next() while one is outstanding fails, and harms nothing. */
  @Test
  default void n4_oneCallIsOutstanding() {
    Rule.check(
        this,
        "N4",
        () -> {
          Stage stage = stage();
          Call call = Call.root(stage.requestTimeline());
          TokenStream stream = stream(stage, plugin().create(stage.context()), "r", call);
          boolean met = false;
          boolean last = false;
          for (int chunks = 0; !last; chunks++) {
            Reading.requireEnd(chunks);
            Twice twice = stage.await("next", () -> Twice.ask(stream)).result();
            Future<Chunk> first = twice.first();
            Future<Chunk> second = twice.second();
            require(first.succeeded(), "the first call failed: %s", first.cause());
            met |= second != null;
            require(second == null || second.failed(), "a second outstanding call was answered");
            last = first.result().last();
          }
          if (!met) {
            Rule.skip("every chunk was ready: no call was ever outstanding");
          }
          require(Reading.outcome(stage, stream).status() == Status.OK, "the stream came to harm");
          call.end();
        });
  }

  /** N5: the outcome comes with the end, once, and is OK with usage that makes sense. */
  @Test
  default void n5_theOutcomeComesWithTheEnd() {
    Rule.check(
        this,
        "N5",
        () -> {
          Stage stage = stage();
          Call call = Call.root(stage.requestTimeline());
          TokenStream stream = stream(stage, plugin().create(stage.context()), "r", call);
          boolean last = false;
          for (int chunks = 0; !last; chunks++) {
            Reading.requireEnd(chunks);
            require(!stream.outcome().isComplete(), "the outcome came before the last chunk");
            Future<Chunk> chunk = next(stage, stream);
            require(chunk.succeeded(), "the stream broke: %s", chunk.cause());
            last = chunk.result().last();
          }
          Outcome outcome = Reading.outcome(stage, stream);
          require(
              outcome.status() == Status.OK && outcome.failure() == null, "outcome: %s", outcome);
          requireSane(outcome);
          on(stage, stream::cancel);
          call.end();
          require(
              Reading.outcome(stage, stream).equals(outcome), "the outcome changed after the end");
        });
  }

  private static void requireSane(Outcome outcome) {
    Usage usage = outcome.usage();
    require(
        usage.promptTokens() >= 0
            && usage.cachedTokens() >= 0
            && usage.cachedTokens() <= usage.promptTokens()
            && usage.reasoningTokens() >= 0
            && usage.reasoningTokens() <= usage.completionTokens(),
        "%s (expected: nothing below 0, cached <= prompt, reasoning <= completion)",
        usage);
    require(
        outcome.timings().durationNanos() >= 0,
        "%s (expected: ended after it started)",
        outcome.timings());
  }

  /** N6: the first content, not the first byte, is what the timings say. */
  @Test
  default void n6_keepAlivesAreNoContent() {
    Rule.check(
        this,
        "N6",
        () -> {
          Stage stage = stage();
          Call call = Call.root(stage.requestTimeline());
          TokenStream stream = stream(stage, plugin().create(stage.context()), "r", call);
          Reading reading = Reading.all(stage, stream);
          for (Reading.Read read : reading.chunks()) {
            boolean content = read.chunk().kind() == Chunk.Kind.CONTENT;
            require(
                content || read.chunk().tokens() == 0,
                "%d tokens in a %s chunk (expected: 0)",
                read.chunk().tokens(),
                read.chunk().kind());
            if (content) {
              requireFirst(reading.outcome().timings().firstContentNanos(), read);
              break;
            }
          }
          call.end();
        });
  }

  /**
   * Content that was not there when it was asked for came after that; of content that was there, no
   * reader knows since when.
   */
  private static void requireFirst(long said, Reading.Read content) {
    long earliest = content.waited() ? content.askedNanos() : 0;
    require(
        said <= content.atNanos() && said >= earliest,
        "first content said at %d ns, came between %d and %d ns",
        said,
        earliest,
        content.atNanos());
  }

  /** N7: giving up is idempotent, also before the first chunk, and the outcome says so. */
  @Test
  default void n7_cancelIsIdempotent() {
    Rule.check(
        this,
        "N7",
        () -> {
          for (boolean read : new boolean[] {false, true}) {
            Stage stage = stage();
            Call call = Call.root(stage.requestTimeline());
            TokenStream stream = stream(stage, plugin().create(stage.context()), "r", call);
            boolean over = read && Reading.toContent(stage, stream).getLast().chunk().last();
            for (int i = 0; i < 3; i++) {
              on(stage, stream::cancel);
            }
            if (!over) {
              requireFailed(Reading.outcome(stage, stream), Status.CANCELLED, "cancel()");
            }
            require(next(stage, stream).failed(), "a chunk came after cancel()");
            call.end();
          }
        });
  }

  /** N8: the end of the call ends the stream, for the call's reason, and tells who waits. */
  @Test
  default void n8_theEndOfTheCallEndsTheStream() {
    Rule.check(
        this,
        "N8",
        () -> {
          Stage stage = stage();
          Call call = Call.root(stage.requestTimeline());
          TokenStream stream = stream(stage, plugin().create(stage.context()), "r", call);
          Future<Chunk> waiting =
              stage.await(() -> Future.succeededFuture(endWhileWaiting(stream, call))).result();
          if (!call.ended()) {
            Rule.skip("the stream was over at once");
          }
          stage.await("next", () -> waiting);
          require(waiting.failed(), "who waited got %s", waiting.result());
          requireFailed(Reading.outcome(stage, stream), Status.TIMED_OUT, "a deadline");
          require(next(stage, stream).failed(), "a chunk came after the end of the call");
        });
  }

  /**
   * Reads what is ready, and ends the call while the next chunk is waited for: in one action, since
   * on an event loop a chunk may come between two.
   *
   * @return what is waited for; complete, and the call not ended, where the stream is over at once
   */
  private static Future<Chunk> endWhileWaiting(TokenStream stream, Call call) {
    Future<Chunk> next = stream.next();
    for (int chunks = 0; next.succeeded() && !next.result().last(); chunks++) {
      Reading.requireEnd(chunks);
      next = stream.next();
    }
    if (!next.isComplete()) {
      call.end(Failure.deadline("the test ends the call"));
    }
    return next;
  }

  /** N9: a request whose call has ended is not answered. */
  @Test
  default void n9_anEndedCallIsNotAnswered() {
    Rule.check(
        this,
        "N9",
        () -> {
          Stage stage = stage();
          Backend backend = plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          call.end();
          Future<InferenceResponse> head = serve(stage, backend, "r", call);
          if (head.succeeded()) {
            Reading reading = Reading.all(stage, head.result().tokens());
            requireFailed(reading.outcome(), Status.CANCELLED, "serving an ended call");
          } else {
            require(
                Reading.proper(head.cause()), "failed with %s (expected: a Failure)", head.cause());
          }
        });
  }

  /** N10: requests that were given up leave no slot, at whatever moment. */
  @Test
  default void n10_givingUpLeaksNoSlot() {
    Rule.check(
        this,
        "N10",
        () -> {
          Stage stage = stage();
          Backend backend = plugin().create(stage.context());
          for (int i = 0; i < GIVEN_UP; i++) {
            giveUp(stage, backend, i);
          }
          stage.quiet();
          require(
              stage.pending() == 0,
              "%d actions are scheduled after all was given up (expected: 0)",
              stage.pending());
          Call call = Call.root(stage.requestTimeline());
          Future<InferenceResponse> head = serve(stage, backend, "last", call);
          require(
              head.succeeded(), "not answered after %d were given up: %s", GIVEN_UP, head.cause());
          Reading reading = Reading.all(stage, head.result().tokens());
          require(reading.failure() == null, "broke after others: %s", reading.failure());
          call.end();
        });
  }

  private static void giveUp(Stage stage, Backend backend, int number) {
    Call call = Call.root(stage.requestTimeline());
    if (number % 4 == 0) {
      on(
          stage,
          () -> {
            Future<InferenceResponse> head = backend.serve(Requests.inference("r" + number, call));
            call.end();
            head.onSuccess(response -> response.tokens().cancel());
          });
      return;
    }
    Future<InferenceResponse> head = serve(stage, backend, "r" + number, call);
    require(
        head.succeeded(),
        "no response to request %d, after %d were given up: %s (expected: one)",
        number + 1,
        number,
        head.cause());
    TokenStream stream = head.result().tokens();
    if (number % 4 == 1) {
      Reading.toContent(stage, stream);
    }
    on(stage, number % 4 == 2 ? stream::cancel : call::end);
    call.end();
  }

  /** N11: a stream that nobody reads holds a bounded number of chunks. */
  @Test
  default void n11_anUnreadStreamIsBounded() {
    Rule.check(
        this,
        "N11",
        () -> {
          Stage stage = stage();
          Backend backend = plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          Future<InferenceResponse> head =
              stage.await("serve", () -> backend.serve(Requests.inference("long", call, 50_000)));
          require(head.succeeded(), "no response: %s", head.cause());
          stage.quiet();
          long held = Footprint.of(head.result().tokens());
          on(stage, () -> head.result().tokens().cancel());
          call.end();
          require(
              held <= MOST_UNREAD,
              "%d objects are held by a stream that nobody reads (expected: %d at most)",
              held,
              MOST_UNREAD);
        });
  }

  /** N12: closing completes, and leaves nothing scheduled. */
  @Test
  default void n12_closesForGood() {
    Rule.check(
        this,
        "N12",
        () -> {
          Stage stage = stage();
          Backend backend = plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          TokenStream stream = stream(stage, backend, "r", call);
          Reading.all(stage, stream);
          call.end();
          for (int i = 0; i < 2; i++) {
            Future<Void> closed = stage.await("close", backend::close);
            require(closed.succeeded(), "close() failed: %s", closed.cause());
          }
          stage.quiet();
          require(
              stage.pending() == 0,
              "%d actions are scheduled after close() (expected: 0)",
              stage.pending());
        });
  }

  /** N13, optional: a stream that breaks after content has an outcome that says so. */
  @Test
  default void n13_optional_aBrokenStreamIsNotOk() {
    Rule.check(
        this,
        "N13",
        () -> {
          Plugin<Backend> breaking = orSkip(breaking());
          Stage stage = stage();
          Backend backend = breaking.create(stage.context());
          for (int broken = 0; broken < GIVEN_UP; broken++) {
            Call call = Call.root(stage.requestTimeline());
            Future<InferenceResponse> head = serve(stage, backend, "r" + broken, call);
            require(
                head.succeeded(), "no response after %d streams broke: %s", broken, head.cause());
            requireBroken(Reading.all(stage, head.result().tokens()));
            call.end();
          }
        });
  }

  private static void requireBroken(Reading reading) {
    require(
        reading.chunks().stream().anyMatch(read -> read.chunk().kind() == Chunk.Kind.CONTENT),
        "no content before it broke (expected: a stream that breaks after content)");
    require(
        Reading.proper(reading.failure()),
        "next() gave %s (expected: a Failure)",
        reading.failure());
    requireFailed(reading.outcome(), Status.OVERLOADED, "a stream that broke");
  }

  /** N14, optional: a refusal is a Failure that can be retried. */
  @Test
  default void n14_optional_aRefusalIsAFailure() {
    Rule.check(
        this,
        "N14",
        () -> {
          Plugin<Backend> refusing = orSkip(refusing()).plugin();
          Stage stage = stage();
          Call call = Call.root(stage.requestTimeline());
          Future<InferenceResponse> head =
              serve(stage, refusing.create(stage.context()), "r", call);
          require(head.failed(), "a refusal came as a response");
          require(
              Reading.proper(head.cause()), "failed with %s (expected: a Failure)", head.cause());
          call.end();
        });
  }

  /** N15, optional: one request is sent upstream once: retries are the gateway's. */
  @Test
  default void n15_optional_sendsARequestOnce() {
    Rule.check(
        this,
        "N15",
        () -> {
          Refusing refusing = orSkip(refusing());
          Stage stage = stage();
          Backend backend = refusing.plugin().create(stage.context());
          Call call = Call.root(stage.requestTimeline());
          long before = refusing.received().getAsLong();
          serve(stage, backend, "r", call);
          stage.quiet();
          long sent = refusing.received().getAsLong() - before;
          require(sent == 1, "%d requests upstream for one (expected: 1)", sent);
          call.end();
        });
  }

  private static <V> V orSkip(Optional<V> given) {
    if (given.isEmpty()) {
      Rule.skip("the contract's class gives no such backend");
    }
    return given.orElseThrow();
  }
}
