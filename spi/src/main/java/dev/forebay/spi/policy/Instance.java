package dev.forebay.spi.policy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One instance of a service, as an {@link EndpointSource} tells of it.
 *
 * @param id unique in its list, and the same for as long as it is the same instance: what the
 *     framework knows of an endpoint is kept by it
 * @param host a name or an address; an IPv6 address without brackets
 * @param port 1 to 65535
 * @param weight its share of the work, relative to others; above 0, at most {@value #MAX_WEIGHT}
 * @param group its priority group, 0 to 100: 0 serves first
 */
public record Instance(String id, String host, int port, double weight, int group) {

  /** The greatest weight. */
  public static final double MAX_WEIGHT = 1e6;

  private static final int MAX_PORT = 65_535;
  private static final int MAX_GROUP = 100;
  private static final int MAX_TEXT = 512;

  /** Names with underscores are no host names by RFC 1123, but container networks have them. */
  private static final Pattern HOST =
      Pattern.compile(
          "[A-Za-z0-9_][A-Za-z0-9._-]*|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[A-Za-z0-9._~-]{1,32})?");

  private static final Pattern ADDRESS =
      Pattern.compile("(?:\\[([^\\[\\]\\s]+)]|([^:\\[\\]\\s]+)):(\\d{1,5})");

  /** Checks bounds. */
  public Instance {
    check("id", id);
    check("host", host);
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "host: " + shown(host) + " (expected: a name or an address, in ASCII)");
    }
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
    if (!(weight > 0) || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: > 0, <= 1000000)");
    }
    if (group < 0 || group > MAX_GROUP) {
      throw new IllegalArgumentException("group: " + group + " (expected: 0 to 100)");
    }
  }

  /** An instance of weight 1 in the first group; its address is its id. */
  public static Instance at(String host, int port) {
    return new Instance(address(host, port), host, port, 1, 0);
  }

  /**
   * As {@link #at(String, int)}, from {@code HOST:PORT} or {@code [IPV6]:PORT}.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Instance parse(String address) {
    Matcher matcher = ADDRESS.matcher(address);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "address: " + shown(address) + " (expected: HOST:PORT or [IPV6]:PORT)");
    }
    String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
    return at(host, Integer.parseInt(matcher.group(3)));
  }

  /** {@code HOST:PORT}, with brackets around an IPv6 address, as URLs have it. */
  public String address() {
    return address(host, port);
  }

  /** This instance under another id. */
  public Instance named(String other) {
    return new Instance(other, host, port, weight, group);
  }

  /** This instance with another weight. */
  public Instance weighing(double other) {
    return new Instance(id, host, port, other, group);
  }

  /** This instance in another group. */
  public Instance in(int other) {
    return new Instance(id, host, port, weight, other);
  }

  private static String address(String host, int port) {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }

  private static void check(String what, String text) {
    boolean plain = text.chars().allMatch(c -> c > ' ' && c != 0x7f);
    if (text.isEmpty() || text.length() > MAX_TEXT || !plain) {
      throw new IllegalArgumentException(
          what + ": " + shown(text) + " (expected: 1 to 512 characters without blanks)");
    }
  }

  private static String shown(String text) {
    String printable = text.replaceAll("\\p{Cntrl}", "?");
    return printable.length() > 64 ? printable.substring(0, 64) + "…" : printable;
  }
}
