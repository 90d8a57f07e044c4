package dev.forebay.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.forebay.dialect.JsonBody;
import io.vertx.core.buffer.Buffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TenantMarkTest {

  private static final String TEAM = "e736c4fef89fb38dc0663a0f6bb612b8";

  private final TenantMark mark = new TenantMark("user_id");

  private String on(String body, String tenant) {
    return mark.on(Objects.requireNonNull(JsonBody.read(Buffer.buffer(body))), tenant)
        .bytes()
        .toString();
  }

  /** The inserted bytes are between « and ». */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{«\"user_id\":\"T\"»}",
        "{\"a\" : 1.00 ,\n\"b\":\"ü😀\" «,\"user_id\":\"T\"»} \n",
        "{\"a\":{\"user_id\":\"x\"},\"b\":\"user_id\"«,\"user_id\":\"T\"»}",
        "{\"a\":\"\\u0041\"«,\"user_id\":\"T\"»}"
      })
  void theTenantIsNamedAtTheEnd(String marked) {
    String before = marked.replaceAll("«[^»]*»", "");
    String after = marked.replaceAll("[«»]", "").replace("\"T\"", '"' + TEAM + '"');
    assertEquals(after, on(before, "team"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"user_id\":\"mine\"}",
        "{\"user\\u005fid\":null}",
        "{\"user_id\":1,\"user_id\":2}"
      })
  void whoNamesItselfIsLeftAlone(String body) {
    assertEquals(body, on(body, "team"));
  }

  @Test
  void tenantsHaveNamesThatStayAndDiffer() {
    assertEquals("{\"user_id\":\"" + TEAM + "\"}", on("{}", "team"), "on every gateway");
    assertNotEquals(on("{}", "team"), on("{}", "other"));
  }
}
