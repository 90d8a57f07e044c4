package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.retrying.Fallback;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Route;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Which pool, and under which name: rules first, then the models that pools name. */
class RoutingTest {

  private final VirtualTimeline time = new VirtualTimeline();
  private final Scripted big = new Scripted("big", self -> self.streams(1, 0));
  private final Scripted small = new Scripted("small", self -> self.streams(1, 0));

  private Gateway.Builder pools() {
    return Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
        .pool("big", p -> p.models("pro").backends(World.plugin(big)))
        .pool("small", p -> p.models("flash").backends(World.plugin(small)));
  }

  private Client ask(Gateway gateway, String model, UnaryOperator<RequestInfo> with) {
    InferenceRequest plain = Fakes.request(time, "r" + time.nanos());
    RequestInfo info = with.apply(plain.info().withModel(model));
    Buffer body = Buffer.buffer("{ \"model\" : \"" + model + "\", \"x\": 1.0e+2 }");
    Client client =
        Client.send(gateway, new InferenceRequest(info, body, plain.call(), plain.attempt()));
    time.run();
    return client;
  }

  private Client ask(Gateway gateway, String model) {
    return ask(gateway, model, info -> info);
  }

  private static UnaryOperator<RequestInfo> sized(int prompt, int answer) {
    return info -> info.withPrompt(prompt, null, info.prefix()).withMaxOutputTokens(answer);
  }

  private static UnaryOperator<RequestInfo> session(String session) {
    return info ->
        info.withCaller(new Caller("127.0.0.1", "", "t", "", session))
            .withPrompt(1, null, info.prefix());
  }

  @Test
  void anAliasIsAnotherNameAndOnlyThatFieldOfTheBodyChanges() {
    Gateway gateway = pools().route(Route.of("gpt-4o", "chat").to(null, "pro")).build();
    assertTrue(ask(gateway, "chat").ok());
    InferenceRequest sent = big.calls.get(0);
    assertEquals("pro", sent.info().model());
    assertEquals("{ \"model\" : \"pro\", \"x\": 1.0e+2 }", sent.body().toString());
    assertEquals(List.of("gpt-4o", "chat", "pro", "flash"), gateway.models());
  }

  @Test
  void aModelThatNobodyNamesIs404() {
    Gateway gateway = pools().route(Route.of("chat").to("small", "flash")).build();
    Client client = ask(gateway, "nope");
    Failure failure = client.failure;
    assertEquals(404, failure == null ? 0 : failure.httpStatus());
    assertEquals("model_not_found", client.reason());
    assertEquals(1L, gateway.counters().get("route.unknown_model"));
  }

  @Test
  void aStarStandsForAllThatBeginSo() {
    Gateway gateway = pools().route(Route.of("gpt-*").to("small", "flash")).build();
    assertTrue(ask(gateway, "gpt-5-mini").ok());
    assertEquals("flash", small.calls.get(0).info().model());
    assertEquals(List.of("pro", "flash"), gateway.models(), "a pattern is no name");
  }

  @Test
  void theFirstRuleThatFitsTheSizeDecides() {
    Gateway gateway =
        pools()
            .route(Route.of("chat").promptTokens(0, 1000).maxOutputTokens(100).to("small", "flash"))
            .route(Route.of("chat").to("big", "pro"))
            .build();
    ask(gateway, "chat", sized(1000, 100));
    ask(gateway, "chat", sized(1001, 100));
    ask(gateway, "chat", sized(1000, 101));
    ask(gateway, "chat", sized(1000, 0));
    assertEquals(1, small.calls.size());
    assertEquals(3, big.calls.size());
  }

  @Test
  void aSplitIsByWeightAndASessionStays() {
    Route split = Route.of("chat").to("big", "pro").or("small", "flash", 3);
    Gateway gateway = pools().route(split).build();
    for (int i = 0; i < 1000; i++) {
      ask(gateway, "chat", session(""));
    }
    assertEquals(750, small.calls.size(), 60);
    small.calls.clear();
    Gateway sticky = pools().route(split.sticky(Route.Sticky.SESSION)).build();
    for (int i = 0; i < 1000; i++) {
      ask(sticky, "chat", session("s" + i));
    }
    assertEquals(750, small.calls.size(), 60);
    int before = small.calls.size();
    for (int i = 0; i < 20; i++) {
      ask(sticky, "chat", session("same"));
    }
    int more = small.calls.size() - before;
    assertTrue(more == 0 || more == 20, "of one session: " + more);
  }

  @Test
  void theSameSeedSplitsTheSame() {
    Route split = Route.of("chat").to("big", "pro").or("small", "flash", 1);
    StringBuilder first = new StringBuilder();
    StringBuilder second = new StringBuilder();
    for (StringBuilder served : List.of(first, second)) {
      Gateway gateway = pools().route(split).build();
      for (int i = 0; i < 50; i++) {
        Client client = ask(gateway, "chat");
        served.append(client.response == null ? "?" : client.response.servedBy());
      }
    }
    assertEquals(first.toString(), second.toString());
  }

  @Test
  void aRuleToNowhereIsRefused() {
    Gateway.Builder nowhere = pools().route(Route.of("chat").to("nope", null));
    assertThrows(IllegalArgumentException.class, nowhere::build);
    Gateway.Builder nameless = pools().route(Route.of("chat").to(null, "nope"));
    assertThrows(IllegalArgumentException.class, nameless::build);
  }

  @Test
  void aFallbackToAnotherModelRewritesOnlyItsNameAndIsNotCached() {
    Failure overloaded = Failure.overloaded(503, "overloaded", "too much");
    Scripted sick =
        new Scripted(
            "sick",
            self ->
                request ->
                    (request.info().model().equals("pro")
                            ? self.fails(overloaded, 0)
                            : self.streams(1, millis(1)))
                        .apply(request));
    World world = new World(1);
    Gateway gateway =
        Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
            .pipeline(
                p -> p.cache(world.cache()).fallbackToModel("flash").backends(World.plugin(sick)))
            .build();
    UnaryOperator<RequestInfo> keyed =
        info -> info.withPrompt(5, new dev.forebay.spi.PromptKey(1, 2), info.prefix());
    Client client = ask(gateway, "pro", keyed);
    assertTrue(client.ok(), client.reason());
    assertEquals("flash", client.header("x-forebay-model"));
    assertEquals("{ \"model\" : \"flash\", \"x\": 1.0e+2 }", sick.calls.get(1).body().toString());
    assertEquals("miss", ask(gateway, "pro", keyed).header("x-forebay-cache"));
    assertEquals(2L, gateway.counters().get("extra-work.taken"));
  }

  @Test
  void aFallbackKeepsToItsRule() {
    Failure throttled = Failure.of(Status.THROTTLED, 503, "throttled", "");
    Scripted sick = new Scripted("sick", self -> self.fails(throttled, 0));
    Fallback rule = new Fallback("small", null, List.of(Status.THROTTLED), 1000);
    Gateway gateway =
        Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
            .pool("big", p -> p.models("pro").stage(rule).backends(World.plugin(sick)))
            .pool("small", p -> p.models("flash").backends(World.plugin(small)))
            .build();
    assertTrue(ask(gateway, "pro", sized(1000, 0)).ok());
    assertEquals(Status.THROTTLED, ask(gateway, "pro", sized(1001, 0)).status());
  }
}
