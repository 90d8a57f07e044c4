package dev.forebay.openai;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Secret;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between the gateway and an upstream.
 *
 * @param url {@code http://HOST:PORT} (for https by CONNECT) or {@code socks5://HOST:PORT}
 * @param username who asks; null where the proxy does not want to know
 * @param password of that user
 */
@Doc("A proxy on the way to the upstream.")
public record Proxy(
    @Doc("http://HOST:PORT (upstreams with https are reached by CONNECT) or socks5://HOST:PORT.")
        String url,
    @Doc("User name, where the proxy asks for one.") @Nullable String username,
    @Doc("Password of that user.") @Secret @Nullable String password) {

  private static final String SOCKS = "socks5://";

  /** Checks the URL. */
  public Proxy {
    address(url);
  }

  /** A proxy that asks nobody who they are. */
  public static Proxy at(String url) {
    return new Proxy(url, null, null);
  }

  /** Without the secrets. */
  @Override
  public String toString() {
    return "Proxy[" + url + "]";
  }

  /** Where it is. */
  HttpAddress address() {
    return address(url);
  }

  /** Whether it is spoken to by SOCKS 5, not by HTTP. */
  boolean socks() {
    return url.startsWith(SOCKS);
  }

  private static HttpAddress address(String url) {
    String http = url.startsWith(SOCKS) ? "http://" + url.substring(SOCKS.length()) : url;
    try {
      HttpAddress address = HttpAddress.parse(http);
      if (!address.https() && address.path().isEmpty() && http.matches(".*:[0-9]+/?")) {
        return address;
      }
    } catch (IllegalArgumentException e) {
      // said below, without the text: it may hold a password
    }
    throw new IllegalArgumentException(
        "url: *** (expected: http://HOST:PORT or socks5://HOST:PORT, without user)");
  }
}
