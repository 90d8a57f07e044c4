package dev.forebay.edge.identity;

import io.netty.util.NetUtil;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A range of addresses that share their first bits (CIDR, RFC 4632). */
final class Network {

  private static final int V4_BYTES = 4;

  private final byte[] bytes;
  private final int bits;

  private Network(byte[] bytes, int bits) {
    this.bytes = bytes;
    this.bits = bits;
  }

  /**
   * A network.
   *
   * @param text an address, or an address and how many bits count: {@code 10.0.0.0/8}
   * @throws IllegalArgumentException where it is neither
   */
  static Network of(String text) {
    int slash = text.indexOf('/');
    byte[] bytes = address(slash < 0 ? text : text.substring(0, slash));
    int bits = bytes == null ? -1 : bits(slash < 0 ? "" : text.substring(slash + 1), bytes, slash);
    if (bytes == null || bits < 0) {
      throw new IllegalArgumentException(
          "trusted: " + text + " (expected: addresses or networks, such as 10.0.0.0/8)");
    }
    return new Network(bytes, bits);
  }

  /** The bytes of an address; null where the text is none. Names are not looked up. */
  static byte @Nullable [] address(String text) {
    int zone = text.indexOf('%');
    byte[] bytes =
        NetUtil.createByteArrayFromIpAddressString(zone < 0 ? text : text.substring(0, zone));
    return bytes == null ? null : unmapped(bytes);
  }

  /** The usual form of an address: equal for equal ones. */
  static String text(byte[] address) {
    return NetUtil.bytesToIpAddress(address).toLowerCase(Locale.ROOT);
  }

  boolean has(byte[] address) {
    if (address.length != bytes.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (address[i] != bytes[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    return rest == 0 || ((address[whole] ^ bytes[whole]) & 0xFF) >>> (8 - rest) == 0;
  }

  private static int bits(String text, byte[] address, int slash) {
    if (slash < 0) {
      return address.length * 8;
    }
    if (!text.matches("[0-9]{1,3}")) {
      return -1;
    }
    int bits = Integer.parseInt(text);
    return bits <= address.length * 8 ? bits : -1;
  }

  /** IPv4 that comes in IPv6's clothes (::ffff:10.0.0.1) is IPv4. */
  private static byte[] unmapped(byte[] address) {
    if (address.length == V4_BYTES) {
      return address;
    }
    for (int i = 0; i < 10; i++) {
      if (address[i] != 0) {
        return address;
      }
    }
    boolean mapped = address[10] == -1 && address[11] == -1;
    return mapped ? java.util.Arrays.copyOfRange(address, 12, 16) : address;
  }
}
