package dev.forebay.kafka;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.servers.ChildProcess;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Jobs are worked at while workers are killed, stand still and come back, or leave the group, and
 * while Kafka and Redis are killed. Then every job has ended once, as it had to.
 */
final class KillStorm implements AutoCloseable {

  private static final Duration KEEP = Duration.ofHours(1);
  private static final int WORKERS = 3;
  private static final int OVERDUE = 100;

  private enum Blow {
    KILL_WORKER,
    PAUSE_WORKER,
    STOP_WORKER,
    KILL_BROKER,
    KILL_REDIS
  }

  private final SplittableRandom random;
  private final int count;
  private final String prefix;
  private final Path folder;
  private final RedisProcess redis;
  private final KafkaProcess kafka;
  private final StormParts parts;
  private final List<ChildProcess> workers = new ArrayList<>();
  private final Map<ChildProcess, Long> paused = new LinkedHashMap<>();
  private final Map<String, StormJob> jobs = new LinkedHashMap<>();
  private final Map<Blow, Integer> blows = new TreeMap<>();

  KillStorm(long seed, int count) throws IOException {
    this.random = new SplittableRandom(seed);
    this.count = count;
    this.prefix = "storm-" + seed;
    this.folder = Files.createTempDirectory("forebay-storm");
    this.redis =
        RedisProcess.start(
            "appendonly yes", "appendfsync always", "save 3600 1", "maxmemory-policy noeviction");
    this.kafka = KafkaProcess.start();
    this.parts = new StormParts(redis.url(), kafka.servers(), prefix, seed);
  }

  /** Runs it, and checks; gives one line for a report. */
  String run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    parts.await(parts.queue::ready);
    parts.await(parts.store::ready);
    for (int i = 0; i < WORKERS; i++) {
      addWorker();
    }
    parts.timeline.execute(this::sweep);
    submit();
    List<Blow> plan = plan();
    for (int i = 0; i < plan.size(); i++) {
      awaitEnded(count * (i + 1) / (plan.size() + 2));
      strike(plan.get(i));
    }
    revive(0);
    awaitEnded(count);
    Map<String, String> first = results();
    awaitSettled();
    assertEquals(first, results(), "results changed after they were there");
    verify();
    return line((System.nanoTime() - start) / 1_000_000);
  }

  private String line(long millis) {
    Map<JobState, Long> states = figures().jobs();
    return count + " jobs: " + states + "; blows " + blows + "; " + millis / 1_000 + " s";
  }

  /** At least one of each. */
  private List<Blow> plan() {
    List<Blow> plan = new ArrayList<>(List.of(Blow.values()));
    while (plan.size() < count / 50) {
      plan.add(Blow.values()[random.nextInt(Blow.values().length)]);
    }
    for (int i = plan.size() - 1; i > 0; i--) {
      plan.set(i, plan.set(random.nextInt(i + 1), plan.get(i)));
    }
    return plan;
  }

  private void strike(Blow blow) throws IOException {
    blows.merge(blow, 1, Integer::sum);
    revive(StormParts.LEASE.plusSeconds(1).toNanos());
    switch (blow) {
      case KILL_WORKER -> replace().kill();
      case STOP_WORKER -> replace().terminate();
      case PAUSE_WORKER -> {
        ChildProcess worker = replace();
        worker.pause();
        paused.put(worker, System.nanoTime());
      }
      case KILL_BROKER -> kafka.begin();
      case KILL_REDIS -> {
        redis.kill();
        redis.restart();
      }
    }
  }

  /** Takes one out, and another in. */
  private ChildProcess replace() throws IOException {
    ChildProcess worker = workers.remove(random.nextInt(workers.size()));
    addWorker();
    return worker;
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
    workers.add(
        ChildProcess.java(
            List.of(
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"),
            StormWorker.class,
            List.of(
                redis.url(), kafka.servers(), prefix, folder.resolve(name + ".ended").toString()),
            folder.resolve(name + ".log")));
  }

  /** As a gateway accepts jobs: store, queue, store. */
  private void submit() {
    List<Future<Void>> accepted = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String id = "job-" + i;
      StormJob job = StormJob.any(random);
      jobs.put(id, job);
      accepted.add(accept(id, job, "tenant-" + i % 7));
    }
    parts.await(() -> Future.join(accepted));
  }

  private Future<Void> accept(String id, StormJob job, String tenant) {
    long now = parts.timeline.epochMillis();
    JobRequest request = new JobRequest(id, tenant, 1, now, false, job.facts());
    io.vertx.core.Promise<Void> done = io.vertx.core.Promise.promise();
    parts.timeline.execute(
        () ->
            parts
                .insist(
                    () ->
                        parts.store.create(
                            request, Buffer.buffer("body of " + id), null, now, check(), KEEP))
                .compose(
                    kept ->
                        parts.insist(
                            () ->
                                parts.queue.enqueue(
                                    new dev.forebay.spi.jobs.JobEntry(id, tenant, 1, now))))
                .compose(put -> parts.insist(() -> parts.store.enqueued(id, check())))
                .onComplete(done));
    return done.future();
  }

  private long check() {
    return parts.timeline.epochMillis() + StormParts.GRACE.toMillis();
  }

  /** As gateways look after jobs whose check time has passed. */
  private void sweep() {
    parts
        .store
        .overdue(OVERDUE, StormParts.GRACE)
        .onSuccess(
            late ->
                late.stream()
                    .filter(job -> !job.state().over())
                    .forEach(job -> parts.queue.enqueue(job.entry())));
    parts.timeline.after(TimeUnit.SECONDS.toNanos(1), this::sweep);
  }

  private JobFigures figures() {
    return parts.await(parts.store::figures);
  }

  private void awaitEnded(int least) throws IOException, InterruptedException {
    await(
        least + " ended jobs",
        () ->
            figures().jobs().entrySet().stream()
                    .filter(each -> each.getKey().over())
                    .mapToLong(Map.Entry::getValue)
                    .sum()
                >= least);
  }

  private void awaitSettled() throws IOException, InterruptedException {
    await("an empty queue", () -> parts.await(parts.queue::depth) == 0);
  }

  private interface Condition {
    boolean holds();
  }

  private void await(String what, Condition condition) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(10);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, () -> what + ": not within 10 min: " + figures());
      for (ChildProcess worker : workers) {
        assertTrue(worker.isAlive(), () -> "a worker ended: " + folder);
      }
      TimeUnit.MILLISECONDS.sleep(50); // another process is waited for
    }
  }

  private Map<String, String> results() {
    Map<String, String> results = new TreeMap<>();
    for (String id : jobs.keySet()) {
      Job job = parts.await(() -> parts.store.get(id));
      @Nullable JobResult result = parts.await(() -> parts.store.result(id));
      results.put(id, job + " " + (result == null ? "" : result.body()));
    }
    return results;
  }

  private void verify() throws IOException {
    Map<String, Set<String>> answers = answers();
    Set<String> dead = new TreeSet<>();
    for (Map.Entry<String, StormJob> each : jobs.entrySet()) {
      String id = each.getKey();
      Job job = parts.await(() -> parts.store.get(id));
      assertNotNull(job, id);
      assertEquals(each.getValue().end().name(), job.state().name(), id);
      Set<String> answered = answers.getOrDefault(id, Set.of());
      assertTrue(answered.size() <= 1, () -> "ended twice: " + answered);
      String last = id + " " + job.owner() + " " + job.epoch();
      answered.forEach(one -> assertEquals(last, one, "not the last claim ended it"));
      if (job.state() == JobState.DEAD) {
        assertTrue(job.attempts() >= StormParts.TRIES, () -> "attempts: " + job);
        dead.add(id);
      } else {
        JobResult result = parts.await(() -> parts.store.result(id));
        assertEquals(last, result.body().toString(), "not the last claim's result");
      }
    }
    assertEquals(dead, letters(), "dead letters");
  }

  /** What workers say that they ended, by job. */
  private Map<String, Set<String>> answers() throws IOException {
    Map<String, Set<String>> answers = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".ended")).toList()) {
        for (String line : Files.readAllLines(file)) {
          answers.computeIfAbsent(line.split(" ")[0], id -> new TreeSet<>()).add(line);
        }
      }
    }
    return answers;
  }

  private Set<String> letters() {
    DeadLetterStore store =
        LetterTopic.at(Brokers.at(kafka.servers()), prefix + ".dead")
            .create(new EventLoopStage(parts.vertx, 1).context());
    return parts.await(() -> store.newest(count)).stream()
        .map(DeadLetter::id)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Override
  public void close() throws IOException {
    workers.forEach(ChildProcess::kill);
    paused.keySet().forEach(ChildProcess::kill);
    parts.vertx.close().toCompletionStage().toCompletableFuture().join();
    kafka.close();
    redis.close();
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(java.util.Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
  }
}
