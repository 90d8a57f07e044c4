package dev.forebay.balancing.prefixaffinity;

import dev.forebay.balancing.affinity.LoadBound;
import dev.forebay.balancing.affinity.PrefixTable;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks from the longest prefix to the shortest for candidates that were sent it and have room, and
 * takes the least loaded of them; where there is none, the least loaded of all, which so becomes
 * another owner of the prefix: what many ask for spreads as far as its load needs.
 */
final class PrefixAffinityBalancer implements Balancer {

  /** Prefixes whose owners are looked at: owners of shorter ones are mostly the same. */
  private static final int LOOKS = 8;

  private final PrefixTable table;
  private final LoadBound bound;

  PrefixAffinityBalancer(PrefixAffinity options) {
    this.table = new PrefixTable(options.maxBlocks(), options.depth());
    this.bound = new LoadBound(options.loadBound(), options.always());
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    bound.measure(candidates);
    PrefixHashes prefix = request.prefix();
    int looks = 0;
    for (int i = table.depthOf(prefix) - 1; i >= 0 && looks < LOOKS; i--) {
      Endpoint[] owners = table.ownersOf(prefix, i);
      if (owners != null) {
        looks++;
        Endpoint owner = withRoom(owners, candidates);
        if (owner != null) {
          return owner;
        }
      }
    }
    return bound.leastLoaded(candidates);
  }

  private @Nullable Endpoint withRoom(Endpoint[] owners, List<Endpoint> candidates) {
    Endpoint best = null;
    for (Endpoint owner : owners) {
      if (bound.hasRoom(owner)
          && (best == null || LoadBound.lessLoaded(owner, best))
          && candidates.contains(owner)) {
        best = owner;
      }
    }
    return best;
  }

  @Override
  public void dispatched(Endpoint endpoint, RequestInfo request) {
    table.sent(request.prefix(), endpoint);
  }

  @Override
  public void members(List<Endpoint> all) {
    table.retain(all);
  }
}
