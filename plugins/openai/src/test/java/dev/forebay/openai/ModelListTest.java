package dev.forebay.openai;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an upstream says that it has. */
class ModelListTest {

  @RegisterExtension
  static final WireMockExtension upstream =
      WireMockExtension.newInstance().options(options().dynamicPort()).build();

  private final Driver driver = new Driver();

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void namesAreTakenInOrderWithTheKeyOfTheAccount() throws Exception {
    answer(
        aResponse()
            .withBody(
                "{\"object\":\"list\",\"data\":[{\"id\":\"b\",\"owned_by\":\"x\"},{\"id\":\"a\"},"
                    + "{\"id\":7},{},null,{\"id\":\" \"}],\"more\":1}"));
    OpenAi made =
        OpenAi.at("one", upstream.baseUrl() + "/v1")
            .withKey("sk-1")
            .withHeaders(Map.of("x-team", "blue"));
    assertEquals(List.of("b", "a"), ask(driver.backend(made)));
    upstream.verify(
        getRequestedFor(urlEqualTo("/v1/models"))
            .withHeader("authorization", equalTo("Bearer sk-1"))
            .withHeader("x-team", equalTo("blue")));
  }

  @Test
  void whereTheyAreConfiguredNobodyIsAsked() throws Exception {
    OpenAi made = OpenAi.at("one", upstream.baseUrl()).withModels(List.of("mine"));
    assertEquals(List.of("mine"), ask(driver.backend(made)));
    assertEquals(0, upstream.getAllServeEvents().size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{}", "{\"data\":{}}", "{\"data\":[", "<html>"})
  void whatIsNoListFails(String body) {
    answer(aResponse().withBody(body));
    fails();
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 401, 404, 500})
  void anotherStatusFails(int status) {
    answer(aResponse().withStatus(status).withHeader("location", "/").withBody("{\"data\":[]}"));
    fails();
  }

  @Test
  void aListWithoutEndFails() {
    answer(aResponse().withBody("{\"data\":[" + "{\"id\":\"a\"},".repeat(500_000) + "null]}"));
    fails();
  }

  private void fails() {
    OpenAiBackend backend = driver.backend(OpenAi.at("one", upstream.baseUrl()));
    assertThrows(Exception.class, () -> ask(backend));
  }

  private static void answer(ResponseDefinitionBuilder response) {
    upstream.stubFor(get(urlEqualTo("/v1/models")).willReturn(response));
  }

  private static List<String> ask(OpenAiBackend backend) throws Exception {
    return backend.askModels().await(20, TimeUnit.SECONDS);
  }
}
