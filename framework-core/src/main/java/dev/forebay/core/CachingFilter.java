package dev.forebay.core;

import dev.forebay.spi.CacheMode;
import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Counter;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Range;
import dev.forebay.spi.Registration;
import dev.forebay.spi.ResponseCache;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Unit;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Answers from a cache, and lets identical requests in flight share one call.
 *
 * <p>The first request of a key leads: its call upstream is a flight of its own that ends only when
 * nobody waits for it any more, so that a leader who leaves takes no follower along. Others join,
 * also when the stream has begun. Only complete OK answers are stored. A flight that ends for a
 * reason of its leader's (its deadline) sends its followers back to try for themselves.
 */
public final class CachingFilter implements Filter {

  private static final int MAX_REJOINS = 3;

  private final String name;
  private final ResponseCache cache;
  private final Options options;
  private final Timeline lane;
  private final PluginErrors errors;
  private final Map<PromptKey, Flight> flights = new HashMap<>();
  private final Counter hits;
  private final Counter misses;
  private final Counter joins;
  private final Counter bypasses;
  private final Counter failures;

  /** A filter around a cache that was made with {@code context}. */
  public CachingFilter(
      ResponseCache cache, Options options, PluginContext context, PluginErrors errors) {
    this.name = context.name();
    this.cache = cache;
    this.options = options;
    this.lane = context.timeline();
    this.errors = errors;
    this.hits = context.counter("hits");
    this.misses = context.counter("misses");
    this.joins = context.counter("joins");
    this.bypasses = context.counter("bypasses");
    this.failures = context.counter("failures");
    context.gauge("flights", flights::size);
  }

  /**
   * Options of the stage {@code cache}, beside its store.
   *
   * @param singleFlight whether identical requests in flight share one call
   * @param maxAnswer bytes of an answer that is recorded, with 100 for each chunk; a longer one is
   *     passed on, not stored
   */
  @Doc("Answers from a cache, and lets identical requests in flight share one call.")
  public record Options(
      @Doc("Whether identical requests in flight share one call.") @Default("true")
          boolean singleFlight,
      @Doc("The longest answer that is recorded; a longer one is passed on, not stored.")
          @Default("4MiB")
          @Range(min = 1, max = 1 << 30)
          @Unit("bytes")
          long maxAnswer) {}

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    PromptKey key = request.info().promptKey();
    if (key == null) {
      bypasses.increment();
      return next.serve(request).map(response -> marked(response, "bypass"));
    }
    Promise<InferenceResponse> answer = Promise.promise();
    Participant participant = new Participant(request, next, key, answer);
    lane.execute(participant::enter);
    return answer.future();
  }

  private static InferenceResponse marked(InferenceResponse response, String how) {
    return response.withHeader("x-forebay-cache", how);
  }

  /** One request on its way to a hit, a flight of others, or one of its own. */
  private final class Participant {
    private final InferenceRequest request;
    private final Service next;
    private final PromptKey key;
    private final Promise<InferenceResponse> answer;
    private final Timeline home;
    private Registration left = Registration.NONE;
    private int rejoins;

    Participant(
        InferenceRequest request, Service next, PromptKey key, Promise<InferenceResponse> answer) {
      this.request = request;
      this.next = next;
      this.key = key;
      this.answer = answer;
      this.home = request.call().home();
    }

    /** On the lane: joins a flight, or looks up. */
    void enter() {
      if (joined()) {
        return;
      }
      if (request.info().cacheMode() == CacheMode.NO_CACHE) {
        missed();
        return;
      }
      lookUp().onComplete(found -> lane.execute(() -> lookedUp(found.result())));
    }

    private Future<@Nullable CachedAnswer> lookUp() {
      Future<@Nullable CachedAnswer> found;
      try {
        found =
            Objects.requireNonNull(cache.get(key, request), "answer: null (expected: a future)");
      } catch (Exception | LinkageError e) {
        errors.note(name, e);
        found = Future.failedFuture(e);
      }
      if (found.succeeded()) {
        return found;
      }
      return found.recover(
          thrown -> {
            failures.increment();
            return Future.succeededFuture(null);
          });
    }

    private void lookedUp(@Nullable CachedAnswer found) {
      if (found != null) {
        hits.increment();
        home.execute(() -> hit(found));
      } else if (!joined()) {
        missed();
      }
    }

    private void hit(CachedAnswer found) {
      answer.tryComplete(
          marked(
              new InferenceResponse(
                  found.servedBy(),
                  found.status(),
                  found.headers(),
                  new ReplayStream(request.call(), found)),
              "hit"));
    }

    private boolean joined() {
      Flight running = flights.get(key);
      if (running == null || request.info().cacheMode() == CacheMode.NO_CACHE) {
        return false;
      }
      joins.increment();
      running.join(this);
      return true;
    }

    /** On the lane: leads a flight, or goes alone where nothing is to be kept. */
    private void missed() {
      if (request.call().ended()) {
        home.execute(() -> answer.tryFail(Endings.why(request.call())));
        return;
      }
      CacheMode mode = request.info().cacheMode();
      if (mode == CacheMode.ONLY_IF_CACHED) {
        home.execute(
            () ->
                answer.tryFail(
                    Failure.of(
                        Status.SATURATED, 504, "not_cached", "no cached answer (RFC 9111)")));
        return;
      }
      misses.increment();
      if (mode == CacheMode.NO_STORE) {
        home.execute(this::alone);
        return;
      }
      Flight mine = new Flight(key, this);
      if (options.singleFlight() && mode == CacheMode.DEFAULT) {
        flights.put(key, mine);
      }
      mine.join(this);
      home.execute(mine::depart);
    }

    private void alone() {
      left.cancel();
      if (request.call().ended()) {
        answer.tryFail(Endings.why(request.call()));
        return;
      }
      next.serve(request).map(response -> marked(response, "miss")).onComplete(answer);
    }

    /** The flight has a response: reads it, too. On the flight's home. */
    void boarded(Flight boarded, InferenceResponse response, Recording recording) {
      TokenStream tokens = recording.join(request.call());
      String how = boarded.leader == this ? "miss" : "joined";
      home.execute(
          () -> {
            left.cancel();
            if (!answer.tryComplete(marked(response.with(tokens), how))) {
              tokens.cancel();
            }
          });
    }

    /** The flight has none. On the lane. */
    void crashed(Flight crashed, Failure failure) {
      boolean leadersOwn =
          crashed.leader != this
              && (failure.status() == Status.TIMED_OUT || failure.status() == Status.CANCELLED);
      if (leadersOwn && rejoins < MAX_REJOINS && !request.call().ended()) {
        rejoins++;
        left.cancel();
        enter();
      } else {
        home.execute(
            () -> {
              left.cancel();
              answer.tryFail(failure);
            });
      }
    }
  }

  /** A call upstream that several requests wait for. */
  private final class Flight {
    private final PromptKey key;
    private final Participant leader;
    private final Call call;
    private final List<Participant> waiting = new ArrayList<>();
    private @Nullable InferenceResponse response;
    private @Nullable Recording recording;
    private boolean landed;

    Flight(PromptKey key, Participant leader) {
      this.key = key;
      this.leader = leader;
      this.call = Call.root(leader.home);
    }

    /** On the lane. */
    void join(Participant participant) {
      InferenceResponse head = response;
      Recording record = recording;
      if (head != null && record != null) {
        leader.home.execute(() -> board(participant, head, record));
        return;
      }
      waiting.add(participant);
      participant.left =
          participant.request.call().onEnd(() -> lane.execute(() -> leave(participant)));
    }

    private void board(Participant participant, InferenceResponse head, Recording record) {
      if (record.joinable()) {
        participant.boarded(this, head, record);
      } else {
        participant.home.execute(participant::alone);
      }
    }

    private void leave(Participant participant) {
      if (waiting.remove(participant)) {
        Failure why = Endings.why(participant.request.call());
        participant.home.execute(() -> participant.answer.tryFail(why));
        if (waiting.isEmpty() && recording == null) {
          forget();
          call.end();
        }
      }
    }

    /** On the leader's home: the call itself. */
    void depart() {
      if (call.ended()) {
        return; // who waited has left
      }
      Endings.guard(call, leader.next.serve(leader.request.with(call)))
          .onComplete(
              result -> {
                if (result.succeeded()) {
                  arrived(result.result());
                } else {
                  Failure failure = Failure.from(result.cause());
                  lane.execute(() -> crash(failure));
                }
              });
    }

    /** On the leader's home. */
    private void arrived(InferenceResponse head) {
      Recording record = new Recording(leader.home, head.tokens(), options.maxAnswer());
      record.over().onComplete(over -> landed(head, record));
      lane.execute(
          () -> {
            response = head;
            recording = record;
            List<Participant> boarding = List.copyOf(waiting);
            waiting.clear();
            leader.home.execute(
                () -> {
                  boarding.forEach(participant -> board(participant, head, record));
                  record.aboard();
                });
          });
    }

    /** On the leader's home: the record is as long as it will be. */
    private void landed(InferenceResponse head, Recording record) {
      List<Chunk> chunks = record.complete();
      Future<Outcome> ended = head.tokens().outcome();
      boolean ok = ended.succeeded() && ended.result().status() == Status.OK;
      CachedAnswer kept =
          ok && chunks != null
              ? new CachedAnswer(
                  head.servedBy(),
                  head.status(),
                  head.headers(),
                  chunks,
                  ended.result().usage(),
                  leader.home.epochMillis())
              : null;
      lane.execute(
          () -> {
            forget();
            call.end();
            if (kept != null) {
              store(kept);
            }
          });
    }

    private void store(CachedAnswer kept) {
      try {
        cache.put(key, leader.request, kept).onFailure(thrown -> failures.increment());
      } catch (Exception | LinkageError e) {
        failures.increment();
        errors.note(name, e);
      }
    }

    /** On the lane. */
    private void crash(Failure failure) {
      forget();
      call.end();
      List<Participant> all = List.copyOf(waiting);
      waiting.clear();
      all.forEach(participant -> participant.crashed(this, failure));
    }

    private void forget() {
      if (!landed) {
        landed = true;
        flights.remove(key, this);
      }
    }
  }
}
