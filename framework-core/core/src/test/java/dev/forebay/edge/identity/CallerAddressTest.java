package dev.forebay.edge.identity;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.MultiMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The caller's address is the last one that no trusted proxy has. */
final class CallerAddressTest {

  private static final List<String> TRUSTED = List.of("10.0.0.0/8", "192.0.2.7", "fd00::/8");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // connected | X-Forwarded-For | the caller
        "203.0.113.9 | 1.2.3.4 | 203.0.113.9",
        "10.1.2.3 | - | 10.1.2.3",
        "10.1.2.3 | 1.2.3.4 | 1.2.3.4",
        "10.1.2.3 | 6.6.6.6, 1.2.3.4 | 1.2.3.4",
        "10.1.2.3 | 6.6.6.6, 1.2.3.4, 10.9.9.9,192.0.2.7 | 1.2.3.4",
        "10.1.2.3 | 10.4.4.4, 10.5.5.5 | 10.4.4.4",
        "10.1.2.3 | 1.2.3.4:5678 | 1.2.3.4",
        "10.1.2.3 | 2001:DB8:0::1 | 2001:db8::1",
        "10.1.2.3 | [2001:db8::1]:443 | 2001:db8::1",
        "10.1.2.3 | ::ffff:1.2.3.4 | 1.2.3.4",
        "::ffff:10.1.2.3 | 1.2.3.4 | 1.2.3.4",
        "fd00::7 | 1.2.3.4 | 1.2.3.4",
        "fe00::7 | 1.2.3.4 | fe00::7",
        "10.1.2.3 | 1.2.3.4, unknown | 10.1.2.3",
        "10.1.2.3 | 1.2.3.4, evil.example, 10.8.8.8 | 10.8.8.8",
        "10.1.2.3 | 1.2.3.4,, | 10.1.2.3",
        "10.1.2.3 | 999.1.1.1 | 10.1.2.3"
      })
  void theUsualHeader(String peer, String header, String expected) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    if (header != null) {
      headers.add("X-Forwarded-For", header);
    }
    headers.add("Forwarded", "for=9.9.9.9");
    assertEquals(expected, of(ProxyOptions.Header.X_FORWARDED_FOR, peer, headers));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "10.1.2.3 | for=1.2.3.4;proto=https;by=10.0.0.1 | 1.2.3.4",
        "10.1.2.3 | proto=http;FOR=\"[2001:db8::1]:4711\" | 2001:db8::1",
        "10.1.2.3 | for=6.6.6.6, for=1.2.3.4, for=10.0.0.9 | 1.2.3.4",
        "10.1.2.3 | for=1.2.3.4, for=_hidden | 10.1.2.3",
        "10.1.2.3 | for=1.2.3.4, proto=https | 10.1.2.3",
        "203.0.113.9 | for=1.2.3.4 | 203.0.113.9"
      })
  void theStandardHeader(String peer, String header, String expected) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    headers.add("Forwarded", header);
    headers.add("X-Forwarded-For", "9.9.9.9");
    assertEquals(expected, of(ProxyOptions.Header.FORWARDED, peer, headers));
  }

  @Test
  void severalLinesAreOneList() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    headers.add("X-Forwarded-For", "6.6.6.6").add("X-Forwarded-For", "1.2.3.4, 10.0.0.9");
    assertEquals("1.2.3.4", of(ProxyOptions.Header.X_FORWARDED_FOR, "10.1.2.3", headers));
  }

  @Test
  void anEndlessListIsNotFollowed() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    headers.add("X-Forwarded-For", "1.2.3.4" + ", 10.0.0.9".repeat(2000));
    assertEquals("10.0.0.9", of(ProxyOptions.Header.X_FORWARDED_FOR, "10.1.2.3", headers));
  }

  @Test
  void withoutTrustedProxiesNobodySpeaksForOthers() {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("X-Forwarded-For", "1.2.3.4");
    assertEquals("127.0.0.1", new CallerAddress(ProxyOptions.NONE).of("127.0.0.1", headers));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"10.0.0.0/33", "10.0.0/8", "fd00::/129", "proxy.example", "", "/8", "1.1.1.1/"})
  void whatIsNoNetworkIsRefused(String network) {
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> new ProxyOptions(List.of(network), ProxyOptions.Header.X_FORWARDED_FOR));
    assertTrue(String.valueOf(thrown.getMessage()).contains("trusted: " + network + " (expected"));
  }

  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.1.1, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.0.0.128/25, 10.0.0.200, true",
    "10.0.0.128/25, 10.0.0.127, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, ::1, false",
    "::/0, 2001:db8::1, true"
  })
  void networksHaveTheirAddresses(String network, String address, boolean has) {
    byte[] bytes = Network.address(address);
    assertEquals(has, bytes != null && Network.of(network).has(bytes));
  }

  private static String of(ProxyOptions.Header header, String peer, MultiMap headers) {
    return new CallerAddress(new ProxyOptions(TRUSTED, header)).of(peer, headers);
  }
}
