package dev.forebay.edge.http;

import io.netty.util.NetUtil;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells requests of web pages from those of programs, by what browsers add to them and pages cannot
 * change: {@code Origin} (WHATWG Fetch) and {@code Sec-Fetch-Site} (W3C Fetch Metadata). Programs
 * send neither.
 */
public final class WebPages {

  private static final List<HttpMethod> SAFE =
      List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);

  private WebPages() {}

  /** Whether a method can do something: a page may send such requests without asking first. */
  static boolean acts(HttpMethod method) {
    return !SAFE.contains(method);
  }

  /**
   * The one origin of a request.
   *
   * @return null if there is none; empty if there are several, of which none is right
   */
  static @Nullable String origin(HttpServerRequest request) {
    List<String> all = request.headers().getAll("origin");
    return all.isEmpty() ? null : all.size() == 1 ? all.get(0) : "";
  }

  /**
   * Whether a page of another origin sent it.
   *
   * @param hostIsOwn whether the request's {@code Host} is known to be this server's: a page can
   *     bring its own name to this address (DNS rebinding), and then has the same origin
   */
  public static boolean foreign(HttpServerRequest request, boolean hostIsOwn) {
    String origin = origin(request);
    if (origin != null) {
      return !hostIsOwn || !authority(origin).equalsIgnoreCase(hostOf(request));
    }
    String site = request.getHeader("sec-fetch-site");
    return site != null && !site.equals("none") && !(hostIsOwn && site.equals("same-origin"));
  }

  /**
   * Whether the {@code Host} of a request cannot be a name that somebody else gave to this address:
   * an address, this machine, or a name for which this server has shown a certificate.
   */
  static boolean hostIsSure(HttpServerRequest request) {
    String host = host(hostOf(request));
    return request.isSSL() || isAddress(host) || host.equals("localhost");
  }

  /**
   * The name or address in {@code Host}, without a port, brackets and the dot at its end, in lower
   * case; empty if there is none.
   */
  public static String host(@Nullable String header) {
    String text = header == null ? "" : header.trim();
    int bracket = text.indexOf(']');
    if (text.startsWith("[") && bracket > 0) {
      text = text.substring(1, bracket);
    } else if (text.indexOf(':') == text.lastIndexOf(':') && text.indexOf(':') >= 0) {
      text = text.substring(0, text.indexOf(':'));
    }
    return (text.endsWith(".") ? text.substring(0, text.length() - 1) : text)
        .toLowerCase(Locale.ROOT);
  }

  /** Over HTTP/2 the authority stands in the place of {@code Host}. */
  private static @Nullable String hostOf(HttpServerRequest request) {
    String host = request.getHeader("host");
    HostAndPort authority = host == null ? request.authority() : null;
    return authority == null ? host : authority.toString();
  }

  private static boolean isAddress(String host) {
    return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
  }

  private static String authority(String origin) {
    int scheme = origin.indexOf("://");
    return scheme < 0 ? "" : origin.substring(scheme + 3);
  }
}
