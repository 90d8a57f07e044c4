package dev.forebay.gateway;

import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
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
}
