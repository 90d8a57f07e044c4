package dev.forebay.benchmarks;

import dev.forebay.balancing.leastconnections.LeastConnections;
import dev.forebay.balancing.poweroftwo.PowerOfTwo;
import dev.forebay.balancing.roundrobin.RoundRobin;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.concurrent.TimeUnit;
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

/** What it costs to choose an endpoint. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class BalancerCost {

  /** The plugin's name. */
  @Param({"round-robin", "least-connections", "power-of-two"})
  public String balancer = "";

  /** How many there are to choose from. */
  @Param({"3", "100"})
  public int endpoints;

  private final RequestInfo request = Bench.requests(1).get(0);
  private Balancer chooser = (any, candidates) -> candidates.get(0);
  private List<Endpoint> candidates = List.of();

  /** Makes the balancer. */
  @Setup
  public void setUp() {
    Plugin<Balancer> plugin =
        switch (balancer) {
          case "round-robin" -> new RoundRobin();
          case "least-connections" -> new LeastConnections();
          case "power-of-two" -> new PowerOfTwo();
          default -> throw new IllegalArgumentException("balancer: " + balancer);
        };
    chooser = plugin.create(new Bench());
    candidates = Bench.endpoints(endpoints);
    chooser.members(candidates);
  }

  /** One choice. */
  @Benchmark
  public Endpoint choose() {
    return chooser.choose(request, candidates);
  }
}
