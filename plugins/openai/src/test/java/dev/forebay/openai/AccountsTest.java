package dev.forebay.openai;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.tomakehurst.wiremock.junit5.WireMockExtension;
import dev.forebay.gateway.Gateway;
import dev.forebay.servers.Golden;
import dev.forebay.spi.Call;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Status;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An account that is out costs its own requests nothing but a detour, and comes back. */
@Timeout(60)
final class AccountsTest {

  @RegisterExtension
  static final WireMockExtension api =
      WireMockExtension.newInstance().options(options().dynamicPort()).build();

  private final Driver driver = new Driver();

  @TempDir Path folder;

  @AfterEach
  void close() {
    driver.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 402, 403})
  void anotherAccountAnswers(int status) {
    takes("good");
    refuses("bad", status);
    Gateway gateway =
        Gateway.builder(driver.vertx)
            .pipeline(
                p ->
                    p.retry(2)
                        .backends(
                            at("one").withKey("bad").withAccount("out"),
                            at("two").withKey("bad").withAccount("out"),
                            at("three").withKey("good")))
            .build();
    for (int i = 0; i < 6; i++) {
      assertEquals("three", ask(gateway).servedBy());
    }
    assertEquals(1, asked("bad"), "the account is out, with all its endpoints");
    assertEquals(6, asked("good"));
    Driver.done(gateway.close());
  }

  @Test
  void whereEveryAccountIsOutTheReasonIsSaid() {
    refuses("bad", 402);
    Gateway gateway =
        Gateway.builder(driver.vertx).pipeline(p -> p.backends(at("one").withKey("bad"))).build();
    Failure first = failure(gateway);
    assertEquals(503, first.httpStatus());
    assertEquals("upstream_402", first.reason());
    Failure next = failure(gateway);
    assertEquals(503, next.httpStatus());
    assertEquals("account_out", next.reason());
    assertEquals(Status.SATURATED, next.status());
    assertEquals(1, asked("bad"));
    gateway.pool("default").reloadAccounts();
    assertEquals("upstream_402", failure(gateway).reason());
    assertEquals(2, asked("bad"));
    Driver.done(gateway.close());
  }

  @Test
  void aKeyThatIsExchangedBringsItsAccountBack() throws IOException {
    refuses("old", 401);
    takes("new");
    Path file = Files.writeString(folder.resolve("key"), "old\n");
    Gateway gateway =
        Gateway.builder(driver.vertx)
            .pipeline(
                p ->
                    p.backends(
                        at("one")
                            .withKeyFile(file.toString())
                            .withKeyRefresh(Duration.ofMillis(10))))
            .build();
    assertEquals("upstream_401", failure(gateway).reason());
    assertEquals("account_out", failure(gateway).reason());
    Files.writeString(file, "new\n");
    Failure failure = null;
    InferenceResponse answer = null;
    while (answer == null) { // the timeout of the test bounds it
      try {
        answer = ask(gateway);
      } catch (CompletionException e) {
        failure = Failure.from(e.getCause() == null ? e : e.getCause());
        assertEquals("account_out", failure.reason());
      }
    }
    assertEquals("one", answer.servedBy());
    assertEquals(1, asked("old"));
    Driver.done(gateway.close());
  }

  @Test
  void aKeyThatIsGoodIsRotatedWithoutALostRequest() throws IOException {
    takes("first");
    takes("second");
    Path file = Files.writeString(folder.resolve("key"), "first");
    OpenAiBackend backend =
        driver.backend(
            at("one").withKeyFile(file.toString()).withKeyRefresh(Duration.ofMillis(10)));
    driver.read(backend, false);
    Files.writeString(file, "second");
    while (asked("second") == 0) {
      driver.read(backend, false);
    }
    assertTrue(asked("first") > 0);
  }

  private static OpenAi at(String id) {
    return OpenAi.at(id, api.baseUrl());
  }

  private static void takes(String key) {
    api.stubFor(
        any(anyUrl())
            .withHeader("authorization", equalTo("Bearer " + key))
            .willReturn(okJson(Golden.WHOLE)));
  }

  private static void refuses(String key, int status) {
    api.stubFor(
        any(anyUrl())
            .withHeader("authorization", equalTo("Bearer " + key))
            .willReturn(aResponse().withStatus(status)));
  }

  private static long asked(String key) {
    return api.getAllServeEvents().stream()
        .filter(event -> ("Bearer " + key).equals(event.getRequest().getHeader("authorization")))
        .count();
  }

  private InferenceResponse ask(Gateway gateway) {
    Call call = Call.root(driver.timeline);
    InferenceRequest request =
        new InferenceRequest(Asked.info(false), Buffer.buffer(Driver.CHAT), call, Attempt.FIRST);
    Future<InferenceResponse> answer = driver.on(() -> gateway.serve(request));
    try {
      InferenceResponse head = Driver.done(answer);
      Driver.done(driver.on(() -> head.tokens().next()));
      return head;
    } finally {
      call.end();
    }
  }

  private Failure failure(Gateway gateway) {
    try {
      throw new AssertionError("answered by " + ask(gateway).servedBy());
    } catch (CompletionException e) {
      return Failure.from(e.getCause() == null ? e : e.getCause());
    }
  }
}
