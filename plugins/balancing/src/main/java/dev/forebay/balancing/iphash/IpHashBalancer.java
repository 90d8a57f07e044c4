package dev.forebay.balancing.iphash;

import dev.forebay.balancing.affinity.LoadBound;
import dev.forebay.balancing.affinity.Rendezvous;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;

/** Rendezvous hashing of the caller's network. It remembers nothing. */
final class IpHashBalancer implements Balancer {

  private static final int IPV4_BITS = 32;
  private static final int MAX_OCTET = 255;

  private final int ipv4Bits;
  private final LoadBound bound;

  IpHashBalancer(IpHash options) {
    this.ipv4Bits = options.ipv4Bits();
    this.bound = new LoadBound(options.loadBound(), options.always());
  }

  @Override
  public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
    bound.measure(candidates);
    return Rendezvous.choose(network(request.caller().address()), candidates, bound);
  }

  private long network(String address) {
    long ipv4 = ipv4(address);
    return ipv4 < 0
        ? Rendezvous.hash(address)
        : Rendezvous.mix(1 + (ipv4 >>> (IPV4_BITS - ipv4Bits)));
  }

  /** The number that dotted decimals stand for; -1 where a text is anything else. */
  static long ipv4(String address) {
    long number = 0;
    int octets = 0;
    int octet = -1;
    for (int i = 0; i <= address.length(); i++) {
      char c = i < address.length() ? address.charAt(i) : '.';
      if (c == '.') {
        if (octet < 0) {
          return -1;
        }
        number = number << 8 | octet;
        octets++;
        octet = -1;
      } else if (c >= '0' && c <= '9') {
        octet = Math.max(0, octet) * 10 + c - '0';
        if (octet > MAX_OCTET) {
          return -1;
        }
      } else {
        return -1;
      }
    }
    return octets == 4 ? number : -1;
  }
}
