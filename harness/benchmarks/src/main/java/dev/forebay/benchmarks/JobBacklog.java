package dev.forebay.benchmarks;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.jobs.Jobs;
import dev.forebay.jobs.memory.MemoryStore;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Very many jobs that wait, in virtual time: what a worker holds, and what a claim costs. */
final class JobBacklog {

  private static final int STEPS = 10;
  private static final int SMALLEST = 1_000;
  private static final int CLAIMS = 20_000;
  private static final int ROUNDS = 9;
  private static final long SECOND = 1_000_000_000L;
  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final JsonObject FACTS =
      new JsonObject()
          .put("operation", "CHAT")
          .put("model", "m")
          .put("stream", false)
          .put("address", "192.0.2.1")
          .put("key", "")
          .put("tenant", "t")
          .put("user", "")
          .put("session", "")
          .put("priority", 2)
          .put("prompt_tokens", 10)
          .put("max_output_tokens", 10)
          .put("cache", "DEFAULT")
          .put("tools", false)
          .put("usage", false)
          .put("path", "/v1/chat/completions")
          .put("headers", new JsonArray())
          .put("prefix", new JsonArray());

  private JobBacklog() {}

  /** Both, for so many jobs, at least 1,000. */
  static void run(int jobs, PrintStream out) {
    if (jobs < SMALLEST) {
      throw new IllegalArgumentException("jobs: " + jobs + " (expected: at least 1000)");
    }
    worker(jobs, out);
    claims(jobs, out);
  }

  /** A worker answers them all: its heap after a collection, ten times on the way. */
  static void worker(int jobs, PrintStream out) {
    GeneratedJobs generated = new GeneratedJobs(jobs, FACTS.toBuffer());
    VirtualTimeline time = new VirtualTimeline();
    Gateway gateway =
        Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
            .pipeline(p -> p.backends(NamedPlugin.of(Backend.class, "a", context -> backend())))
            .section(
                Jobs.in(
                    NamedPlugin.of(JobStore.class, "generated", context -> generated),
                    NamedPlugin.of(JobQueue.class, "generated", context -> generated)))
            .build();
    for (int step = 1; step <= STEPS; step++) {
      int wanted = (int) ((long) jobs * step / STEPS);
      while (generated.ended() < wanted && gateway.pluginError() == null) {
        time.runUntil(time.nanos() + SECOND);
      }
      if (gateway.pluginError() != null) {
        throw new IllegalStateException(gateway.pluginError());
      }
      out.printf(
          Locale.ROOT,
          "worker: %,d of %,d jobs answered, heap %,d kB%n",
          generated.ended(),
          jobs,
          heap() / 1_000);
    }
    gateway.close();
  }

  private static long heap() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static Backend backend() {
    return new Backend() {
      @Override
      public Facts facts() {
        return Facts.of("a");
      }

      @Override
      public Future<InferenceResponse> serve(InferenceRequest request) {
        Timeline timeline = request.call().timeline();
        StreamSource source = new StreamSource(request.call(), timeline.nanos(), () -> {});
        Chunk chunk = Chunk.whole(Buffer.buffer("{\"hello\":\"world\"}"), 1);
        timeline.after(SECOND / 100, () -> source.write(chunk));
        Headers json = Headers.of("content-type", "application/json");
        return Future.succeededFuture(new InferenceResponse("a", 200, json, source));
      }
    };
  }

  /**
   * A claim, and the step that puts the job back, in a store of ever more jobs that wait: the
   * median of the later rounds.
   */
  static void claims(int jobs, PrintStream out) {
    Bench bench = new Bench();
    JobStore store = new MemoryStore(2 * jobs, 1L << 40).create(bench);
    Buffer body = Buffer.buffer("{}");
    int there = 0;
    for (int size = SMALLEST; size <= jobs; size = next(size, jobs)) {
      for (; there < size; there++) {
        JobRequest request = new JobRequest("job-" + there, "t", 2, 0, false, body);
        store.create(request, body, null, 0, 30_000, LEASE);
      }
      List<Double> rounds = new ArrayList<>();
      for (int round = 0; round < ROUNDS; round++) {
        long began = processorNanos();
        for (int i = 0; i < CLAIMS; i++) {
          claim(store, "job-" + (int) (i * 7_919L % there));
        }
        rounds.add((processorNanos() - began) / 1e3 / CLAIMS);
      }
      out.printf(
          Locale.ROOT,
          "store: %,d jobs wait, a claim and its release take %.2f us of processor time%n",
          there,
          Figures.median(rounds.subList(ROUNDS / 2, ROUNDS)));
    }
  }

  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static int next(int size, int jobs) {
    return size == jobs ? Integer.MAX_VALUE : (int) Math.min(10L * size, jobs);
  }

  private static void claim(JobStore store, String id) {
    Claim claim = Objects.requireNonNull(store.claim(id, "worker", LEASE).result());
    if (!(claim instanceof Claim.Claimed claimed)) {
      throw new IllegalStateException(id + ": " + claim);
    }
    store.release(claimed.lease(), LEASE);
  }
}
