package dev.forebay.gateway;

import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** The pools of a gateway as they are now: plugins keep this while pools come and go. */
record CurrentPools(Supplier<? extends Pools> now) implements Pools {

  @Override
  public List<String> names() {
    return now.get().names();
  }

  @Override
  public Service service(String pool) {
    return now.get().service(pool);
  }

  @Override
  public List<Endpoint> endpoints(String pool) {
    return now.get().endpoints(pool);
  }

  @Override
  public int serving(String pool) {
    return now.get().serving(pool);
  }

  @Override
  public Future<Boolean> drain(String pool, String endpoint, boolean begin) {
    return now.get().drain(pool, endpoint, begin);
  }

  @Override
  public Optional<ScalingTarget> target(String pool) {
    return now.get().target(pool);
  }
}
