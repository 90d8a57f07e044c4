package dev.forebay.balancing.iphash;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.conformance.BalancerContract;
import dev.forebay.conformance.FakeEndpoint;
import dev.forebay.conformance.Requests;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class IpHashTest implements BalancerContract {

  private final List<Endpoint> all = List.copyOf(FakeEndpoint.many("e", 5));

  @Override
  public Plugin<Balancer> plugin() {
    return IpHash.defaults();
  }

  @Override
  public Map<String, String> exempt() {
    return Map.of("B12", "goes by address; a health policy takes failing ones out");
  }

  private static Balancer balancer(int bits) {
    return new IpHashBalancer(new IpHash(bits, 2, 8));
  }

  private static RequestInfo from(String address) {
    return Requests.chat("r", Caller.at(address), 0);
  }

  @Test
  void anAddressStaysWhereItIs() {
    Balancer balancer = balancer(32);
    for (int i = 0; i < 200; i++) {
      RequestInfo request = from("198.51.100." + i);
      assertEquals(balancer.choose(request, all), balancer.choose(request, all));
    }
  }

  @Test
  void onlyThoseMoveWhoseEndpointLeft() {
    Balancer balancer = balancer(32);
    List<Endpoint> fewer = all.subList(0, 4);
    for (int i = 0; i < 250; i++) {
      RequestInfo request = from("198.51.100." + i);
      Endpoint before = balancer.choose(request, all);
      if (fewer.contains(before)) {
        assertEquals(before, balancer.choose(request, fewer));
      }
    }
  }

  @Test
  void with24BitsANetworkStaysTogetherAsWithNginx() {
    Balancer balancer = balancer(24);
    Endpoint first = balancer.choose(from("198.51.100.1"), all);
    Set<String> networks = new TreeSet<>();
    for (int i = 0; i < 256; i++) {
      assertEquals(first, balancer.choose(from("198.51.100." + i), all));
      networks.add(balancer.choose(from("10.0." + i + ".1"), all).id());
    }
    assertEquals(5, networks.size());
  }

  @Test
  void whatIsNoIpv4AddressCountsWhole() {
    assertEquals(0xC6336401L, IpHashBalancer.ipv4("198.51.100.1"));
    for (String other :
        List.of("", "1.2.3", "1.2.3.4.5", "1.2.3.256", "1..2.3", "::1", "a.b.c.d")) {
      assertEquals(-1, IpHashBalancer.ipv4(other), other);
    }
    Set<String> chosen = new TreeSet<>();
    for (int i = 0; i < 100; i++) {
      chosen.add(balancer(24).choose(from("2001:db8::" + i), all).id());
    }
    assertEquals(5, chosen.size());
  }
}
