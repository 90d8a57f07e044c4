package dev.forebay.spi.host;

import dev.forebay.spi.Service;
import dev.forebay.spi.policy.Endpoint;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** The pools of a gateway. They can be used once the gateway is made. */
public interface Pools {

  /** Their names, in the order of the document. */
  List<String> names();

  /**
   * A pool as a service: its own stages, without those of the gateway. From any thread.
   *
   * @throws IllegalArgumentException if there is no such pool
   */
  Service service(String pool);

  /**
   * The endpoints of a pool as they are now. On the gateway's timeline.
   *
   * @throws IllegalArgumentException if there is no such pool
   */
  List<Endpoint> endpoints(String pool);

  /**
   * How many endpoints of a pool are not draining. On the gateway's timeline.
   *
   * @throws IllegalArgumentException if there is no such pool
   */
  int serving(String pool);

  /**
   * Takes an endpoint out of the choice, so that it finishes what it has and gets nothing new; or
   * takes it back, with a slow start. On the gateway's timeline, with effect at once.
   *
   * @param begin true to drain, false to take back
   * @return whether the endpoint is a member
   * @throws IllegalArgumentException if there is no such pool
   */
  Future<Boolean> drain(String pool, String endpoint, boolean begin);

  /**
   * The source of a pool's members, if it starts and stops them itself.
   *
   * @throws IllegalArgumentException if there is no such pool
   */
  Optional<ScalingTarget> target(String pool);
}
