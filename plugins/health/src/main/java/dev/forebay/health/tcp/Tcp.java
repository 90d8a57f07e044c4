package dev.forebay.health.tcp;

import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.HealthProbe;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.Range;
import io.vertx.core.Vertx;

/** Opens a TCP connection to an endpoint's address, and closes it. */
public final class Tcp implements Provider<HealthProbe, Tcp.Options> {

  /**
   * Options.
   *
   * @param port to connect to; 0 for that of the endpoint's address
   */
  @Doc("Opens a TCP connection to the endpoint's address, and closes it.")
  public record Options(
      @Doc("port to connect to; 0: that of the endpoint's address")
          @Default("0")
          @Range(min = 0, max = 65_535)
          int port) {}

  /** The probe of each endpoint's own port. */
  public static Plugin<HealthProbe> plugin() {
    return Plugin.of(new Tcp(), new Options(0));
  }

  @Override
  public Class<HealthProbe> kind() {
    return HealthProbe.class;
  }

  @Override
  public String name() {
    return "tcp";
  }

  @Override
  public Class<Options> options() {
    return Options.class;
  }

  @Override
  public HealthProbe create(Options options, PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "tcp: there is no network here (expected: a gateway on Vert.x)"));
    return new TcpProbe(options, vertx);
  }
}
