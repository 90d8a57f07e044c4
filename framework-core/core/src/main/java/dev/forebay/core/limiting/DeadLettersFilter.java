package dev.forebay.core.limiting;

import dev.forebay.core.kernel.OwnFilter;
import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.stream.Endings;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Service;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a letter of each request that ends as it is to; the answer does not wait for that. Tries of
 * a request that its owner {@linkplain dev.forebay.spi.Call#isKept keeps} make none. What a slow
 * store has not kept yet is bounded, in bytes and in time: a letter beyond that is lost.
 */
final class DeadLettersFilter implements OwnFilter {

  private static final int REASONS = 100;
  private static final int BASE = 36;

  /** Bytes of letters that a store has been given and has not kept yet, at most. */
  private static final long MOST_PENDING = 16L << 20;

  /** How long a store may take to keep a letter before that counts as lost. */
  private static final Duration MOST_TIME = Duration.ofSeconds(30);

  private final String name;
  private final DeadLetters options;
  private final Set<Status> on;
  private final DeadLetterStore store;
  private final Timeline gatewayTimeline;
  private final PluginErrors errors;
  private final Labelled<Counter> letters;
  private final Counter lost;
  private long made;
  private long pending;
  private int overdue;

  DeadLettersFilter(
      DeadLetters options, DeadLetterStore store, PluginContext context, PluginErrors errors) {
    this.name = context.name();
    this.options = options;
    this.on = EnumSet.noneOf(Status.class);
    this.on.addAll(options.on());
    this.store = store;
    this.gatewayTimeline = context.timeline();
    this.errors = errors;
    this.letters = context.counters("letters", new Label("reason", REASONS));
    this.lost = context.counter("lost");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request, Service next) {
    if (request.call().isKept()) {
      return next.serve(request);
    }
    return Endings.guardAndTrack(
        request.call(),
        request.call().timeline().nanos(),
        next.serve(request),
        outcome -> {
          Failure failure = outcome.failure();
          if (failure != null && on.contains(outcome.status())) {
            gatewayTimeline.execute(() -> keep(request, failure));
          }
        });
  }

  private void keep(InferenceRequest request, Failure failure) {
    letters.of(failure.reason()).increment();
    DeadLetter letter = letter(request, failure);
    long bytes = letter.bytes();
    boolean silent = overdue > 0 && pending > 0;
    if (silent || pending + bytes > MOST_PENDING) {
      lost.increment();
      return;
    }
    pending += bytes;
    Future<Void> kept = kept(letter);
    Keeping keeping = new Keeping(bytes);
    if (!kept.isComplete()) {
      keeping.timer = gatewayTimeline.after(MOST_TIME.toNanos(), keeping::takesTooLong);
    }
    kept.onComplete((nothing, thrown) -> keeping.answered(thrown));
  }

  /**
   * One letter that the store has been given. While it owes answers that are overdue, it is given
   * one letter at a time, since it may still hold those.
   */
  private final class Keeping {
    private final long bytes;
    private Registration timer = Registration.NONE;
    private boolean late;

    Keeping(long bytes) {
      this.bytes = bytes;
    }

    void takesTooLong() {
      late = true;
      overdue++;
      pending -= bytes;
      lost.increment();
      errors.note(
          name,
          new TimeoutException("the store kept no letter within " + MOST_TIME.toSeconds() + " s"));
    }

    void answered(@Nullable Throwable thrown) {
      timer.cancel();
      if (late) {
        overdue--;
        return;
      }
      pending -= bytes;
      if (thrown != null) {
        lost.increment();
      }
    }
  }

  private Future<Void> kept(DeadLetter letter) {
    try {
      return store.keep(letter);
    } catch (Exception | Error e) {
      errors.note(name, e);
      return Future.failedFuture(e);
    }
  }

  private DeadLetter letter(InferenceRequest request, Failure failure) {
    RequestInfo info = request.info();
    long now = gatewayTimeline.epochMillis();
    boolean whole = options.bodies() && request.body().length() <= options.maxBody();
    return new DeadLetter(
        Long.toString(now, BASE) + "-" + Long.toString(made++, BASE),
        info.id(),
        now,
        failure.reason(),
        failure.httpStatus(),
        info.operation(),
        info.model(),
        info.caller().tenant(),
        info.priority(),
        info.promptTokens(),
        whole ? request.body() : null);
  }
}
