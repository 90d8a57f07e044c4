package dev.forebay.gateway;

import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** The pools of a gateway as they are now: plugins keep this while pools come and go. */
final class CurrentPools implements Pools {

  private volatile Pools now;

  CurrentPools(Pools now) {
    this.now = now;
  }

  /** Others have taken their place. */
  void become(Pools others) {
    now = others;
  }

  @Override
  public List<String> names() {
    return now.names();
  }

  @Override
  public Service service(String pool) {
    return now.service(pool);
  }

  @Override
  public List<Endpoint> endpoints(String pool) {
    return now.endpoints(pool);
  }

  @Override
  public int serving(String pool) {
    return now.serving(pool);
  }

  @Override
  public Future<Boolean> drain(String pool, String endpoint, boolean begin) {
    return now.drain(pool, endpoint, begin);
  }

  @Override
  public Optional<ScalingTarget> target(String pool) {
    return now.target(pool);
  }
}
