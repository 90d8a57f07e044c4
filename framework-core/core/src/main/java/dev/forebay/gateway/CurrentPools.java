package dev.forebay.gateway;

import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The pools of a gateway as they are now: plugins keep this while pools come and go. Stages that
 * were replaced still find those that went with them, until the last request in them is over.
 */
final class CurrentPools implements Pools {

  private volatile Pools now;

  /** Those that were replaced and are not closed, the latest first. */
  private final List<Pools> replaced = new CopyOnWriteArrayList<>();

  CurrentPools(Pools now) {
    this.now = now;
  }

  /** Others have taken their place. */
  void become(Pools others) {
    replaced.addFirst(now);
    now = others;
  }

  /** Some that were replaced are being closed. */
  void close(Pools former) {
    replaced.remove(former);
  }

  @Override
  public List<String> names() {
    return now.names();
  }

  @Override
  public Service service(String pool) {
    Pools current = now;
    if (!current.names().contains(pool)) {
      for (Pools former : replaced) {
        if (former.names().contains(pool)) {
          return former.service(pool);
        }
      }
    }
    return current.service(pool);
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
