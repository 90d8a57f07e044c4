package dev.forebay.edge.identity;

import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the caller's address: the connection's own, or, where a trusted proxy holds the connection,
 * the last one in its header that is not a trusted proxy's.
 */
public final class CallerAddress {

  /** More hops than this are a forgery, or a circle. */
  private static final int MAX_HOPS = 64;

  private final List<Network> trusted;
  private final boolean forwarded;

  /** Of callers behind these proxies. */
  public CallerAddress(ProxyOptions options) {
    trusted = options.trusted().stream().map(Network::of).toList();
    forwarded = options.header() == ProxyOptions.Header.FORWARDED;
  }

  /**
   * The caller's address.
   *
   * @param peer who is connected
   * @param headers what they say
   * @return without a port; the last trusted hop where what stands before it is no address
   */
  public String of(String peer, MultiMap headers) {
    if (trusted.isEmpty()) {
      return peer;
    }
    byte[] hop = Network.address(peer);
    if (hop == null || !isTrusted(hop)) {
      return peer;
    }
    List<String> named = named(headers);
    for (int i = named.size() - 1; i >= Math.max(0, named.size() - MAX_HOPS); i--) {
      byte[] before = Network.address(withoutPort(named.get(i)));
      if (before == null) {
        break;
      }
      hop = before;
      if (!isTrusted(before)) {
        break;
      }
    }
    return Network.text(hop);
  }

  private boolean isTrusted(byte[] address) {
    for (Network network : trusted) {
      if (network.has(address)) {
        return true;
      }
    }
    return false;
  }

  /** What the header names, first the farthest. */
  private List<String> named(MultiMap headers) {
    List<String> named = new ArrayList<>();
    for (String line : headers.getAll(forwarded ? "forwarded" : "x-forwarded-for")) {
      for (String part : line.split(",", -1)) {
        named.add(forwarded ? forParameter(part) : part.trim());
      }
    }
    return named;
  }

  private static String forParameter(String element) {
    for (String pair : element.split(";", -1)) {
      String trimmed = pair.trim();
      if (trimmed.toLowerCase(Locale.ROOT).startsWith("for=")) {
        return unquoted(trimmed.substring(4).trim());
      }
    }
    return "";
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }

  /** {@code 192.0.2.1:80}, {@code [2001:db8::1]:80} and {@code [2001:db8::1]} lose their dress. */
  private static @Nullable String inBrackets(String text) {
    int end = text.indexOf(']');
    return text.startsWith("[") && end > 0 ? text.substring(1, end) : null;
  }

  private static String withoutPort(String text) {
    String inside = inBrackets(text);
    if (inside != null) {
      return inside;
    }
    int colon = text.indexOf(':');
    boolean one = colon >= 0 && text.indexOf(':', colon + 1) < 0;
    return one ? text.substring(0, colon) : text;
  }
}
