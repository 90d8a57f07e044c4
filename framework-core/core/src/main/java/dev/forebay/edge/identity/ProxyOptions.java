package dev.forebay.edge.identity;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import java.util.List;

/**
 * Which proxies may say for whom they ask.
 *
 * <p>The caller is the last address in the header that is not a trusted proxy's: what stands before
 * it was written by somebody who is not trusted. One header only is read, for a proxy that sets one
 * passes the other on as the caller wrote it.
 *
 * @param trusted addresses ({@code 10.0.0.7}) and networks ({@code 10.0.0.0/8}, {@code fd00::/8});
 *     empty where there is no proxy: then the connection's own address is the caller's
 * @param header what they write it into
 */
@Doc("Proxies that may say for whom they ask.")
public record ProxyOptions(
    @Doc("Their addresses and networks, such as 10.0.0.0/8; empty where there are none.")
        @Default("[]")
        List<String> trusted,
    @Doc("The header that they write addresses into; the other one is not read.")
        @Default("x-forwarded-for")
        Header header) {

  /** No proxies. */
  public static final ProxyOptions NONE = Options.defaults(ProxyOptions.class);

  /** What proxies write addresses into. */
  public enum Header {
    /** The usual one: addresses, separated by commas. */
    X_FORWARDED_FOR,
    /** That of RFC 7239: {@code for=192.0.2.60;proto=https, for="[2001:db8::1]:4711"}. */
    FORWARDED
  }

  /** Checks the networks, and copies. */
  public ProxyOptions {
    trusted = List.copyOf(trusted);
    trusted.forEach(Network::of);
  }
}
