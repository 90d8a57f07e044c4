package dev.forebay.edge;

import dev.forebay.config.OptionsReader;
import dev.forebay.spi.Default;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Range;

/**
 * Where the administration listens.
 *
 * @param host where to listen: not on a public address, for it asks nobody who they are
 * @param port where to listen; 0 picks a free one
 */
@Doc("The administration's listener.")
public record AdministrationOptions(
    @Doc("Address to listen on; not a public one, for it asks nobody who they are.")
        @Default("127.0.0.1")
        String host,
    @Doc("Port to listen on; 0 picks a free one.") @Default("8081") @Range(min = 0, max = 65535)
        int port) {

  /** Everything at its default. */
  public static final AdministrationOptions DEFAULTS =
      OptionsReader.defaults(AdministrationOptions.class);
}
