package dev.forebay.administration;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import java.util.List;

/**
 * Where the administration listens.
 *
 * @param host where to listen: not on a public address, for it asks nobody who they are
 * @param port where to listen; 0 picks a free one
 * @param hosts what {@code Host} may say beside the listener's own address: names, without a port;
 *     {@code *} for anything
 */
@Doc("The administration's listener.")
public record AdministrationOptions(
    @Doc("Address to listen on; not a public one, for it asks nobody who they are.")
        @Default("127.0.0.1")
        String host,
    @Doc("Port to listen on; 0 picks a free one.") @Default("8081") @Range(min = 0, max = 65535)
        int port,
    @Doc(
            "Names that requests may have in Host, beside the address that they came to: those of a"
                + " proxy or a service in front. * for any.")
        @Default("[]")
        List<String> hosts) {

  /** Copies. */
  public AdministrationOptions {
    hosts = List.copyOf(hosts);
  }

  /** A place without further names. */
  public AdministrationOptions(String host, int port) {
    this(host, port, List.of());
  }

  /** Everything at its default. */
  public static final AdministrationOptions DEFAULTS =
      Options.defaults(AdministrationOptions.class);
}
