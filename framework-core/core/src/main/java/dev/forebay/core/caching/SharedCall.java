package dev.forebay.core.caching;

import dev.forebay.core.kernel.SerialService;
import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.core.stream.Recording;
import dev.forebay.dialect.Conversion;
import dev.forebay.dialect.Form;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.CachedAnswer;
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
final class SharedCall {

  /** A longer {@code Retry-After} is not waited for by followers. */
  private static final long MAX_RETRY_AFTER_NANOS = 1_000_000_000;

  final Waiter leader;
  private final CachingFilter filter;
  private final PromptKey key;
  private final @Nullable CachedAnswer old;
  private final Call call;
  private final List<Waiter> waiting = new ArrayList<>();
  private @Nullable InferenceResponse response;
  private @Nullable Recording recording;
  private @Nullable Converting converting;
  private @Nullable SharedCall replaced;
  private boolean finished;
  private boolean outdated;

  /**
   * A shared call.
   *
   * @param old what may help where it fails; null for nothing
   */
  SharedCall(CachingFilter filter, PromptKey key, Waiter leader, @Nullable CachedAnswer old) {
    this.filter = filter;
    this.key = key;
    this.leader = leader;
    this.old = old;
    this.call = leader.request.call().apart();
  }

  /**
   * Whether its answer will have what a request wants, the usage above all, and as soon: until it
   * has arrived, the shared call waits with the urgency of its leader, and where its leader's try
   * put it.
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
  @Nullable SharedCall suiting(RequestInfo info, Attempt attempt) {
    filter.timeline.check();
    for (SharedCall sharedCall = this; sharedCall != null; sharedCall = sharedCall.replaced) {
      if (!sharedCall.finished && sharedCall.suits(info, attempt)) {
        return sharedCall;
      }
    }
    return null;
  }

  /** Takes the place of one that does not suit, if any. */
  void register() {
    filter.timeline.check();
    replaced = filter.sharedCalls.put(key, this);
  }

  /** Its answer is not to be kept. */
  void outdated() {
    filter.timeline.check();
    outdated = true;
    if (replaced != null) {
      replaced.outdated();
    }
  }

  void join(Waiter waiter) {
    filter.timeline.check();
    InferenceResponse head = response;
    Recording record = recording;
    if (head != null && record != null) {
      leader.requestTimeline.execute(() -> join(waiter, head, record));
      return;
    }
    waiting.add(waiter);
    waiter.request.call().waitsFor(call);
    waiter.left = waiter.request.call().onEnd(() -> filter.timeline.execute(() -> leave(waiter)));
  }

  private void leave(Waiter waiter) {
    filter.timeline.check();
    if (waiting.remove(waiter)) {
      waiter.failed(Endings.why(waiter.request.call()));
      if (waiting.isEmpty() && recording == null) {
        forget();
        call.end();
      }
    }
  }

  /** Begins the call itself, unless all that waited have left. */
  void depart() {
    filter.timeline.check();
    if (!call.ended()) {
      SerialService.ask(leader.next, leader.request.with(call), this::answered);
    }
  }

  private void answered(Future<InferenceResponse> served) {
    leader.requestTimeline.check();
    Endings.guard(call, served.compose(FirstContent::await))
        .onComplete(
            result -> {
              if (result.succeeded()) {
                arrived(result.result());
              } else {
                Failure failure = Failure.from(result.cause());
                filter.timeline.execute(() -> crash(failure));
              }
            });
  }

  private void arrived(InferenceResponse head) {
    leader.requestTimeline.check();
    Recording record =
        new Recording(
            leader.requestTimeline, head.tokens(), filter.options.maxAnswer(), filter.memory);
    record.over().onComplete(over -> finished(head, record));
    join(leader, head, record); // it need not wait for the crossing
    boolean finished = record.over().isComplete(); // then nothing is left to stop
    filter.timeline.execute(
        () -> {
          response = head;
          recording = record;
          waiting.remove(leader);
          List<Waiter> joining = List.copyOf(waiting);
          waiting.clear();
          if (finished && joining.isEmpty()) {
            return; // a trip between event loops less
          }
          leader.requestTimeline.execute(
              () -> {
                joining.forEach(waiter -> join(waiter, head, record));
                record.aboard();
              });
        });
  }

  private void join(Waiter waiter, InferenceResponse head, Recording record) {
    if (!record.joinable()) {
      if (waiter == leader) {
        waiter.requestTimeline.execute(waiter::alone);
      } else {
        filter.timeline.execute(
            () -> {
              forget(); // whoever comes next leads a shared call that can be joined
              waiter.tooLate();
            });
      }
      return;
    }
    if (waiter == leader) {
      waiter.joined(head, record.join(waiter.request.call(), true), "miss");
      return;
    }
    RequestInfo asked = leader.request.info();
    Form form = Form.of(head.headers(), Form.wanted(asked));
    RequestInfo info = waiter.request.info();
    // Who asked as the leader did gets what the leader gets, whatever form the upstream chose.
    if (form != Form.wanted(info) && Form.wanted(asked) != Form.wanted(info)) {
      waiter.request.call().waitsFor(call);
      converting(head, record).add(waiter);
      return;
    }
    TokenStream tokens = record.join(waiter.request.call(), true);
    boolean extra = asked.traits().includeUsage() && !info.traits().includeUsage();
    waiter.joined(
        Records.shared(head),
        extra && form == Form.STREAM ? Conversion.withoutUsage(tokens) : tokens,
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
        ? Records.of(
            head, record, chunks, ended.result().usage(), leader.requestTimeline.epochMillis())
        : null;
  }

  /** The record is as long as it will be. */
  private void finished(InferenceResponse head, Recording record) {
    CachedAnswer made = answer(head, record);
    CachedAnswer kept = made == null || !Records.storable(head) ? null : made;
    filter.timeline.execute(
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
    List<Waiter> all = List.copyOf(waiting);
    waiting.clear();
    stranded(all, failure);
  }

  /** These have nothing yet, and get nothing from this shared call. */
  void stranded(List<Waiter> all, Failure failure) {
    filter.timeline.check();
    forget();
    CachedAnswer stale = old;
    if (stale != null && filter.staleness.replaces(stale, failure)) {
      all.forEach(waiter -> waiter.answeredWith(stale));
      return;
    }
    List<Waiter> followers = new ArrayList<>();
    for (Waiter waiter : all) {
      boolean retries = failure.status().retryable() || Waiter.leadersOwn(failure);
      if (waiter != leader && retries && waiter.comesBack()) {
        followers.add(waiter);
      } else {
        waiter.failed(failure);
      }
    }
    if (Waiter.leadersOwn(failure)) {
      followers.forEach(Waiter::again);
    } else if (!followers.isEmpty()) {
      retry(followers, failure);
    }
  }

  private void retry(List<Waiter> followers, Failure failure) {
    boolean soon = failure.retryAfterNanos() <= MAX_RETRY_AFTER_NANOS;
    if (!soon || !filter.budget.take(filter.timeline.nanos())) {
      followers.forEach(follower -> follower.failed(failure));
      return;
    }
    filter.counts.retried.increment();
    Waiter first = followers.get(0);
    SharedCall second = new SharedCall(filter, key, first, old);
    filter.sharedCalls.putIfAbsent(key, second);
    for (Waiter follower : followers) {
      follower.left.cancel();
      second.join(follower);
    }
    long pause = Math.max(filter.pauseNanos(), failure.retryAfterNanos());
    filter.timeline.after(pause, second::depart);
  }

  /** Runs an action on the gateway's timeline, from any thread. */
  void onLane(Runnable action) {
    filter.timeline.execute(action);
  }

  /** From now on nobody joins: who is sent back must not come back here. From anywhere. */
  void over() {
    filter.timeline.execute(this::forget);
  }

  private void forget() {
    filter.timeline.check();
    if (!finished) {
      finished = true;
      if (filter.sharedCalls.remove(key, this) && replaced != null && !replaced.finished) {
        filter.sharedCalls.put(key, replaced);
      }
    }
  }
}
