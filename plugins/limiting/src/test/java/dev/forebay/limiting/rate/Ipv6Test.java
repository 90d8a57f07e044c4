package dev.forebay.limiting.rate;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Ipv6Test {

  @ParameterizedTest
  @CsvSource({
    "2001:db8:1:2::1, 20010db800010002::/64",
    "2001:DB8:1:2:ffff:0:0:9, 20010db800010002::/64",
    "fe80::1%eth0, fe80000000000000::/64",
    "::1, 0000000000000000::/64",
    "::ffff:192.0.2.1, 192.0.2.1",
    "192.0.2.1, 192.0.2.1",
    "not an address:, not an address:",
    ":::, :::",
  })
  void ipv6AddressesAreGroupedByNetwork(String address, String network) {
    assertEquals(network, Ipv6.network(address));
  }
}
