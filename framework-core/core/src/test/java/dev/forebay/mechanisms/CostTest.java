package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.cost.Prices;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.Failure;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo.CacheMode;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A prompt of 10 tokens costs 10, an answer of 3 tokens 30, in millionths of a dollar. */
class CostTest {

  private static final Prices PRICES =
      new Prices(Prices.Preset.NONE, Map.of(), null, 1.0, 10.0, false);

  private final World world = new World(1);

  private Gateway gateway(Consumer<Pipeline> description, Scripted... backends) {
    return Gateway.builder(new Host(world.policies, 1))
        .pipeline(
            p -> {
              description.accept(p);
              for (Scripted backend : backends) {
                p.backends(World.plugin(backend));
              }
            })
        .prices(PRICES)
        .build();
  }

  private Client ask(Gateway gateway, PromptKey key) {
    return Client.send(gateway, Fakes.request(world.time, "r", key, CacheMode.DEFAULT));
  }

  private static double micros(Client client) {
    return client.outcome == null ? -1 : client.outcome.costUsd() * 1e6;
  }

  @Test
  void ofIdenticalRequestsTheFirstPaysAndAHitIsFree() {
    Gateway gateway =
        gateway(p -> p.cache(world.cache()), new Scripted("a", self -> self.streams(3, millis(5))));
    Client first = ask(gateway, new PromptKey(1, 1));
    Client joined = ask(gateway, new PromptKey(1, 1));
    world.time.run();
    Client hit = ask(gateway, new PromptKey(1, 1));
    world.time.run();
    assertEquals("joined", joined.header("x-forebay-cache"));
    assertEquals("hit", hit.header("x-forebay-cache"));
    assertEquals(40, micros(first), 1e-9);
    assertEquals(0, micros(joined), 1e-9);
    assertEquals(0, micros(hit), 1e-9);
    assertEquals(40_000L, gateway.counters().get("cost.nanodollars"));
  }

  @Test
  void aRefusedTryIsFreeAndACutOneCostsWhatItSaid() {
    Failure overloaded = Failure.overloaded(503, "overloaded", "too much");
    Gateway gateway =
        gateway(
            p -> p.retry(2),
            new Scripted("a", self -> self.fails(overloaded, 0)),
            new Scripted("b", self -> self.streams(9, millis(1), 2)));
    Client client = ask(gateway, new PromptKey(1, 1));
    world.time.run();
    assertEquals("cut", client.reason());
    assertEquals(30, micros(client), 1e-9, "the prompt, and two tokens");
    assertEquals(2L, gateway.counters().get("cost.calls"));
    assertEquals(30_000L, gateway.counters().get("cost.nanodollars"));
  }

  @Test
  void whoLeavesHasCausedCosts() {
    Gateway gateway = gateway(p -> {}, new Scripted("a", self -> self.streams(100, millis(10))));
    Client client = ask(gateway, new PromptKey(1, 1));
    world.time.after(millis(15), client::leave);
    world.time.run();
    assertEquals(30_000L, gateway.counters().get("cost.nanodollars"), "two tokens were sent");
  }

  @Test
  void aModelWithoutAPriceIsCountedAsSuch() {
    Gateway gateway =
        Gateway.builder(new Host(world.policies, 1))
            .pipeline(p -> p.backends(World.plugin(new Scripted("a", self -> self.streams(1, 0)))))
            .prices(Prices.DEEPSEEK)
            .build();
    Client client = ask(gateway, new PromptKey(1, 1));
    world.time.run();
    assertTrue(client.ok());
    assertEquals(1L, gateway.counters().get("cost.unpriced"));
  }
}
