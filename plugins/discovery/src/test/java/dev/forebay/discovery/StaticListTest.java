package dev.forebay.discovery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.forebay.conformance.EndpointSourceContract;
import dev.forebay.discovery.staticlist.StaticList;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StaticListTest implements EndpointSourceContract {

  private List<String> addresses = List.of("10.0.0.1:8000");

  @Override
  public Plugin<EndpointSource> plugin() {
    return StaticList.of(addresses.toArray(String[]::new));
  }

  @Override
  public Outside outside() {
    return new Outside() {
      @Override
      public List<Instance> has(int instances) {
        List<String> all = new ArrayList<>();
        for (int i = 0; i < instances; i++) {
          all.add("[2001:db8::" + i + "]:8000");
        }
        addresses = all;
        return all.stream().map(Instance::parse).toList();
      }

      @Override
      public void broken(boolean now) {
        throw new IllegalStateException("a list does not break");
      }

      @Override
      public long asked() {
        return 0;
      }

      @Override
      public long open() {
        return 0;
      }

      @Override
      public boolean changes() {
        return false;
      }
    };
  }

  @Test
  void whatIsNoAddressIsRefused() {
    for (String wrong :
        List.of("10.0.0.1", ":80", "a:b", "::1:80", "[::1]", "a:0", "a:65536", "")) {
      assertThrows(IllegalArgumentException.class, () -> StaticList.of(wrong), wrong);
    }
    assertEquals("2001:db8::1", Instance.parse("[2001:db8::1]:80").host());
    assertEquals("[2001:db8::1]:80", Instance.parse("[2001:db8::1]:80").address());
  }
}
