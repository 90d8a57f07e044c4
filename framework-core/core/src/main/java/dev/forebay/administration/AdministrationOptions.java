package dev.forebay.administration;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where the administration listens.
 *
 * @param host where to listen: not on a public address, for it asks nobody who they are
 * @param port where to listen; 0 picks a free one
 * @param hosts what {@code Host} may say beside the listener's own address: names, without a port;
 *     {@code *} for anything
 * @param token what requests that change something, or read prompts, must show as {@code
 *     Authorization: Bearer}, at least 16 characters, all visible ones of ASCII; null if anybody
 *     may who reaches the listener
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
        List<String> hosts,
    @Doc(
            "What requests that change something, or read prompts, must show as Authorization:"
                + " Bearer: at least 16 characters of ASCII. Without it, anybody may who reaches"
                + " the listener.")
        @Secret
        @Nullable String token) {

  private static final int LEAST_TOKEN = 16;

  /** Copies, and checks the token, which is not shown. */
  public AdministrationOptions {
    hosts = List.copyOf(hosts);
    if (token != null && token.strip().length() < LEAST_TOKEN) {
      throw new IllegalArgumentException(
          "token: too short (expected: at least " + LEAST_TOKEN + " characters)");
    }
    if (token != null && !token.strip().chars().allMatch(c -> c >= ' ' && c <= '~')) {
      throw new IllegalArgumentException(
          "token: a character that headers cannot carry (expected: visible ones of ASCII)");
    }
  }

  /** A place without a token. */
  public AdministrationOptions(String host, int port, List<String> hosts) {
    this(host, port, hosts, null);
  }

  /** A place without further names. */
  public AdministrationOptions(String host, int port) {
    this(host, port, List.of());
  }

  /** Without the token. */
  @Override
  public String toString() {
    return Redacted.text(this);
  }

  /** Everything at its default. */
  public static final AdministrationOptions DEFAULTS =
      Options.defaults(AdministrationOptions.class);
}
