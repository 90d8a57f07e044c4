package dev.forebay.edge.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A gateway behind a proxy, served. */
final class TrustedProxiesTest extends EdgeFixture {

  @Test
  void policiesSeeTheAddressOnlyFromAProxyThatIsTrusted() throws Exception {
    assertEquals("127.0.0.1", seen());
    start(builder -> builder.options(options("proxies: { trusted: [127.0.0.0/8] }")));
    assertEquals("1.2.3.4", seen());
  }

  private String seen() throws Exception {
    Future<Answer> answer =
        whole(
            send(
                HttpMethod.POST,
                "/v1/chat/completions",
                Map.of("x-forwarded-for", "6.6.6.6, 1.2.3.4"),
                Buffer.buffer(CHAT)));
    FakeChain.Asked asked = chain.next();
    asked.whole("{}");
    await(answer);
    return asked.request.info().caller().address();
  }
}
