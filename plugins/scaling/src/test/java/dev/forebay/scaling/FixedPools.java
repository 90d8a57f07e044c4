package dev.forebay.scaling;

import dev.forebay.spi.Service;
import dev.forebay.spi.host.Pools;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** One pool, {@code default}, with so many members that take requests. */
public final class FixedPools implements Pools {

  private int serving;

  /** With so many members. */
  public FixedPools(int serving) {
    this.serving = serving;
  }

  /** Has another number of members from now on. */
  public void serve(int members) {
    serving = members;
  }

  @Override
  public List<String> names() {
    return List.of("default");
  }

  @Override
  public Service service(String pool) {
    throw new UnsupportedOperationException("no service here");
  }

  @Override
  public List<Endpoint> endpoints(String pool) {
    return List.of();
  }

  @Override
  public int serving(String pool) {
    return serving;
  }

  @Override
  public Future<Boolean> drain(String pool, String endpoint, boolean begin) {
    return Future.succeededFuture(false);
  }

  @Override
  public Optional<ScalingTarget> target(String pool) {
    return Optional.empty();
  }
}
