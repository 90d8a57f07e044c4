package dev.forebay.spi.host;

import dev.forebay.spi.Call;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/**
 * A part of a gateway beside its pipeline, such as a worker of jobs, a ledger, or an autoscaler. It
 * has a top-level key of its own in the gateway's document: the name of its plugin.
 *
 * <p>Sections are made when all pools and stages are there, in the order of the document. When the
 * gateway closes, they are closed before everything else, the last one first, each when the one
 * before has closed. So a section may use the gateway until its own {@link #close} has completed.
 *
 * <p>What a section needs of the gateway it asks its context for, by {@link
 * PluginContext#resource}: {@link Service}, which is the gateway with its whole pipeline; {@link
 * Pools}; {@link dev.forebay.spi.state.StateReader StateReader}. They can be used from {@link #prepare} on. Work without an HTTP request
 * makes a {@link Call} of its own.
 */
public interface Section extends Lifecycle {

  /** The pools of a gateway. */
  interface Pools {

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
}
