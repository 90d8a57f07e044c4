package dev.forebay.scaling.fixed;

import dev.forebay.conformance.ScalingPolicyContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ScalingPolicy;

class FixedPolicyTest implements ScalingPolicyContract {

  @Override
  public Plugin<ScalingPolicy> plugin() {
    return new Fixed(5);
  }
}
