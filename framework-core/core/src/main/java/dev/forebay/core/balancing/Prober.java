package dev.forebay.core.balancing;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import dev.forebay.spi.state.ProbeFigures;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Asks each endpoint of a pool at jittered intervals whether it is up, never twice at once: while
 * an answer is outstanding, also one that was given up, no further question is asked. An endpoint
 * of which nothing is known is not down: a first good answer says at once that it is up, and bad
 * ones take it out by as many in a row as later ({@code rise}, {@code fall}, as in HAProxy). Until
 * then it is asked each second, or each interval if that is shorter.
 */
public final class Prober {

  private static final long FIRST_WITHIN_NANOS = Duration.ofSeconds(1).toNanos();
  private static final int MAX_REASON = 200;

  private final HealthProbe probe;
  private final Options options;
  private final Timeline timeline;
  private final RandomGenerator random;
  private final PluginErrors errors;
  private final String name;
  private final Counter asked;
  private final Counter failed;
  private final Map<EndpointState, Watch> watches = new LinkedHashMap<>();
  private BiConsumer<EndpointState, @Nullable String> judge = (endpoint, why) -> {};
  private boolean running;

  /** A prober that asks nobody yet. */
  public Prober(HealthProbe probe, Options options, PluginContext context, PluginErrors errors) {
    this.probe = probe;
    this.options = options;
    this.timeline = context.timeline();
    this.random = context.random();
    this.errors = errors;
    this.name = context.name();
    this.asked = context.counter("probes");
    this.failed = context.counter("probe_failures");
  }

  /**
   * Options of active health checks, beside the probe.
   *
   * @param interval from one question to the next
   * @param timeout how long an answer may take
   * @param rise good answers in a row that bring an endpoint back
   * @param fall bad answers in a row that take it out
   * @param jitter how much an interval differs at random, as a share of it
   */
  @Doc("Asks endpoints whether they are up, apart from their requests.")
  public record Options(
      @Doc("From one question to the next.") @Default("5s") @Range(min = 0.01, max = 86_400)
          Duration interval,
      @Doc("How long an answer may take.") @Default("3s") @Range(min = 0.001, max = 600)
          Duration timeout,
      @Doc("Good answers in a row that bring an endpoint back.")
          @Default("2")
          @Range(min = 1, max = 100)
          int rise,
      @Doc("Bad answers in a row that take an endpoint out.")
          @Default("3")
          @Range(min = 1, max = 100)
          int fall,
      @Doc("How much an interval differs at random, as a share of it.")
          @Default("0.1")
          @Range(min = 0, max = 0.5)
          double jitter) {}

  /**
   * Begins.
   *
   * @param verdict takes an endpoint that is up, with null, or down, with why; on each change
   */
  void start(List<EndpointState> members, BiConsumer<EndpointState, @Nullable String> verdict) {
    judge = verdict;
    running = true;
    members(members);
  }

  /** The members changed: new ones are asked soon, those that left no more. */
  void members(List<EndpointState> all) {
    timeline.check();
    if (!running) {
      return;
    }
    watches
        .entrySet()
        .removeIf(
            entry -> {
              boolean gone = !all.contains(entry.getKey());
              if (gone) {
                entry.getValue().stop();
              }
              return gone;
            });
    for (EndpointState member : all) {
      watches.computeIfAbsent(member, Watch::new);
    }
  }

  /** Asks no more, and gives up what is being asked. */
  Future<Void> close() {
    running = false;
    watches.values().forEach(Watch::stop);
    watches.clear();
    try {
      return errors.required(probe.close(), probe, "close", "a future");
    } catch (Exception | Error e) {
      errors.note(name, e);
      return Future.succeededFuture();
    }
  }

  /** What is known of an endpoint; null if it is not asked. */
  @Nullable ProbeFigures figures(EndpointState endpoint, long now) {
    Watch watch = watches.get(endpoint);
    return watch == null ? null : watch.figures(now);
  }

  private final class Watch {
    private final EndpointState endpoint;
    private Registration timer;
    private @Nullable Call call;
    private Future<Void> answer = Future.succeededFuture();
    private boolean stopped;
    private int good;
    private int bad;
    private boolean up;
    private boolean known;
    private String last = "not asked yet";
    private long lastNanos;
    private long lastTookNanos = -1;

    Watch(EndpointState endpoint) {
      this.endpoint = endpoint;
      long within = Math.min(FIRST_WITHIN_NANOS, options.interval().toNanos());
      this.timer = timeline.after((long) (random.nextDouble() * within), this::tick);
    }

    void stop() {
      stopped = true;
      timer.cancel();
      if (call != null) {
        call.end();
      }
    }

    private void tick() {
      double factor = 1 + options.jitter() * (2 * random.nextDouble() - 1);
      long interval = options.interval().toNanos();
      long pause = known ? interval : Math.min(FIRST_WITHIN_NANOS, interval);
      timer = timeline.after((long) (pause * factor), this::tick);
      if (call != null) {
        return; // within its timeout still
      }
      if (!answer.isComplete()) {
        verdict("it has not answered an earlier probe", timeline.nanos());
        return;
      }
      ask();
    }

    private void ask() {
      long began = timeline.nanos();
      Call current = Call.root(timeline);
      call = current;
      asked.increment();
      Registration limit =
          timeline.after(options.timeout().toNanos(), () -> current.end(timeout()));
      current.onEnd(
          () -> {
            limit.cancel();
            over(current, why(current.reason()), began);
          });
      answer = ask(current);
      answer.onComplete(
          result ->
              timeline.execute(
                  () -> {
                    over(current, why(current, result), began);
                    current.end();
                  }));
    }

    private Future<Void> ask(Call current) {
      timeline.check();
      try {
        Backend backend = endpoint.backend();
        return errors.required(probe.probe(backend, current), probe, "probe", "a future");
      } catch (Exception | Error e) {
        errors.note(name, e);
        return Future.failedFuture(e);
      }
    }

    /** The first of the answer and the end of the call decides. */
    private void over(Call current, @Nullable String why, long began) {
      if (call == current) {
        call = null;
        if (!stopped) {
          lastTookNanos = timeline.nanos() - began;
          verdict(why, timeline.nanos());
        }
      }
    }

    private void verdict(@Nullable String why, long now) {
      last = why == null ? "ok" : why;
      lastNanos = now;
      good = why == null ? good + 1 : 0;
      bad = why == null ? 0 : bad + 1;
      if (why != null) {
        failed.increment();
      }
      boolean changes =
          why == null
              ? !known || (!up && good >= options.rise())
              : (!known || up) && bad >= options.fall();
      if (changes) {
        known = true;
        up = why == null;
        judge.accept(endpoint, why);
      }
    }

    ProbeFigures figures(long now) {
      boolean asked = lastTookNanos >= 0;
      return new ProbeFigures(
          !known || up,
          last,
          asked ? (Long) ((now - lastNanos) / 1_000_000) : null,
          asked ? (Double) (lastTookNanos / 1e6) : null,
          good,
          bad);
    }
  }

  private Failure timeout() {
    String message = "no answer within " + options.timeout().toMillis() + " ms";
    return Failure.of(Status.STALLED, 504, "probe_timeout", message);
  }

  /** Why a probe failed: for the end of its call where that came first; null where it did not. */
  private static @Nullable String why(Call call, AsyncResult<Void> result) {
    Failure ended = call.reason();
    return ended != null ? reason(ended) : result.succeeded() ? null : reason(result.cause());
  }

  private static String why(@Nullable Failure reason) {
    return reason == null ? "given up" : reason(reason);
  }

  private static String reason(Throwable thrown) {
    String message = thrown.getMessage();
    String text = message == null ? thrown.getClass().getSimpleName() : message;
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.length() > MAX_REASON ? line.substring(0, MAX_REASON) + "…" : line;
  }
}
