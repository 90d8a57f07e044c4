package dev.forebay.openai;

import dev.forebay.spi.Doc;
import dev.forebay.spi.Secret;
import java.net.URI;
import java.net.URISyntaxException;
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

  /** Where it is, and how it is spoken to. */
  URI address() {
    return address(url);
  }

  private static URI address(String url) {
    try {
      URI uri = new URI(url);
      boolean known = "http".equals(uri.getScheme()) || "socks5".equals(uri.getScheme());
      if (known && uri.getHost() != null && uri.getPort() > 0 && uri.getUserInfo() == null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // said below, without the text: it may hold a password
    }
    throw new IllegalArgumentException(
        "url: *** (expected: http://HOST:PORT or socks5://HOST:PORT, without user)");
  }
}
