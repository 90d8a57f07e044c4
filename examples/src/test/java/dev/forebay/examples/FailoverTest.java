package dev.forebay.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.balancing.roundrobin.RoundRobin;
import dev.forebay.junit5.ForebayExtension;
import dev.forebay.junit5.RunningGateway;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.http.EmulatorEvent;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

// tag::test[]

class FailoverTest {

  @RegisterExtension
  static final ForebayExtension forebay =
      ForebayExtension.builder()
          .upstream("a", profile -> profile.with(Fault.always(Fault.Kind.FAIL, 1)))
          .upstream("b")
          .gateway(pipeline -> pipeline.retry(3).balance(new RoundRobin()))
          .assertSettledAfterEach()
          .build();

  @Test
  void anUpstreamThatFailsIsNotNoticed() throws Exception {
    for (int i = 0; i < 2; i++) {
      HttpResponse<String> answer = Chat.ask(forebay.baseUri(), "hello", true);
      assertEquals(200, answer.statusCode());
      assertEquals("b", answer.headers().firstValue("x-forebay-backend").orElseThrow());
    }
    assertTrue(forebay.upstream("a").count(EmulatorEvent.Kind.REFUSED) > 0);
  }

  @Test
  void oneThatDiesIsNotNoticedEither(RunningGateway gateway) throws Exception {
    gateway.upstream("a").kill();
    assertEquals(200, Chat.ask(gateway.baseUri(), "hello", false).statusCode());
    gateway.upstream("a").restart();
  }
}
// end::test[]
