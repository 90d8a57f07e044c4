package dev.forebay.examples.cheapestfirst;

// tag::contract[]
import dev.forebay.conformance.BalancerContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Balancer;
import java.util.Map;

class CheapestFirstContractTest implements BalancerContract {
  @Override
  public Plugin<Balancer> plugin() {
    return new CheapestFirst(Map.of(), 32);
  }
}
// end::contract[]
