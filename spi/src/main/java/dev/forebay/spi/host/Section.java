package dev.forebay.spi.host;

import dev.forebay.spi.Call;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Service;
import org.jspecify.annotations.Nullable;

/**
 * A part of a gateway beside its pipeline, such as a worker of jobs, a ledger, or an autoscaler. It
 * has a top-level key of its own in the gateway's document: the name of its plugin.
 *
 * <p>Sections are made when all pools and stages are there, in the order of the document. When the
 * gateway closes, they are closed before everything else, the last one first, each when the one
 * before has closed. So a section may use the gateway until its own {@link #close} has completed.
 *
 * <p>{@link PluginContext#resource} lends a section what it needs of the gateway: {@link Service},
 * which is the gateway with its whole pipeline; {@link Pools}; {@link
 * dev.forebay.spi.state.StateReader StateReader}. They can be used from {@link #prepare} on. Work
 * without an HTTP request makes a {@link Call} of its own.
 */
public interface Section extends Lifecycle {

  /**
   * A filter around the whole pipeline, which all requests pass, those of sections included: the
   * sections that come first in the document are the outermost. Asked once, when the section is
   * made. It behaves as a stage does.
   *
   * @return null if requests are none of its business
   */
  default @Nullable Filter front() {
    return null;
  }

  /**
   * Whether requests may come; while one section says no, {@code /readyz} does. On the gateway's
   * timeline.
   */
  default boolean ready() {
    return true;
  }
}
