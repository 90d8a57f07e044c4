package dev.forebay.junit5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.limiting.fixed.Fixed;
import dev.forebay.queuing.fifo.Fifo;
import dev.forebay.simulation.http.EmulatorEvent.Kind;
import dev.forebay.spi.Status;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Callers that leave, in the queue and in the midst of an answer, leave nothing behind. */
class SettledTest {

  @RegisterExtension
  final ForebayExtension forebay =
      ForebayExtension.builder()
          .upstream("a", profile -> profile.withTimeScale(1))
          .gateway(pipeline -> pipeline.admit(Fixed.limit(1), Fifo.capacity(5)))
          .build();

  @Test
  void callersThatLeaveFreePermitsAndQueue() {
    CompletableFuture<HttpResponse<String>> running = Chat.askLater(forebay.baseUri(), 100_000);
    forebay.upstream("a").await(Kind.FIRST_TOKEN, 1);
    JsonObject admission = forebay.running().state().getJsonObject("stages").getJsonObject("admit");
    assertEquals(1, admission.getInteger("inFlight"));
    assertEquals(1, forebay.gateway().open());
    AssertionError open =
        assertThrows(
            AssertionError.class, () -> forebay.running().assertSettled(Duration.ofMillis(1)));
    assertTrue(String.valueOf(open.getMessage()).contains("admit.inFlight=1"), open.getMessage());
    running.cancel(true);
    forebay.upstream("a").await(Kind.CANCELLED, 1);
    forebay.assertSettled();
    assertTrue(forebay.gateway().outcomes().getOrDefault(Status.CANCELLED, 0L) > 0);
  }
}
