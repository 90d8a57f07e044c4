package dev.forebay.spi.host;

import dev.forebay.spi.Service;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

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
}
