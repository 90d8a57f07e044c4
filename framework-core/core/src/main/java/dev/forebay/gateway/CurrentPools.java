package dev.forebay.gateway;

import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pools of a gateway as they are now: plugins keep this while pools come and go. A pool that a
 * reload took away is found for as long as requests are in it, whose stages still look at it.
 * Changed on the gateway's timeline.
 */
final class CurrentPools implements Pools {

  /** Those of now, and before them the ones that have not ended, the newest first. */
  private volatile List<Pools> all;

  CurrentPools(Pools now) {
    all = List.of(now);
  }

  /** Others have taken their place. */
  void become(Pools others) {
    List<Pools> more = new ArrayList<>(all);
    more.addFirst(others);
    all = List.copyOf(more);
  }

  /** No request is in these any more. */
  void over(Pools ended) {
    all = all.stream().filter(pools -> pools != ended).toList();
  }

  @Override
  public List<String> names() {
    return all.getFirst().names();
  }

  /** Those that have a pool; if there are none, those of now, which say that it is missing. */
  private Pools with(String pool) {
    List<Pools> here = all;
    for (Pools each : here) {
      if (here.size() == 1 || each.names().contains(pool)) {
        return each;
      }
    }
    return here.getFirst();
  }

  @Override
  public Service service(String pool) {
    return with(pool).service(pool);
  }

  @Override
  public List<Endpoint> endpoints(String pool) {
    return with(pool).endpoints(pool);
  }

  @Override
  public int serving(String pool) {
    return with(pool).serving(pool);
  }

  @Override
  public Future<Boolean> drain(String pool, String endpoint, boolean begin) {
    return with(pool).drain(pool, endpoint, begin);
  }

  @Override
  public Optional<ScalingTarget> target(String pool) {
    return with(pool).target(pool);
  }
}
