package dev.forebay.core.caching;

import dev.forebay.core.stream.Endings;
import dev.forebay.core.stream.Streams;
import dev.forebay.dialect.Conversion;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.RequestSpan;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.CachedAnswer;
import io.vertx.core.Promise;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One request on its way to a hit, a shared call of others, or one of its own. */
final class Waiter {

  /** How often a request may come back from a shared call that failed. */
  static final int MAX_REJOINS = 3;

  /** How long a fetch in the background may take: nobody's deadline bounds it. */
  private static final long BACKGROUND_NANOS = Duration.ofMinutes(2).toNanos();

  final InferenceRequest request;
  final Service next;
  final Timeline requestTimeline;
  private final CachingFilter filter;
  private final PromptKey key;
  private final Promise<InferenceResponse> answer;
  private boolean background;
  private @Nullable CachedAnswer old;
  private int rejoins;

  /** Takes back what ends its wait when its call ends. */
  Registration left = Registration.NONE;

  Waiter(
      CachingFilter filter,
      InferenceRequest request,
      Service next,
      PromptKey key,
      Promise<InferenceResponse> answer) {
    this.filter = filter;
    this.request = request;
    this.next = next;
    this.key = key;
    this.answer = answer;
    this.requestTimeline = request.call().timeline();
  }

  /** Joins a shared call, or looks up. A fetch in the background keeps nobody waiting. */
  void enter() {
    filter.timeline.check();
    SharedCall running = running();
    if (running != null && !running.leader.background) {
      joinIt(running);
      return;
    }
    if (mode() == CacheMode.NO_CACHE) {
      missed();
      return;
    }
    filter
        .lookUp(key, request)
        .onComplete(found -> filter.timeline.execute(() -> lookedUp(found.result())));
  }

  private CacheMode mode() {
    return request.info().cacheMode();
  }

  private void lookedUp(@Nullable CachedAnswer found) {
    if (found == null) {
      joinOrMiss();
      return;
    }
    switch (filter.staleness.use(found)) {
      case FRESH -> requestTimeline.execute(() -> give(found, "hit"));
      case REVALIDATE -> {
        if (mode() == CacheMode.DEFAULT) {
          revalidate();
        }
        requestTimeline.execute(() -> give(found, "stale"));
      }
      case LAST_RESORT -> {
        old = found;
        joinOrMiss();
      }
    }
  }

  private void joinOrMiss() {
    SharedCall running = running();
    if (running == null) {
      missed();
    } else {
      joinIt(running);
    }
  }

  /** Gives a stored answer, or goes alone if it cannot be given in this form. */
  private void give(CachedAnswer found, String how) {
    requestTimeline.check();
    left.cancel();
    CachedAnswer fitting = Conversion.as(found, request);
    if (fitting == null) {
      unfit();
      return;
    }
    (how.equals("stale") ? filter.counts.stale : filter.counts.hits).increment();
    note(how);
    ReplayStream tokens =
        new ReplayStream(
            request.call(),
            fitting,
            request.info().stream()
                ? Paces.of(filter.options.replay(), fitting)
                : ReplayStream.Pace.AT_ONCE);
    respond(fitting, tokens, how);
  }

  /** What there is cannot be given in this form: joins or leads a shared call in its own. */
  void unfit() {
    filter.counts.inconvertible.increment();
    filter.timeline.execute(this::tooLate);
  }

  /** The shared call that it wanted to join cannot be joined: it joins or leads another. */
  void tooLate() {
    filter.timeline.check();
    left.cancel();
    if (comesBack()) {
      joinOrMiss();
    } else {
      missed();
    }
  }

  private void respond(CachedAnswer like, TokenStream tokens, String how) {
    InferenceResponse response =
        new InferenceResponse(like.servedBy(), like.status(), like.headers(), tokens);
    if (!answer.tryComplete(CachingFilter.marked(response, how))) {
      tokens.cancel();
    }
  }

  /** A shared call that it may join; null for none. */
  private @Nullable SharedCall running() {
    SharedCall latest = mode() == CacheMode.NO_CACHE ? null : filter.sharedCalls.get(key);
    return latest == null ? null : latest.suiting(request.info(), request.attempt());
  }

  private void joinIt(SharedCall running) {
    filter.counts.joins.increment();
    note("joined");
    running.join(this);
  }

  /** Leads a shared call, or goes alone if nothing is to be kept. */
  private void missed() {
    filter.timeline.check();
    if (request.call().ended()) {
      failed(Endings.why(request.call()));
      return;
    }
    if (mode() == CacheMode.ONLY_IF_CACHED) {
      failed(CachingFilter.notCached());
      return;
    }
    filter.counts.misses.increment();
    note("miss");
    if (mode() == CacheMode.NO_STORE) {
      requestTimeline.execute(this::alone);
      return;
    }
    SharedCall mine = new SharedCall(filter, key, this, old);
    if (filter.options.singleFlight() && mode() == CacheMode.DEFAULT) {
      mine.register();
    }
    mine.join(this);
    mine.depart();
  }

  private void note(String how) {
    RequestSpan span = request.call().span();
    if (span != null) {
      span.event("cache." + how);
    }
  }

  /** Without the cache. */
  void alone() {
    requestTimeline.check();
    left.cancel();
    if (request.call().ended()) {
      answer.tryFail(Endings.why(request.call()));
      return;
    }
    next.serve(request).map(response -> CachingFilter.marked(response, "miss")).onComplete(answer);
  }

  /** The shared call has a response in this form: reads along. On any thread. */
  void joined(InferenceResponse response, TokenStream tokens, String how) {
    requestTimeline.execute(
        () -> {
          left.cancel();
          if (!answer.tryComplete(CachingFilter.marked(response.with(tokens), how))) {
            tokens.cancel();
          }
        });
  }

  /** The shared call has its answer, which was converted. On any thread. */
  void converted(CachedAnswer made) {
    requestTimeline.execute(
        () -> {
          left.cancel();
          respond(made, new ReplayStream(request.call(), made), "joined");
        });
  }

  /** There is no answer. On any thread. */
  void failed(Failure failure) {
    requestTimeline.execute(
        () -> {
          left.cancel();
          answer.tryFail(failure);
        });
  }

  /** The shared call has none, but there is an old answer that is good enough. */
  void answeredWith(CachedAnswer stale) {
    filter.timeline.check();
    leaves();
    requestTimeline.execute(() -> give(stale, "stale"));
  }

  /** Whether it may come back from a shared call that failed; counts. */
  boolean comesBack() {
    filter.timeline.check();
    return !request.call().ended() && rejoins++ < MAX_REJOINS;
  }

  /** As if it came now. */
  void again() {
    leaves();
    enter();
  }

  private void leaves() {
    left.cancel();
    request.call().waitsFor(null); // its next answer may come from no endpoint
  }

  /** What a shared call of this leader failed with concerns nobody but the leader. */
  static boolean leadersOwn(Failure failure) {
    return failure.status() == Status.TIMED_OUT || failure.status() == Status.CANCELLED;
  }

  /** Fetches a new answer for nobody, unless somebody does already. */
  private void revalidate() {
    filter.timeline.check();
    if (filter.sharedCalls.containsKey(key)) {
      return;
    }
    filter.counts.revalidations.increment();
    Call own = request.call().apart();
    RequestInfo info = request.info();
    InferenceRequest again =
        request
            .with(own)
            .with(
                info.withPriority(Math.max(info.priority(), RequestInfo.BATCH))
                    .withDeadlineNanos(Long.MAX_VALUE));
    Promise<InferenceResponse> fetched = Promise.promise();
    Waiter nobody = new Waiter(filter, again, next, key, fetched);
    nobody.background = true;
    Registration bound =
        requestTimeline.after(
            BACKGROUND_NANOS, () -> own.end(Failure.deadline("too slow to revalidate")));
    fetched
        .future()
        .compose(response -> Streams.forEach(response.tokens(), chunk -> {}))
        .onComplete(
            done -> {
              bound.cancel();
              own.end();
            });
    nobody.missed();
  }
}
