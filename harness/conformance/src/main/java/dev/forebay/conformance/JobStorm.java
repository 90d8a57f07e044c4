package dev.forebay.conformance;

import static dev.forebay.conformance.Rule.require;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.ChildProcess;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvents;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The storm that a job store and a job queue have to stand, seeded: a gateway takes jobs, workers
 * in processes of their own (as {@code forebay worker}) work at them, and workers are killed, stand
 * still and come back, or are told to stop, while the author's own blows fall on the servers. Then
 * each accepted job has ended once, as it had to, by the last claim; none is lost, none is answered
 * twice, no result was overwritten, and each dead job has left its letter.
 *
 * <p>A test that runs it needs {@code forebay-jobs} and {@code forebay-servers} on its class path.
 */
public final class JobStorm implements AutoCloseable {

  private static final int WORKERS = 3;
  private static final int RETRIES = 5;
  private static final int MOST_EVENTS = 1_000;
  private static final int JOBS_A_BLOW = 50;
  private static final long LEASE_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Something that happens to a server while jobs are worked at, and is over when it returns. */
  @FunctionalInterface
  public interface Blow {
    /** Strikes. */
    void strike() throws IOException;
  }

  /**
   * What is under test.
   *
   * @param storeYaml the store as the value of {@code store} in a section {@code jobs}, in one line
   * @param queueYaml the queue, likewise
   * @param store what {@code storeYaml} makes, on a stage
   * @param queue what {@code queueYaml} makes, on a stage
   * @param blows on the servers behind both, by name; each falls at least once
   * @param letters ids of the jobs that have left a dead letter; null if the queue has none that
   *     can be read
   */
  public record Setting(
      String storeYaml,
      String queueYaml,
      Supplier<JobStore> store,
      Supplier<JobQueue> queue,
      Map<String, Blow> blows,
      @Nullable Supplier<Set<String>> letters) {}

  private final Setting setting;
  private final SplittableRandom random;
  private final int count;
  private final Path folder;
  private final Timeline timeline;
  private final Gateway gateway;
  private final JobStore store;
  private final JobQueue queue;
  private final List<ChildProcess> workers = new ArrayList<>();
  private final Map<ChildProcess, Long> paused = new LinkedHashMap<>();
  private final Map<String, StormJob> jobs = new LinkedHashMap<>();
  private final Map<String, Blow> blows = new LinkedHashMap<>();
  private final Map<String, Integer> struck = new TreeMap<>();

  /**
   * A storm; nothing runs yet.
   *
   * @param vertx of the stage that store and queue of the setting are made on; stays the caller's
   * @param timeline of that stage
   * @param count jobs, at least 1
   */
  public JobStorm(Setting setting, Vertx vertx, Timeline timeline, long seed, int count)
      throws IOException {
    this.setting = setting;
    this.timeline = timeline;
    this.random = new SplittableRandom(seed);
    this.count = count;
    this.folder = Files.createTempDirectory("forebay-storm");
    this.store = setting.store().get();
    this.queue = setting.queue().get();
    Host host = GatewayServer.host(vertx);
    this.gateway = Gateway.of(StormWorker.document(yaml("gateway", 0)).blueprint(), host);
    blows.put("kill a worker", () -> replace().kill());
    blows.put("stop a worker", () -> replace().terminate());
    blows.put("pause a worker", this::pause);
    blows.putAll(setting.blows());
  }

  private String yaml(String name, int room) {
    return """
    administration: { port: 0 }
    backends: [{ plugin: storm }]
    jobs:
      store: { plugin: storm, of: %s, file: "%s" }
      queue: %s
      workers: %d
      retries: %d
      pause: 500ms
      lease: 3s
      check: 1s
      drain: 8s
    """
        .formatted(
            setting.storeYaml(),
            folder.resolve(name + ".ended"),
            setting.queueYaml(),
            room,
            RETRIES);
  }

  /**
   * Runs it.
   *
   * @return one line for a report
   * @throws AssertionError if a job did not end as it had to
   */
  public String run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    await(store::ready);
    await(queue::ready);
    gateway.start();
    for (int i = 0; i < WORKERS; i++) {
      addWorker();
    }
    submit();
    List<String> plan = plan();
    for (int i = 0; i < plan.size(); i++) {
      awaitEnded(count * (i + 1) / (plan.size() + 2));
      revive(LEASE_NANOS + TimeUnit.SECONDS.toNanos(1));
      String blow = plan.get(i);
      struck.merge(blow, 1, Integer::sum);
      Objects.requireNonNull(blows.get(blow), blow).strike();
    }
    revive(0);
    awaitEnded(count);
    Map<String, String> first = results();
    until("an empty queue", () -> await(queue::depth) == 0);
    require(first.equals(results()), "results changed after they were there");
    verify();
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    return count + " jobs: " + figures().jobs() + "; blows " + struck + "; " + seconds + " s";
  }

  /** Each at least once. */
  private List<String> plan() {
    List<String> names = List.copyOf(blows.keySet());
    List<String> plan = new ArrayList<>(names);
    while (plan.size() < count / JOBS_A_BLOW) {
      plan.add(names.get(random.nextInt(names.size())));
    }
    for (int i = plan.size() - 1; i > 0; i--) {
      plan.set(i, plan.set(random.nextInt(i + 1), plan.get(i)));
    }
    return plan;
  }

  /** Takes one out, and another in. */
  private ChildProcess replace() throws IOException {
    ChildProcess worker = workers.remove(random.nextInt(workers.size()));
    addWorker();
    return worker;
  }

  private void pause() throws IOException {
    ChildProcess worker = replace();
    worker.pause();
    paused.put(worker, System.nanoTime());
  }

  /** Lets those go on that stood still for so long: they are zombies. */
  private void revive(long nanos) throws IOException {
    for (ChildProcess worker : List.copyOf(paused.keySet())) {
      if (System.nanoTime() - paused.getOrDefault(worker, 0L) >= nanos) {
        paused.remove(worker);
        worker.resume();
        workers.add(worker);
      }
    }
  }

  private void addWorker() throws IOException {
    String name = "worker-" + random.nextInt(1_000_000);
    Path file = Files.writeString(folder.resolve(name + ".yaml"), yaml(name, 8));
    workers.add(
        ChildProcess.java(
            List.of(
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
            StormWorker.class,
            List.of(file.toString()),
            folder.resolve(name + ".log")));
  }

  private void submit() {
    for (int i = 0; i < count; i++) {
      StormJob job = StormJob.any(random);
      int place = i;
      jobs.put(await(() -> submit(place, job)), job);
    }
  }

  /** As a caller: what is not accepted is sent again under the same key. */
  private Future<String> submit(int place, StormJob job) {
    Caller caller = new Caller("192.0.2.1", "", "tenant-" + place % 7, "", "");
    boolean stream = place % 2 == 0;
    RequestInfo info =
        RequestInfo.chat("r" + place, "m", caller, timeline.nanos())
            .withStream(stream)
            .withPromptTokens(10)
            .withMaxOutputTokens(10);
    Headers headers =
        Headers.of("prefer", "respond-async").with("idempotency-key", "storm-" + place);
    HttpHead head = new HttpHead("/v1/chat/completions", headers);
    Call call = Call.root(timeline);
    return gateway
        .serve(new InferenceRequest(info, job.body(), call, Attempt.FIRST).with(head))
        .map(
            accepted -> {
              String location = String.valueOf(accepted.headers().get("location"));
              accepted.tokens().cancel();
              return location.substring(location.lastIndexOf('/') + 1);
            });
  }

  private JobFigures figures() {
    return await(store::figures);
  }

  private void awaitEnded(int least) throws IOException, InterruptedException {
    until(least + " ended jobs", () -> ended() >= least);
  }

  private long ended() {
    return figures().jobs().entrySet().stream()
        .filter(each -> each.getKey().over())
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  private void until(String what, Supplier<Boolean> condition)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
    while (!condition.get()) {
      require(System.nanoTime() < end, "%s: not within 10 min: %s", what, figures());
      for (ChildProcess worker : workers) {
        require(worker.isAlive(), "a worker ended: %s", folder);
      }
      TimeUnit.MILLISECONDS.sleep(50); // other processes are waited for
    }
  }

  /** Asks on the timeline, and again until there is an answer: each step is safe to repeat. */
  private <V extends @Nullable Object> V await(Supplier<Future<V>> step) {
    Promise<V> done = Promise.promise();
    timeline.execute(() -> attempt(step, done));
    return done.future().toCompletionStage().toCompletableFuture().join();
  }

  private <V extends @Nullable Object> void attempt(Supplier<Future<V>> step, Promise<V> done) {
    step.get()
        .onComplete(
            (value, thrown) -> {
              if (thrown == null) {
                done.complete(value);
              } else {
                timeline.after(AGAIN_NANOS, () -> attempt(step, done));
              }
            });
  }

  private Map<String, String> results() {
    Map<String, String> results = new TreeMap<>();
    for (String id : jobs.keySet()) {
      @Nullable Job job = await(() -> store.get(id));
      results.put(id, job + " " + answer(id));
    }
    return results;
  }

  /** What a caller is given: the result, and the events of a streamed one. */
  private String answer(String id) {
    @Nullable JobResult result = await(() -> store.result(id));
    StringBuilder text = new StringBuilder(result == null ? "" : result.body().toString());
    @Nullable JobEvents events = await(() -> store.events(id, 0, MOST_EVENTS, Duration.ZERO));
    if (events != null) {
      events.events().forEach(event -> text.append(event.data()));
    }
    return text.toString();
  }

  private void verify() throws IOException {
    Map<String, Set<String>> noted = noted();
    Set<String> dead = new TreeSet<>();
    for (Map.Entry<String, StormJob> each : jobs.entrySet()) {
      String id = each.getKey();
      @Nullable Job found = await(() -> store.get(id));
      require(found != null, "job %s was lost", id);
      Job job = Objects.requireNonNull(found);
      String expected = each.getValue().end().name();
      require(job.state().name().equals(expected), "%s (expected: %s)", job, expected);
      Set<String> ends = noted.getOrDefault(id, Set.of());
      require(ends.size() <= 1, "ended twice: %s", ends);
      String last = id + " " + job.owner() + " " + job.epoch();
      require(ends.isEmpty() || ends.contains(last), "%s (expected: by %s)", ends, last);
      if (job.state() == JobState.DEAD) {
        require(job.attempts() > RETRIES, "tries: %s", job);
        dead.add(id);
      } else {
        String answer = answer(id);
        require(
            answer.endsWith(id + "-" + job.epoch())
                || answer.contains("no to " + id + "-" + job.epoch()),
            "%s (expected: that of the last claim, %s)",
            answer,
            last);
      }
    }
    Supplier<Set<String>> letters = setting.letters();
    if (letters != null) {
      Set<String> found = new TreeSet<>(letters.get());
      require(found.equals(dead), "dead letters: %s (expected: %s)", found, dead);
    }
  }

  /** What the workers' stores say that they ended, by job. */
  private Map<String, Set<String>> noted() throws IOException {
    Map<String, Set<String>> noted = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".ended")).toList()) {
        for (String line : Files.readAllLines(file)) {
          noted.computeIfAbsent(line.split(" ")[0], id -> new TreeSet<>()).add(line);
        }
      }
    }
    return noted;
  }

  /** Kills the workers, and removes what they wrote. */
  @Override
  public void close() throws IOException {
    workers.forEach(ChildProcess::kill);
    paused.keySet().forEach(ChildProcess::kill);
    gateway.close();
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }
}
