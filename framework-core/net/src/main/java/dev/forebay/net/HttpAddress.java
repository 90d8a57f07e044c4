package dev.forebay.net;

import io.netty.util.NetUtil;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where an HTTP server is, from its URL (RFC 3986): the one reading of URLs for all clients of the
 * project. {@link URI} alone does not do: it knows no host with an underscore, which container
 * networks have, and resolves a path of two slashes to another host.
 *
 * @param https whether over TLS
 * @param host a name as it was given, or an address; an IPv6 address without brackets
 * @param port 1 to 65535
 * @param path escaped as it was given; begins with one slash and does not end with one, or is empty
 */
public record HttpAddress(boolean https, String host, int port, String path) {

  private static final int MAX_PORT = 65_535;
  private static final int MAX_LENGTH = 1024;
  private static final Pattern URL =
      Pattern.compile(
          "(?<scheme>[Hh][Tt][Tt][Pp][Ss]?)://"
              + "(?:\\[(?<six>[0-9A-Fa-f:.]{2,45}(?:%[A-Za-z0-9._~-]{1,32})?)]"
              + "|(?<name>[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9_.])?))"
              + "(?::(?<port>[0-9]{0,5}))?"
              + "(?<path>/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*+)?");

  /**
   * Reads a URL without user, query and fragment.
   *
   * @throws IllegalArgumentException if it is something else; the message says what was expected,
   *     without the text, which may hold a password
   */
  public static HttpAddress parse(String url) {
    Matcher matcher = URL.matcher(url);
    if (url.length() > MAX_LENGTH || url.contains("..") || !matcher.matches()) {
      throw refused();
    }
    boolean https = matcher.group("scheme").length() == "https".length();
    String digits = matcher.group("port");
    int port = digits == null || digits.isEmpty() ? https ? 443 : 80 : Integer.parseInt(digits);
    String six = matcher.group("six");
    if (port < 1 || port > MAX_PORT || (six != null && !NetUtil.isValidIpV6Address(six))) {
      throw refused();
    }
    String path = matcher.group("path");
    return new HttpAddress(
        https, six == null ? matcher.group("name") : six, port, path == null ? "" : plain(path));
  }

  /**
   * Of a URL that was read before.
   *
   * @throws IllegalArgumentException if it has no host, or is not of HTTP
   */
  public static HttpAddress of(URI uri) {
    return parse(uri.toString());
  }

  /** This server with another path, escaped; slashes that are too many are left out. */
  public HttpAddress withPath(String other) {
    return new HttpAddress(https, host, port, plain(other));
  }

  /**
   * What {@code Host} and TLS call the server: a name without a dot at its end, an IPv6 address in
   * brackets.
   */
  public String name() {
    return host.indexOf(':') >= 0
        ? "[" + host + "]"
        : host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /** As a URL, with the port if it is not that of the scheme. */
  public URI uri() {
    String scheme = https ? "https" : "http";
    String at = host.indexOf(':') < 0 ? host : "[" + host + "]";
    String ending = port == (https ? 443 : 80) ? "" : ":" + port;
    try {
      return new URI(scheme + "://" + at + ending + path);
    } catch (URISyntaxException e) {
      throw new IllegalStateException("a URL that was read", e);
    }
  }

  private static String plain(String path) {
    String single = path.replaceAll("/{2,}", "/");
    return single.endsWith("/") ? single.substring(0, single.length() - 1) : single;
  }

  private static IllegalArgumentException refused() {
    return new IllegalArgumentException(
        "url: no HTTP URL (expected: http://HOST[:PORT][/PATH] or https://…, without user, query or"
            + " fragment)");
  }
}
