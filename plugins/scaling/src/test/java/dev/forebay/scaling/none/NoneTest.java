package dev.forebay.scaling.none;

import dev.forebay.conformance.ScalingTargetContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.ScalingTarget;

class NoneTest implements ScalingTargetContract {

  @Override
  public Plugin<ScalingTarget> plugin() {
    return new None();
  }
}
