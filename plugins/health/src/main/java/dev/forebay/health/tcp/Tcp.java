package dev.forebay.health.tcp;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.policy.HealthProbe;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;

/**
 * Opens a TCP connection to an endpoint's address, and closes it.
 *
 * @param port to connect to; 0 for that of the endpoint's address
 */
@RecordBuilder
@Doc("Opens a TCP connection to the endpoint's address, and closes it.")
public record Tcp(
    @Doc("port to connect to; 0: that of the endpoint's address")
        @Default("0")
        @Range(min = 0, max = 65_535)
        int port)
    implements Plugin<HealthProbe>, TcpBuilder.With {

  /** The defaults: the probe of each endpoint's own port. */
  public static Tcp defaults() {
    return Options.defaults(Tcp.class);
  }

  @Override
  public HealthProbe create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "tcp: there is no network here (expected: a gateway on Vert.x)"));
    return new TcpProbe(this, vertx);
  }
}
