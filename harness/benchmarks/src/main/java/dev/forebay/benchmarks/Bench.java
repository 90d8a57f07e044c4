package dev.forebay.benchmarks;

import dev.forebay.core.metrics.MetricsRegistry;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import dev.forebay.spi.metrics.Buckets;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.metrics.Gauge;
import dev.forebay.spi.metrics.Histogram;
import dev.forebay.spi.metrics.Label;
import dev.forebay.spi.metrics.Labelled;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** What plugins are given in the microbenchmarks. */
final class Bench implements PluginContext {

  /** An answer of one second, with its first content after a tenth. */
  static final Outcome OK =
      Outcome.ok(new Usage(100, 0, 200, 0), new Timings(0, 100_000_000, 1_000_000_000));

  private final VirtualTimeline timeline = new VirtualTimeline();
  private final RandomGenerator random = new SplittableRandom(1);

  /** Requests of different callers, priorities and prompts. */
  static List<RequestInfo> requests(int count) {
    List<RequestInfo> requests = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      requests.add(
          RequestInfo.chat("r" + i, "model", Caller.at("10.0." + i / 256 + "." + i % 256), 0)
              .withPriority(i % 3));
    }
    return requests;
  }

  /** Healthy endpoints with a few requests each. */
  static List<Endpoint> endpoints(int count) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      endpoints.add(new Busy("e" + i, 1 + i * 7 % 13));
    }
    return endpoints;
  }

  /** A streamed answer of 20 chunks. */
  static CachedAnswer answer() {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < 19; i++) {
      chunks.add(Chunk.content(Buffer.buffer("x".repeat(150)), 1));
    }
    chunks.add(new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true));
    return new CachedAnswer("a", 200, Headers.EMPTY, chunks, Usage.NONE, 0);
  }

  /** A key for each number. */
  static PromptKey key(long number) {
    return new PromptKey(number * 0x9e3779b97f4a7c15L, number);
  }

  /** Lets time pass. */
  void pass(long nanos) {
    timeline.runUntil(timeline.nanos() + nanos);
  }

  @Override
  public String name() {
    return "bench";
  }

  @Override
  public VirtualTimeline timeline() {
    return timeline;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public Labelled<Counter> counters(String name, Label... labels) {
    return new MetricsRegistry().counters("bench", name, labels);
  }

  @Override
  public Labelled<Gauge> gauges(String name, Label... labels) {
    return values -> value -> {};
  }

  @Override
  public Labelled<Histogram> histograms(String name, Buckets buckets, Label... labels) {
    return new MetricsRegistry().histograms("bench", name, buckets, labels);
  }

  @Override
  public PluginContext child(String part) {
    return this;
  }

  @Override
  public <T> Optional<T> resource(Class<T> type) {
    return Optional.empty();
  }

  private record Busy(String id, int inFlight) implements Endpoint {
    @Override
    public String account() {
      return id;
    }

    @Override
    public int group() {
      return 0;
    }

    @Override
    public double weight() {
      return 1;
    }

    @Override
    public long inFlightTokens() {
      return inFlight * 300L;
    }

    @Override
    public long firstContentNanos() {
      return 100_000_000;
    }

    @Override
    public double errorRate() {
      return 0;
    }

    @Override
    public double reportedLoad() {
      return Double.NaN;
    }

    @Override
    public long reportedLoadAgeNanos() {
      return Long.MAX_VALUE;
    }
  }
}
