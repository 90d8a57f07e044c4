package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.core.cost.ModelPrice;
import dev.forebay.core.cost.Prices;
import dev.forebay.core.cost.Tariff;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import java.time.DayOfWeek;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What spills over to another group only fits there: by length, by consent, by price. */
class FittingTest {

  private static final Restrictions CONSENTING =
      new Restrictions(List.of("open", "other"), 0, Prices.NONE);

  private final World world = new World(1);
  private final Scripted remote = new Scripted("remote", self -> self.streams(3, millis(10)));
  private final Scripted local = new Scripted("local", self -> self.streams(3, millis(10)));

  private Gateway gateway(Prices prices, Consumer<Pipeline> description) {
    return Gateway.builder(new Host(world.policies, 1))
        .pipeline(description)
        .prices(prices)
        .build();
  }

  private Gateway spilling() {
    BalancingService.Options options =
        new BalancingService.Options(0.25, Duration.ofMinutes(2), Duration.ZERO, 0.1, 1, 1);
    return gateway(
        Prices.NONE,
        p ->
            p.balancing(options)
                .backend(World.plugin(remote), 1, 0)
                .backend(World.plugin(local), 1, 1));
  }

  private Client ask(Gateway gateway, String tenant, int promptTokens) {
    InferenceRequest request = Fakes.request(world.time, "r");
    RequestInfo plain = request.info();
    RequestInfo info =
        plain
            .withCaller(new Caller("127.0.0.1", "", tenant, "", ""))
            .withPrompt(promptTokens, null, plain.prefix());
    return Client.send(gateway, request.with(info));
  }

  private List<Integer> calls() {
    return List.of(remote.calls.size(), local.calls.size());
  }

  private static Failure failure(Client client) {
    assertNotNull(client.failure);
    return client.failure;
  }

  @Test
  void aPromptThatIsTooLongForTheNextGroupStaysWhereItIs() {
    local.longest = 100;
    Gateway gateway = spilling();
    ask(gateway, "open", 50);
    ask(gateway, "open", 50);
    assertEquals(List.of(1, 1), calls(), "the second is beyond the spill-over");
    ask(gateway, "open", 500);
    ask(gateway, "open", 500);
    assertEquals(
        List.of(3, 1), calls(), "full as it is, the first group takes what fits nowhere else");
    world.time.run();
  }

  @Test
  void whatFitsOnlyWhereNobodyIsUpIsToComeBackAndNotMisled() {
    local.longest = 100;
    Gateway gateway = spilling();
    gateway.drain("default", "remote");
    world.time.run();
    Client client = ask(gateway, "open", 500);
    world.time.run();
    assertEquals(List.of(0, 0), calls());
    assertEquals(503, failure(client).httpStatus());
    assertTrue(failure(client).retryAfterNanos() > 0);
  }

  @Test
  void whereNoneFitsABackendSaysWhyNot() {
    local.longest = 100;
    remote.longest = 100;
    ask(spilling(), "open", 500);
    assertEquals(List.of(1, 0), calls());
    world.time.run();
  }

  @Test
  void whatDoesNotFitDoesNotBarItsAccountInARetry() {
    Failure throttled = Failure.of(Status.THROTTLED, 429, "throttled", "");
    Failure overloaded = Failure.overloaded(503, "overloaded", "");
    Scripted small = new Scripted("small", "one", self -> self.streams(1, 0));
    Scripted large =
        new Scripted(
            "large",
            "one",
            self ->
                request ->
                    (self.calls.size() == 1 ? self.fails(throttled, 0) : self.streams(1, 0))
                        .apply(request));
    Scripted broken = new Scripted("broken", "two", self -> self.fails(overloaded, 0));
    Scripted last = new Scripted("last", "three", self -> self.streams(1, 0));
    small.longest = 100;
    Gateway gateway =
        gateway(
            Prices.NONE,
            p -> {
              p.retry(2).balance(world.balancer());
              List.of(small, broken, large, last).forEach(one -> p.backends(World.plugin(one)));
            });
    Client first = ask(gateway, "open", 500);
    world.time.run();
    assertEquals("throttled", first.reason(), "now the account of small and large has a limit");
    Client second = ask(gateway, "open", 500);
    world.time.run();
    assertTrue(second.ok(), second.reason());
    assertEquals(0, small.calls.size());
    assertEquals(2, large.calls.size(), "it has room, and did not fail this request");
    assertEquals(0, last.calls.size());
  }

  @Test
  void whoDidNotConsentIsServedByOthersOrNotAtAll() {
    Gateway gateway =
        gateway(
            Prices.NONE,
            p ->
                p.backend(World.plugin(remote), 1, 0, CONSENTING)
                    .backend(World.plugin(local), 1, 1));
    ask(gateway, "open", 10);
    ask(gateway, "clinic", 10);
    assertEquals(List.of(1, 1), calls());
    gateway.drain("default", "local");
    world.time.run();
    Client later = ask(gateway, "clinic", 10);
    world.time.run();
    assertEquals(503, failure(later).httpStatus(), "it may come back");
    assertEquals(List.of(1, 1), calls(), "load and health are no consent");
  }

  @Test
  void aTenantWhomNoMemberMayServeIsToldSo() {
    Gateway gateway = gateway(Prices.NONE, p -> p.backend(World.plugin(remote), 1, 0, CONSENTING));
    Client client = ask(gateway, "clinic", 10);
    world.time.run();
    assertEquals(403, failure(client).httpStatus());
    assertEquals("not_allowed", failure(client).reason());
    assertEquals(List.of(0, 0), calls());
  }

  @Test
  void aGroupIsLeftWhileItsPriceIsAboveTheMost() {
    List<DayOfWeek> days = List.of(DayOfWeek.values());
    ModelPrice price =
        new ModelPrice(null, 1, 2, List.of(new Tariff(List.of("00:00-01:00"), days, List.of(), 2)));
    Prices prices = new Prices(Prices.Preset.NONE, Map.of("m", price), null, null, null, false);
    Gateway gateway =
        gateway(
            prices,
            p ->
                p.backend(World.plugin(remote), 1, 0, new Restrictions(List.of(), 3, Prices.NONE))
                    .backend(World.plugin(local), 1, 1));
    long untilMidnight = 86_400_000L - world.time.epochMillis() % 86_400_000L;
    world.time.after(millis((int) untilMidnight + 60_000), () -> ask(gateway, "open", 10));
    world.time.run();
    assertEquals(List.of(0, 1), calls(), "4 dollars at the peak");
    world.time.after(millis(7_200_000), () -> ask(gateway, "open", 10));
    world.time.run();
    assertEquals(List.of(1, 1), calls(), "2 dollars after it");
    gateway.drain("default", "local");
    long day = 86_400_000L - world.time.epochMillis() % 86_400_000L;
    world.time.after(millis((int) day + 60_000), () -> ask(gateway, "open", 10));
    world.time.run();
    assertEquals(List.of(2, 1), calls(), "where no other can, it is paid");
  }
}
