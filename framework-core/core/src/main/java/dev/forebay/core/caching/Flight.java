package dev.forebay.core.caching;

import dev.forebay.core.Endings;
import dev.forebay.core.FirstContent;
import dev.forebay.core.LaneService;
import dev.forebay.core.Recording;
import dev.forebay.spi.Attempt;
import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call upstream that several requests wait for. Who waits for its content is kept on the
 * gateway's timeline; the call, and the recording of its stream, run on the leader's.
 *
 * <p>It has arrived with its first content, as a try of the stage {@code retry} has: until then
 * nobody was told anything. Where it fails before, an old answer helps if there is one. Else the
 * followers are retried, as one: a pause, one call of the budget for extra work, one of them as the
 * new leader.
 */
final class Flight {

  /** A longer {@code Retry-After} is not waited for by followers. */
  private static final long MAX_RETRY_AFTER_NANOS = 1_000_000_000;

  final Participant leader;
  private final CachingFilter filter;
  private final PromptKey key;
  private final @Nullable CachedAnswer old;
  private final Call call;
  private final List<Participant> waiting = new ArrayList<>();
  private @Nullable InferenceResponse response;
  private @Nullable Recording recording;
  private @Nullable Converting converting;
  private @Nullable Flight replaced;
  private boolean landed;
  private boolean outdated;

  /**
   * A flight.
   *
   * @param old what may help where it fails; null for nothing
   */
  Flight(CachingFilter filter, PromptKey key, Participant leader, @Nullable CachedAnswer old) {
    this.filter = filter;
    this.key = key;
    this.leader = leader;
    this.old = old;
    this.call = Call.root(leader.home);
  }

  /**
   * Whether its answer will have what a request wants, the usage above all, and as soon: until it
   * has arrived, the flight waits with the urgency of its leader, and where its leader's try put
   * it.
   */
  boolean suits(RequestInfo info, Attempt attempt) {
    RequestInfo asked = leader.request.info();
    if (response == null && (info.priority() < asked.priority() || leftBy(attempt))) {
      return false;
    }
    boolean streams = Form.wanted(info) == Form.STREAM && Form.wanted(asked) == Form.STREAM;
    return !streams || !info.traits().includeUsage() || asked.traits().includeUsage();
  }

  /**
   * Whether it is at an endpoint that a further try is to avoid, and its leader was not: then there
   * may be an elsewhere.
   */
  private boolean leftBy(Attempt attempt) {
    Call.Reached reached = call.reached();
    return reached != null
        && attempt.avoid().contains(reached.endpoint())
        && !leader.request.attempt().avoid().contains(reached.endpoint());
  }

  /** Of this and those whose place it took, the first that suits; null for none. */
  @Nullable Flight suiting(RequestInfo info, Attempt attempt) {
    filter.lane.check();
    for (Flight flight = this; flight != null; flight = flight.replaced) {
      if (!flight.landed && flight.suits(info, attempt)) {
        return flight;
      }
    }
    return null;
  }

  /** Takes the place of one that does not suit, if any. */
  void register() {
    filter.lane.check();
    replaced = filter.flights.put(key, this);
  }

  /** Its answer is not to be kept. */
  void outdated() {
    filter.lane.check();
    outdated = true;
    if (replaced != null) {
      replaced.outdated();
    }
  }

  void join(Participant participant) {
    filter.lane.check();
    InferenceResponse head = response;
    Recording record = recording;
    if (head != null && record != null) {
      leader.home.execute(() -> board(participant, head, record));
      return;
    }
    waiting.add(participant);
    participant.request.call().waitsFor(call);
    participant.left =
        participant.request.call().onEnd(() -> filter.lane.execute(() -> leave(participant)));
  }

  private void leave(Participant participant) {
    filter.lane.check();
    if (waiting.remove(participant)) {
      participant.failed(Endings.why(participant.request.call()));
      if (waiting.isEmpty() && recording == null) {
        forget();
        call.end();
      }
    }
  }

  /** Begins the call itself, unless all that waited have left. */
  void depart() {
    filter.lane.check();
    if (!call.ended()) {
      LaneService.ask(leader.next, leader.request.with(call), this::departed);
    }
  }

  private void departed(Future<InferenceResponse> served) {
    leader.home.check();
    Endings.guard(call, served.compose(FirstContent::await))
        .onComplete(
            result -> {
              if (result.succeeded()) {
                arrived(result.result());
              } else {
                Failure failure = Failure.from(result.cause());
                filter.lane.execute(() -> crash(failure));
              }
            });
  }

  private void arrived(InferenceResponse head) {
    leader.home.check();
    Recording record =
        new Recording(leader.home, head.tokens(), filter.options.maxAnswer(), filter.memory);
    record.over().onComplete(over -> landed(head, record));
    board(leader, head, record); // it need not wait for the crossing
    boolean landed = record.over().isComplete(); // then nothing is left to stop
    filter.lane.execute(
        () -> {
          response = head;
          recording = record;
          waiting.remove(leader);
          List<Participant> boarding = List.copyOf(waiting);
          waiting.clear();
          if (landed && boarding.isEmpty()) {
            return; // a trip between event loops less
          }
          leader.home.execute(
              () -> {
                boarding.forEach(participant -> board(participant, head, record));
                record.aboard();
              });
        });
  }

  private void board(Participant participant, InferenceResponse head, Recording record) {
    if (!record.joinable()) {
      if (participant == leader) {
        participant.home.execute(participant::alone);
      } else {
        filter.lane.execute(
            () -> {
              forget(); // whoever comes next leads a flight that can be joined
              participant.tooLate();
            });
      }
      return;
    }
    if (participant == leader) {
      participant.boarded(head, record.join(participant.request.call()), "miss");
      return;
    }
    RequestInfo asked = leader.request.info();
    Form form = Form.of(head.headers(), Form.wanted(asked));
    RequestInfo info = participant.request.info();
    // Who asked as the leader did gets what the leader gets, whatever form the upstream chose.
    if (form != Form.wanted(info) && Form.wanted(asked) != Form.wanted(info)) {
      participant.request.call().waitsFor(call);
      converting(head, record).add(participant);
      return;
    }
    TokenStream tokens = record.join(participant.request.call());
    boolean extra = asked.traits().includeUsage() && !info.traits().includeUsage();
    participant.boarded(
        Records.shared(head),
        extra && form == Form.STREAM ? StreamUsage.without(tokens) : tokens,
        "joined");
  }

  private Converting converting(InferenceResponse head, Recording record) {
    Converting started = converting;
    if (started == null) {
      started = new Converting(this, head, record);
      converting = started;
    }
    return started;
  }

  /** What was recorded; null if it is not complete, proven and OK. */
  @Nullable CachedAnswer answer(InferenceResponse head, Recording record) {
    List<Chunk> chunks = record.complete();
    Future<Outcome> ended = head.tokens().outcome();
    boolean ok = ended.succeeded() && ended.result().status() == Status.OK;
    return ok && chunks != null && Records.proven(chunks)
        ? Records.of(head, record, chunks, ended.result().usage(), leader.home.epochMillis())
        : null;
  }

  /** The record is as long as it will be. */
  private void landed(InferenceResponse head, Recording record) {
    CachedAnswer made = answer(head, record);
    CachedAnswer kept = made == null || !Records.storable(head) ? null : made;
    filter.lane.execute(
        () -> {
          forget();
          call.end();
          if (kept != null && !outdated) {
            filter.store(key, leader.request, kept);
          }
        });
  }

  private void crash(Failure failure) {
    forget();
    call.end();
    List<Participant> all = List.copyOf(waiting);
    waiting.clear();
    stranded(all, failure);
  }

  /** These have nothing yet, and get nothing from this flight. */
  void stranded(List<Participant> all, Failure failure) {
    filter.lane.check();
    forget();
    CachedAnswer stale = old;
    if (stale != null && filter.staleness.replaces(stale, failure)) {
      all.forEach(participant -> participant.consoled(stale));
      return;
    }
    List<Participant> followers = new ArrayList<>();
    for (Participant participant : all) {
      boolean retries = failure.status().retryable() || Participant.leadersOwn(failure);
      if (participant != leader && retries && participant.comesBack()) {
        followers.add(participant);
      } else {
        participant.failed(failure);
      }
    }
    if (Participant.leadersOwn(failure)) {
      followers.forEach(Participant::again);
    } else if (!followers.isEmpty()) {
      retry(followers, failure);
    }
  }

  private void retry(List<Participant> followers, Failure failure) {
    boolean soon = failure.retryAfterNanos() <= MAX_RETRY_AFTER_NANOS;
    if (!soon || !filter.budget.take(filter.lane.nanos())) {
      followers.forEach(follower -> follower.failed(failure));
      return;
    }
    filter.counts.retried.increment();
    Participant first = followers.get(0);
    Flight second = new Flight(filter, key, first, old);
    filter.flights.putIfAbsent(key, second);
    for (Participant follower : followers) {
      follower.left.cancel();
      second.join(follower);
    }
    long pause = Math.max(filter.pauseNanos(), failure.retryAfterNanos());
    filter.lane.after(pause, second::depart);
  }

  /** Runs an action on the gateway's timeline, from any thread. */
  void onLane(Runnable action) {
    filter.lane.execute(action);
  }

  /** From now on nobody joins: who is sent back must not come back here. From anywhere. */
  void over() {
    filter.lane.execute(this::forget);
  }

  private void forget() {
    filter.lane.check();
    if (!landed) {
      landed = true;
      if (filter.flights.remove(key, this) && replaced != null && !replaced.landed) {
        filter.flights.put(key, replaced);
      }
    }
  }
}
