package com.example.soonest;

import dev.forebay.conformance.BalancerContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Balancer;

class SoonestContractTest implements BalancerContract {
  @Override
  public Plugin<Balancer> plugin() {
    return new Soonest(10);
  }
}
