package dev.forebay.scaling.hpa;

import dev.forebay.scaling.rules.Steadiness;
import dev.forebay.scaling.rules.Steadiness.Recommendation;
import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.ScalingPolicy;
import java.util.ArrayList;
import java.util.List;

/**
 * The highest proposal of several metrics, made steady. If a metric is invalid and the others would
 * shrink the pool, nothing changes; growing is allowed.
 */
final class HpaPolicy implements ScalingPolicy {

  private final Hpa options;
  private final Proposals proposals;
  private final Steadiness steadiness;

  HpaPolicy(Hpa options) {
    this.options = options;
    this.proposals = new Proposals(options);
    this.steadiness = new Steadiness(options.up(), options.down());
  }

  @Override
  public Decision decide(PoolLoad load) {
    return steadiness.decide(load, this::recommend);
  }

  private Recommendation recommend(PoolLoad load) {
    List<String> inputs = new ArrayList<>();
    String invalid = null;
    String highest = "";
    int replicas = -1;
    for (Hpa.Target target : options.metrics()) {
      Proposals.Proposal proposal = proposals.of(target, load);
      inputs.add(proposal.inputs());
      Integer proposed = proposal.replicas();
      if (proposed == null) {
        invalid = target.metric().toString();
      } else if (proposed > replicas) {
        replicas = proposed;
        highest = target.metric().toString();
      }
    }
    String all = String.join("; ", inputs);
    if (replicas < 0) {
      return new Recommendation(null, "no metric is valid", all);
    } else if (invalid != null && replicas < load.replicas()) {
      return new Recommendation(
          null, invalid + " is missing, and the others would scale down", all);
    }
    return new Recommendation(replicas, "highest: " + highest, all);
  }
}
