package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.limiting.RateLimit;
import dev.forebay.core.retrying.Hedge;
import dev.forebay.core.retrying.Retry;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.Traits;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Amount;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Standing;
import dev.forebay.spi.policy.RequestQueue;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What is taken for a request is settled once, with what it used, however it ends. */
class LimitSettlementTest {

  private static final PromptKey KEY = new PromptKey(1, 2);

  /** Requests of this test have a prompt and a bound of 10 tokens each. */
  private static final Amount EXPECTED = new Amount(1, 20, 0);

  private final List<Amount> expected = new ArrayList<>();
  private final List<Amount> used = new ArrayList<>();
  private long waitNanos;
  private boolean refuses;

  /** Notes what it is asked for and told. */
  private final class Noting implements RateLimiter {
    @Override
    public Future<Decision> acquire(RequestInfo request, Amount amount) {
      if (refuses) {
        return Future.succeededFuture(new Refuse("rate_limited", millis(1_500), "tpm"));
      }
      expected.add(amount);
      boolean[] settled = {false};
      Reservation reservation =
          (settling, really) -> {
            assertTrue(!settled[0], "settled twice");
            settled[0] = true;
            assertEquals(request.id(), settling.id());
            used.add(really);
          };
      return Future.succeededFuture(
          waitNanos > 0 ? new Delay(reservation, waitNanos) : new Admit(reservation));
    }

    @Override
    public List<Standing> standing(RequestInfo request) {
      return List.of(new Standing("tpm", Quantity.TOKENS, 100, millis(60_000), 40, millis(36_000)));
    }
  }

  private World world(Function<Pipeline, Pipeline> below, Scripted... backends) {
    RateLimiter noting = new Noting();
    return new World(1, backends)
        .build(
            p ->
                below.apply(
                    p.rateLimit(NamedPlugin.of(RateLimiter.class, "noting", context -> noting))));
  }

  private static Scripted answering() {
    return new Scripted("a", self -> self.answers(7, millis(10)));
  }

  private void settled(Amount... amounts) {
    assertEquals(List.of(amounts), used);
    assertEquals(used.size(), expected.size());
  }

  @Test
  void aWholeAnswer() {
    World world = world(p -> p, whole());
    Client client = world.send(KEY);
    world.settle();
    assertTrue(client.ok());
    assertEquals(List.of(EXPECTED), expected);
    settled(new Amount(1, 17, 0));
  }

  /** One whose answers say what they used. */
  private static Scripted whole() {
    return whole("a");
  }

  private static Scripted whole(String id) {
    return new Scripted(
        id,
        self ->
            request ->
                self.answers(7, millis(10))
                    .apply(
                        request.with(
                            request.info().withTraits(new Traits(Double.NaN, false, true)))));
  }

  @Test
  void anAnswerWithoutUsageStandsAsExpected() {
    World world = world(p -> p, answering());
    world.send();
    world.settle();
    settled(Amount.REQUEST);
  }

  @Test
  void aFailureBeforeContentUsesNoTokens() {
    Failure failure = Failure.overloaded(503, "overloaded", "busy");
    World world = world(p -> p, new Scripted("a", self -> self.fails(failure, millis(5))));
    world.send();
    world.settle();
    settled(new Amount(1, 0, 0));
  }

  @Test
  void aCutStreamStandsAsExpected() {
    World world = world(p -> p, new Scripted("a", self -> self.streams(5, millis(5), 2)));
    world.send();
    world.settle();
    settled(Amount.REQUEST);
  }

  @Test
  void callersThatLeaveInEachPlace() {
    World world = world(p -> p.admit(permits(), queue()), answering());
    Client streaming = world.send();
    Client queued = world.send();
    world.time.runUntil(millis(15));
    queued.leave();
    world.time.runUntil(millis(25));
    streaming.leave();
    waitNanos = millis(50);
    Client waiting = world.send();
    world.time.runUntil(millis(30));
    waiting.leave();
    world.settle();
    settled(new Amount(1, 0, 0), Amount.REQUEST, Amount.NONE);
  }

  private final Fakes.Permits permits = new Fakes.Permits(1);
  private final Fakes.Line line = new Fakes.Line(1);

  private Plugin<ConcurrencyLimiter> permits() {
    return NamedPlugin.of(ConcurrencyLimiter.class, "permits", context -> permits);
  }

  private Plugin<RequestQueue> queue() {
    return NamedPlugin.of(RequestQueue.class, "line", context -> line);
  }

  @Test
  void aFullQueueGivesAllBack() {
    World world = world(p -> p.admit(permits(), queue()), answering());
    world.send();
    world.send();
    Client shed = world.send();
    world.settle();
    assertEquals(Status.SATURATED, shed.status());
    settled(Amount.NONE, Amount.REQUEST, Amount.REQUEST);
  }

  @Test
  void aSecondLimitThatRefusesGivesBackWhatTheFirstTook() {
    RateLimiter never =
        (request, amount) ->
            Future.succeededFuture(new RateLimiter.Refuse("rate_limited", 1, "second"));
    World world =
        world(
            p -> p.rateLimit(NamedPlugin.of(RateLimiter.class, "never", context -> never)),
            answering());
    world.send();
    world.settle();
    settled(Amount.NONE);
  }

  @Test
  void aHitAndAJoinedAnswerAreRequestsWithoutTokens() {
    World cached = new World(1);
    World world = world(p -> p.cache(cached.cache()), whole());
    world.send(KEY);
    world.time.runUntil(millis(15));
    world.send(KEY);
    world.settle();
    world.send(KEY);
    world.settle();
    assertEquals(1, world.backends.get(0).calls.size());
    assertEquals(3, used.size());
    assertEquals(new Amount(1, 0, 0), used.get(2), "the hit");
    assertEquals(
        1, used.stream().filter(each -> each.tokens() == 17).count(), "one of them pays: " + used);
  }

  @Test
  void aHedgeIsTheAnswerThatCame() {
    Scripted slow = new Scripted("a", self -> self.speaks(millis(900), 2, millis(10)));
    World world =
        world(
            p -> p.stage(new Hedge(Duration.ofMillis(50), 0.95, 100, Duration.ZERO, 1, 1, false)),
            slow,
            whole("b"));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertEquals(1, slow.calls.size());
    settled(new Amount(1, 17, 0));
  }

  @Test
  void aRetryIsOneRequest() {
    Failure failure = Failure.overloaded(503, "overloaded", "busy");
    World world =
        world(
            p -> p.stage(Retry.attempts(3)),
            new Scripted("a", self -> self.fails(failure, millis(5))),
            whole("b"));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    settled(new Amount(1, 17, 0));
  }

  @Test
  void answersSayHowTheLimitsStand() {
    World world = world(p -> p, answering());
    Client client = world.send();
    world.settle();
    assertEquals("100", client.header("x-ratelimit-limit-tokens"));
    assertEquals("40", client.header("x-ratelimit-remaining-tokens"));
    assertEquals("36s", client.header("x-ratelimit-reset-tokens"));
    assertEquals("\"tpm\";r=40;t=36", client.header("ratelimit"));
  }

  @Test
  void refusalsNameTheLimitAndTheAdvice() {
    refuses = true;
    World world = world(p -> p, answering());
    Client client = world.send();
    world.settle();
    Failure why = Objects.requireNonNull(client.failure);
    assertEquals("rate_limited", why.reason());
    assertEquals(millis(1_500), why.retryAfterNanos());
    assertEquals("tpm", why.headers().get("x-forebay-limit"));
    assertEquals("\"tpm\";r=40;t=2", why.headers().get("ratelimit"));
    assertEquals(
        "the limit tpm is reached: 100 tokens in 1m0s; the same request passes in 1.5s",
        why.getMessage());
  }

  @Test
  void headersCanBeLeftOut() {
    World world = new World(1, answering());
    RateLimiter noting = new Noting();
    world.build(
        p ->
            p.stage(
                RateLimit.by(NamedPlugin.of(RateLimiter.class, "noting", context -> noting))
                    .withHeaders(false)));
    Client client = world.send();
    world.settle();
    assertEquals("null", client.header("ratelimit"));
  }

  @Test
  void nothingConfiguredIsNothingLimited() {
    World world = new World(1, answering()).build(p -> {});
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      clients.add(world.send());
    }
    world.settle();
    assertTrue(clients.stream().allMatch(Client::ok));
    assertEquals("null", clients.get(0).header("ratelimit"));
  }
}
