package dev.forebay.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HttpAddressTest {

  @ParameterizedTest
  @CsvSource({
    "http://host, host, 80, ''",
    "http://host/, host, 80, ''",
    "http://host/v1, host, 80, /v1",
    "http://host/v1/, host, 80, /v1",
    "http://host//v1, host, 80, /v1",
    "http://host//, host, 80, ''",
    "http://host///a//b///, host, 80, /a/b",
    "HTTPS://Host:8443/V1, Host, 8443, /V1",
    "https://host, host, 443, ''",
    "http://host:/v1, host, 80, /v1",
    "http://host:00080, host, 80, ''",
    "http://my_llm:8000, my_llm, 8000, ''",
    "http://_llm._tcp.example/v1, _llm._tcp.example, 80, /v1",
    "http://a-b_c.d-e:1, a-b_c.d-e, 1, ''",
    "http://host:65535, host, 65535, ''",
    "http://host.example.:80/v1, host.example., 80, /v1",
    "http://127.0.0.1:9, 127.0.0.1, 9, ''",
    "http://[::1]:9/v1, ::1, 9, /v1",
    "http://[2001:db8::1], 2001:db8::1, 80, ''",
    "http://[fe80::1%eth0]:9, fe80::1%eth0, 9, ''",
    "http://[::ffff:127.0.0.1]:9, ::ffff:127.0.0.1, 9, ''",
    "http://host/a%20b/v1, host, 80, /a%20b/v1",
    "http://host/openai/deployments/gpt-4o:x@1;y=2, host, 80, /openai/deployments/gpt-4o:x@1;y=2"
  })
  void aUrlSaysWhereAServerIs(String url, String host, int port, String path) {
    HttpAddress address = HttpAddress.parse(url);
    assertEquals(host, address.host());
    assertEquals(port, address.port());
    assertEquals(path, address.path());
    assertEquals(url.startsWith("https") || url.startsWith("HTTPS"), address.https());
    assertEquals(address, HttpAddress.of(address.uri()), "written and read again");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "host",
        "host:80",
        "//host",
        "http:host",
        "http:/host",
        "http://",
        "http:///v1",
        "http://:80",
        "ftp://host",
        "http://host:0",
        "http://host:65536",
        "http://host:99999",
        "http://host:123456",
        "http://host:-1",
        "http://host:80a",
        "http://host:80:80",
        "http://user:hunter2@host",
        "http://hunter2@host/v1",
        "http://host@hunter2",
        "http://host?hunter2",
        "http://host/v1?key=hunter2",
        "http://host/v1#hunter2",
        "http://host\\hunter2",
        "http://ho st",
        " http://host",
        "http://host ",
        "http://host/a b",
        "http://host/a\tb",
        "http://host/a\r\nb",
        "http://host/%",
        "http://host/%2",
        "http://host/%zz",
        "http://host/w\u00f6rter",
        "http://w\u00f6rter",
        "http://a..b",
        "http://host/a/../b",
        "http://.",
        "http://-host",
        "http://host-",
        "http://[::1",
        "http://::1",
        "http://[]",
        "http://[host]",
        "http://[1:2:3:4:5:6:7:8:9]",
        "http://[::1]x",
        "http://*",
        "http://{address}"
      })
  void anythingElseIsRefusedWithoutBeingShown(String url) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> HttpAddress.parse(url)).getMessage();
    assertTrue(
        String.valueOf(message).startsWith("url: no HTTP URL (expected: http://HOST"), message);
    assertFalse(String.valueOf(message).contains("hunter2"), message);
  }

  @Test
  void aLongUrlIsRefusedInLittleTime() {
    assertThrows(
        IllegalArgumentException.class,
        () -> HttpAddress.parse("http://host/" + "a%20".repeat(100_000)));
  }

  @ParameterizedTest
  @CsvSource({
    "http://host.example./v1, host.example",
    "http://[::1]:9, [::1]",
    "http://my_llm, my_llm"
  })
  void theNameIsWhatHeadersAndCertificatesHave(String url, String name) {
    assertEquals(name, HttpAddress.parse(url).name());
  }
}
