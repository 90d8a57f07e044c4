package dev.forebay.llama.server;

import dev.forebay.net.ChildServer;
import dev.forebay.net.HttpClients;
import dev.forebay.openai.OpenAi;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Supervises child processes, and sends requests to the one that serves. Its state is changed on
 * the pool's timeline only; requests see it through one volatile field.
 *
 * <p>A run is starting, then ready; the first ready one serves, a second stands by. When one ends,
 * whichever, another is started after a pause.
 */
final class LlamaServerBackend implements Backend {

  private static final Logger LOG = LoggerFactory.getLogger(LlamaServerBackend.class);
  private static final long HEALTH_NANOS = 100_000_000L;

  private final LlamaServer options;
  private final Vertx vertx;
  private final PluginContext context;
  private final Timeline timeline;
  private final HttpClient health;
  private final Counter starts;
  private final Counter exits;
  private final List<Run> runs = new ArrayList<>(); // those that start or are ready
  private volatile @Nullable Backend serving;
  private volatile long pid = -1;
  private volatile long retryNanos;
  private int failures;
  private int planned; // restarts that wait for their pause
  private boolean closed;

  LlamaServerBackend(LlamaServer options, Vertx vertx, PluginContext context) {
    this.options = options;
    this.vertx = vertx;
    this.context = context;
    this.timeline = context.timeline();
    this.health = HttpClients.create(vertx, new HttpClientOptions());
    this.starts = context.counter("starts");
    this.exits = context.counter("exits");
    this.retryNanos = options.backoff().toNanos();
  }

  @Override
  public void prepare() {
    timeline.execute(this::fill);
  }

  @Override
  public boolean ready() {
    return serving != null;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Backend now = serving;
    if (now != null) {
      return sent(now, request);
    }
    prepare(); // where nobody did
    if (request.call().ended()) {
      Failure why = request.call().reason();
      return Future.failedFuture(why == null ? Failure.cancelled() : why);
    }
    return Future.failedFuture(
        Failure.overloaded(503, "starting", "the local server is being started")
            .retryAfter(retryNanos)
            .at(options.id()));
  }

  /** Another thread may have closed it at this moment. */
  private Future<InferenceResponse> sent(Backend to, InferenceRequest request) {
    try {
      return to.serve(request)
          .map(answer -> answer.with(new BeginningStream(answer.tokens(), this::told)))
          .recover(thrown -> Future.failedFuture(told(Failure.from(thrown))));
    } catch (IllegalStateException e) {
      return Future.failedFuture(gone());
    }
  }

  /** A connection that broke before the answer began: the process ended, and is being replaced. */
  private Failure told(Failure failure) {
    boolean ended = failure.reason().equals("reset") || failure.reason().equals("refused");
    return ended ? gone() : failure;
  }

  private Failure gone() {
    return Failure.overloaded(503, "gone", "the local server has just ended")
        .retryAfter(retryNanos)
        .at(options.id());
  }

  @Override
  public Facts facts() {
    return Facts.of(options.id()).withModels(options.models());
  }

  @Override
  public Future<Void> close() {
    return onLane().compose(nothing -> stopAll());
  }

  /** The process that serves; -1 where none does. */
  long pid() {
    return pid;
  }

  private Future<Void> onLane() {
    Promise<Void> there = Promise.promise();
    timeline.execute(there::complete);
    return there.future();
  }

  private Future<Void> stopAll() {
    if (closed) {
      return Future.succeededFuture();
    }
    closed = true;
    serving = null;
    List<Future<Void>> stopping = new ArrayList<>();
    for (Run run : List.copyOf(runs)) {
      stopping.add(stop(run));
    }
    stopping.add(health.close());
    return Future.join(stopping).mapEmpty();
  }

  /** Starts as many as are wanted. */
  private void fill() {
    int wanted = options.standby() ? 2 : 1;
    while (!closed && runs.size() + planned < wanted) {
      start();
    }
  }

  private void start() {
    starts.increment();
    Run run = new Run(timeline.nanos() + options.startTimeout().toNanos());
    runs.add(run);
    vertx
        .executeBlocking(
            () -> ChildServer.start(options.id(), options.command(), options.environment()), false)
        .onComplete(
            result -> timeline.execute(() -> started(run, result.result(), result.cause())));
  }

  private void started(Run run, @Nullable ChildServer child, @Nullable Throwable thrown) {
    if (child == null) {
      LOG.warn("{}: cannot be started: {}", options.id(), String.valueOf(thrown));
      ended(run);
      return;
    }
    run.child = child;
    child.exit().onComplete(code -> timeline.execute(() -> exited(run, child, code.result())));
    if (closed) {
      stop(run);
    } else {
      probe(run, child);
    }
  }

  private void probe(Run run, ChildServer child) {
    if (closed || !runs.contains(run)) {
      return;
    }
    if (timeline.nanos() > run.deadlineNanos) {
      String expected = " (expected: 200 within " + options.startTimeout().toSeconds() + " s)";
      String health = "GET " + options.health() + ": " + run.health + expected;
      LOG.warn("{}: {}", options.id(), child.explained(health));
      stop(run);
      return;
    }
    child
        .health(health, options.health())
        .onSuccess(
            answer ->
                timeline.execute(
                    () -> {
                      run.health = answer;
                      if (answer.equals("200")) {
                        ready(run, child);
                      } else {
                        timeline.after(HEALTH_NANOS, () -> probe(run, child));
                      }
                    }));
  }

  private void ready(Run run, ChildServer child) {
    if (closed || !runs.contains(run)) {
      return;
    }
    OpenAi upstream = OpenAi.at(options.id(), child.url()).withModels(options.models());
    run.backend = upstream.create(context);
    failures = 0;
    retryNanos = options.backoff().toNanos();
    LOG.info("{}: ready as process {}", options.id(), child.pid());
    choose();
  }

  /** The first that is ready serves. */
  private void choose() {
    Run first = closed ? null : runs.stream().filter(Run::ready).findFirst().orElse(null);
    pid = first == null ? -1 : first.pid();
    serving = first == null ? null : first.backend;
  }

  private void exited(Run run, ChildServer child, @Nullable Integer code) {
    exits.increment();
    if (!closed) {
      LOG.warn("{}: {}", options.id(), child.explained("ended with exit code " + code));
    }
    ended(run);
  }

  private void ended(Run run) {
    boolean mine = runs.remove(run);
    choose();
    Backend backend = run.backend;
    if (backend != null) {
      backend.close(); // after the choice, so that nobody is sent there any more
    }
    if (!mine || closed) {
      return;
    }
    long pause =
        Math.min(
            options.maxBackoff().toNanos(),
            options.backoff().toNanos() << Math.min(failures++, 20));
    retryNanos = pause;
    planned++;
    timeline.after(
        pause,
        () -> {
          planned--;
          fill();
        });
  }

  private Future<Void> stop(Run run) {
    ChildServer child = run.child;
    if (child == null) {
      return Future.succeededFuture();
    }
    return vertx
        .<Void>executeBlocking(
            () -> {
              child.stop(options.stopTimeout());
              return null;
            },
            false)
        .mapEmpty();
  }

  /** A process from its start to its end. */
  private static final class Run {
    private final long deadlineNanos;
    private String health = "no answer";
    private @Nullable ChildServer child;
    private @Nullable Backend backend;

    Run(long deadlineNanos) {
      this.deadlineNanos = deadlineNanos;
    }

    boolean ready() {
      return backend != null;
    }

    long pid() {
      ChildServer process = child;
      return process == null ? -1 : process.pid();
    }
  }
}
