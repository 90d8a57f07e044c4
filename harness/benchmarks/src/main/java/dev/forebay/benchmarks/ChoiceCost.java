package dev.forebay.benchmarks;

import dev.forebay.balancing.affinity.AffinityKey;
import dev.forebay.balancing.consistenthash.ConsistentHash;
import dev.forebay.balancing.costaware.CostAware;
import dev.forebay.balancing.iphash.IpHash;
import dev.forebay.balancing.leastconnections.LeastConnections;
import dev.forebay.balancing.leastoutstandingtokens.LeastOutstandingTokens;
import dev.forebay.balancing.peakewma.PeakEwma;
import dev.forebay.balancing.poweroftwo.PowerOfTwo;
import dev.forebay.balancing.prefixaffinity.PrefixAffinity;
import dev.forebay.balancing.random.WeightedRandom;
import dev.forebay.balancing.roundrobin.RoundRobin;
import dev.forebay.balancing.sessionaffinity.SessionAffinity;
import dev.forebay.core.balancing.Member;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Balancer;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a pool's choice among its endpoints costs, filtering included, for every balancer. The
 * endpoints are loaded: each has requests in flight, and has answered others, so that every
 * balancer has figures to compare. With {@code -limited} one endpoint's account has as many
 * requests as it takes, so that it is no candidate. {@code prefix-affinity-unknown} is asked for
 * prompts of 128 blocks that nobody has seen, each of which it looks up in vain.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class ChoiceCost {

  private static final int REQUESTS = 1024;
  private static final int BLOCKS = 8;
  private static final int UNKNOWN_BLOCKS = 128;
  private static final CostAware.Price PRICE = new CostAware.Price(0.15, 0.003, 0.6, 2);

  /** The plugin's name. */
  @Param({
    "round-robin",
    "round-robin-limited",
    "power-of-two",
    "power-of-two-limited",
    "random",
    "least-connections",
    "least-outstanding-tokens",
    "peak-ewma",
    "ip-hash",
    "consistent-hash",
    "session-affinity",
    "prefix-affinity",
    "prefix-affinity-unknown",
    "cost-aware"
  })
  public String balancer = "";

  /** How many there are to choose from. */
  @Param("100")
  public int endpoints;

  private final List<InferenceRequest> requests = new ArrayList<>();
  private @Nullable Choosing pool;
  private int next;

  private Plugin<Balancer> plugin() {
    return switch (balancer) {
      case "round-robin", "round-robin-limited" -> new RoundRobin();
      case "power-of-two", "power-of-two-limited" -> new PowerOfTwo();
      case "random" -> new WeightedRandom();
      case "least-connections" -> new LeastConnections();
      case "least-outstanding-tokens" -> LeastOutstandingTokens.defaults();
      case "peak-ewma" -> PeakEwma.defaults();
      case "ip-hash" -> IpHash.defaults();
      case "consistent-hash" -> ConsistentHash.by(ConsistentHash.By.SESSION);
      case "session-affinity" -> SessionAffinity.by(AffinityKey.SESSION);
      case "prefix-affinity", "prefix-affinity-unknown" -> PrefixAffinity.defaults();
      case "cost-aware" -> CostAware.prices(Map.of("e1", PRICE, "e2", PRICE, "e3", PRICE));
      default -> throw new IllegalArgumentException("balancer: " + balancer);
    };
  }

  /** Makes the pool, and requests of as many callers, sessions and prefixes, which load it. */
  @Setup
  public void setUp() {
    Bench bench = new Bench();
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < endpoints; i++) {
      int takes = i == 0 && balancer.endsWith("-limited") ? 3 : Integer.MAX_VALUE;
      members.add(
          Member.of(new Busy("e" + i, (50 + i * 7 % 100) * 1_000_000L, takes, bench.timeline())));
    }
    Choosing loaded = new Choosing(plugin().create(bench), members, bench);
    for (int i = 0; i < REQUESTS; i++) {
      InferenceRequest request = request(i, BLOCKS, bench);
      loaded.send(request); // every prefix has its endpoint
      bench.pass(1_000_000);
      requests.add(
          balancer.endsWith("-unknown") ? request(REQUESTS + i, UNKNOWN_BLOCKS, bench) : request);
    }
    bench.pass(1_000_000_000);
    if (balancer.endsWith("-limited") != loaded.someAccountFull()) {
      throw new IllegalStateException("an account is full: " + loaded.someAccountFull());
    }
    if (loaded.inFlight() < REQUESTS / 2 || loaded.inFlight() == REQUESTS) {
      throw new IllegalStateException("in flight: " + loaded.inFlight());
    }
    pool = loaded;
  }

  private static InferenceRequest request(int number, int length, Bench bench) {
    long[] blocks = new long[length];
    for (int i = 0; i < length; i++) {
      blocks[i] = (number * 1031L + i + 1) * 0x9E3779B97F4A7C15L;
    }
    Caller caller =
        new Caller("10.1." + number / 256 + "." + number % 256, "k", "t", "", "s" + number);
    RequestInfo info =
        RequestInfo.chat("r" + number, "model", caller, 0)
            .withPrompt(length * 512, null, PrefixHashes.of(blocks));
    return new InferenceRequest(info, Buffer.buffer(), Call.root(bench.timeline()), Attempt.FIRST);
  }

  /** One choice. */
  @Benchmark
  public @Nullable Object choose() {
    Choosing choosing = pool;
    next = (next + 1) % REQUESTS;
    return choosing == null ? null : choosing.choose(requests.get(next));
  }

  /**
   * A backend that answers every third request, is still at others, and refuses when it is full.
   */
  private static final class Busy implements Backend {
    private final String id;
    private final long firstContentNanos;
    private final int takes;
    private final Timeline timeline;
    private int asked;

    Busy(String id, long firstContentNanos, int takes, Timeline timeline) {
      this.id = id;
      this.firstContentNanos = firstContentNanos;
      this.takes = takes;
      this.timeline = timeline;
    }

    @Override
    public Facts facts() {
      return Facts.of(id);
    }

    @Override
    public Future<InferenceResponse> serve(InferenceRequest request) {
      if (asked >= takes) {
        return Future.failedFuture(Failure.of(Status.THROTTLED, 429, "throttled", ""));
      }
      Promise<Chunk> answer = Promise.promise();
      if (asked++ % 3 == 0) {
        Chunk whole = new Chunk(Buffer.buffer("{}"), Chunk.Kind.CONTENT, 200, true);
        timeline.after(firstContentNanos, () -> answer.complete(whole));
      }
      return Future.succeededFuture(
          new InferenceResponse(id, 200, Headers.EMPTY, new Whole(answer.future())));
    }
  }

  /** An answer of one chunk. */
  private record Whole(Future<Chunk> next) implements TokenStream {
    @Override
    public void cancel() {}

    @Override
    public Future<Outcome> outcome() {
      return next.map(Bench.OK);
    }
  }
}
