package dev.forebay.limiting.rate;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;

/** Networks of IPv6 addresses. */
final class Ipv6 {

  private static final int NETWORK_BYTES = 8;
  private static final int ADDRESS_BYTES = 16;

  private Ipv6() {}

  /**
   * The /64 network of an IPv6 address, in one form whatever form it is written in; an IPv4 address
   * inside an IPv6 one as IPv4; anything else as it is.
   */
  static String network(String address) {
    if (address.indexOf(':') < 0) {
      return address;
    }
    int zone = address.indexOf('%');
    String literal = zone < 0 ? address : address.substring(0, zone);
    if (!isLiteral(literal)) {
      return address;
    }
    try {
      InetAddress parsed = InetAddress.getByName(literal);
      byte[] bytes = parsed.getAddress();
      return bytes.length == ADDRESS_BYTES
          ? HexFormat.of().formatHex(bytes, 0, NETWORK_BYTES) + "::/64"
          : parsed.getHostAddress();
    } catch (UnknownHostException e) {
      return address;
    }
  }

  /** Whether it can be nothing but a literal, which is parsed without asking a name server. */
  private static boolean isLiteral(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != ':' && c != '.' && Character.digit(c, 16) < 0) {
        return false;
      }
    }
    return true;
  }
}
