package dev.forebay.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.roundrobin.RoundRobin;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.EmulatorEvent.Kind;
import dev.forebay.spi.Status;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ForebayExtensionTest {

  @RegisterExtension
  static final ForebayExtension forebay =
      ForebayExtension.builder()
          .upstream("a")
          .upstream("b")
          .gateway(pipeline -> pipeline.retry(3).balance(new RoundRobin()))
          .assertSettledAfterEach()
          .build();

  private static @Nullable RunningGateway first;

  @BeforeEach
  void bringBackUpstreams() {
    forebay.upstream("a").restartWith();
    forebay.upstream("b").restartWith();
  }

  @AfterEach
  void oneGatewayServesTheWholeClass() {
    first = first == null ? forebay.running() : first;
    assertSame(first, forebay.running());
  }

  @Test
  void anAnswerComesWhole() throws Exception {
    HttpResponse<String> answer = Chat.ask(forebay.baseUri(), false);
    assertEquals(200, answer.statusCode());
    assertTrue(answer.body().contains("\"finish_reason\""), answer.body());
  }

  @Test
  void anAnswerIsStreamed() throws Exception {
    HttpResponse<String> answer = Chat.ask(forebay.baseUri(), true);
    assertEquals(200, answer.statusCode());
    assertTrue(answer.body().endsWith("data: [DONE]\n\n"), answer.body());
  }

  @Test
  void aKilledUpstreamIsAvoidedAndComesBackOnItsPort(RunningGateway gateway) throws Exception {
    EmulatedUpstream a = gateway.upstream("a");
    a.kill();
    assertFalse(a.running());
    assertNull(a.stats());
    for (int i = 0; i < 4; i++) {
      assertEquals("b", backend(Chat.ask(gateway.baseUri(), true)));
    }
    int port = a.port();
    a.restart();
    assertEquals(port, a.port());
    long before = a.count(Kind.FINISHED);
    List<String> backends = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      backends.add(backend(Chat.ask(gateway.baseUri(), true)));
    }
    assertTrue(backends.contains("a"), backends.toString());
    assertTrue(a.count(Kind.FINISHED) > before);
  }

  @Test
  void faultsAreSwitchedOnAndOff() throws Exception {
    forebay.upstream("a").restartWith(Fault.always(Fault.Kind.FAIL, 1));
    forebay.upstream("b").restartWith(Fault.always(Fault.Kind.FAIL, 1));
    assertEquals(503, Chat.ask(forebay.baseUri(), true).statusCode());
    assertTrue(forebay.upstream("a").count(Kind.REFUSED) > 0);
    forebay.upstream("a").restartWith();
    forebay.upstream("b").restartWith();
    assertEquals(200, Chat.ask(forebay.baseUri(), true).statusCode());
  }

  @Test
  void nothingIsLeftWhenAnUpstreamDiesMidStream() throws Exception {
    forebay.upstream("b").kill();
    CompletableFuture<HttpResponse<String>> answer = Chat.askLater(forebay.baseUri(), 100_000);
    forebay.upstream("a").await(Kind.FIRST_TOKEN, 1 + forebay.upstream("a").count(Kind.FINISHED));
    forebay.upstream("a").kill();
    assertFalse(answer.get().body().contains("[DONE]"));
    forebay.assertSettled();
    assertEquals(0, forebay.gateway().open());
  }

  @Test
  void anUnknownUpstreamIsNamed() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> forebay.upstream("c"));
    assertEquals("upstream: c (expected: one of a, b)", e.getMessage());
  }

  @Test
  void mistakesInTheSetupAreNamed() {
    ForebayExtension.Builder builder = ForebayExtension.builder();
    assertThrows(IllegalArgumentException.class, builder::build);
    builder.upstream("a").pool("p", pipeline -> {}, "z");
    assertEquals(
        "pool p: z (expected: a)",
        assertThrows(IllegalArgumentException.class, builder::build).getMessage());
    assertThrows(IllegalArgumentException.class, () -> builder.upstream("a"));
    assertThrows(
        IllegalStateException.class,
        () -> ForebayExtension.builder().upstream("a").build().baseUri());
  }

  private static String backend(HttpResponse<String> answer) {
    assertEquals(200, answer.statusCode(), answer.body());
    return answer.headers().firstValue("x-forebay-backend").orElse("");
  }

  @Nested
  class InANestedClass {
    @Test
    void theGatewayIsTheSame(RunningGateway gateway) {
      assertSame(forebay.running(), gateway);
    }
  }

  @Nested
  class InAFieldOfTheInstance {

    private static final List<RunningGateway> SEEN = new ArrayList<>();

    @RegisterExtension
    final ForebayExtension own =
        ForebayExtension.builder()
            .upstream("fast")
            .upstream("big")
            .pool("first", pipeline -> pipeline.models("deepseek-flash"), "fast")
            .pool("second", pipeline -> {}, "big")
            .build();

    @Test
    void thereIsOneGatewayPerTest() throws Exception {
      answersFromAGatewayNotSeenBefore();
    }

    private void answersFromAGatewayNotSeenBefore() throws Exception {
      assertNotEquals(forebay.baseUri(), own.baseUri());
      assertEquals("fast", backend(Chat.ask(own.baseUri(), true)));
      own.assertSettled();
      assertEquals(1L, own.gateway().outcomes().get(Status.OK));
      assertFalse(SEEN.contains(own.running()));
      SEEN.add(own.running());
    }

    @Test
    void andNotThatOfAnother() throws Exception {
      answersFromAGatewayNotSeenBefore();
    }
  }
}
