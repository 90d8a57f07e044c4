package dev.forebay.limiting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.stream.Streams;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.limiting.leakybucket.LeakyBucket;
import dev.forebay.limiting.limits.Limits;
import dev.forebay.limiting.quota.Quota;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.slidingwindow.SlidingWindow;
import dev.forebay.limiting.tokenbucket.TokenBucket;
import dev.forebay.simulation.Simulated;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.LongConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole gateways in virtual time, with callers who keep to what they are told, and who do not. */
class LimitedGatewayTest {

  private static final long SECOND = 1_000_000_000;
  private static final int PROMPT = 100;

  private final VirtualTimeline time = new VirtualTimeline(1_790_000_000_000L);
  private final SplittableRandom chance = new SplittableRandom(42);
  private int sent;

  /** What became of the requests of a tenant. */
  private static final class Tally {
    int sent;
    int answered;
    int refused;
    int failed;
    int advised;
    int wrong;
    long tokens;
  }

  private final Map<String, Tally> tallies = new TreeMap<>();

  private Gateway gateway(Plugin<RateLimiter> limiter) {
    return Gateway.builder(new Host(time, 1))
        .pipeline(p -> p.rateLimit(limiter).backends(Options.defaults(Simulated.class)))
        .build();
  }

  private Tally of(String tenant) {
    return tallies.computeIfAbsent(tenant, absent -> new Tally());
  }

  /** Sends a request; {@code refused} is told what it is advised. */
  private void send(
      Gateway gateway, String tenant, int bound, Runnable done, LongConsumer refused) {
    Tally tally = of(tenant);
    tally.sent++;
    RequestInfo info =
        RequestInfo.chat(
                "r" + sent++, "m", new Caller("192.0.2.1", tenant, tenant, "", ""), time.nanos())
            .withPromptTokens(PROMPT)
            .withMaxOutputTokens(bound);
    Call call = Call.root(time);
    gateway
        .serve(new InferenceRequest(info, Buffer.buffer(), call, Attempt.FIRST))
        .onComplete(
            head -> {
              if (head.failed()) {
                call.end();
                Failure why = Failure.from(head.cause());
                if (why.status() == Status.REFUSED) {
                  tally.refused++;
                  refused.accept(why.retryAfterNanos());
                } else {
                  tally.failed++;
                  done.run();
                }
                return;
              }
              head.result()
                  .tokens()
                  .outcome()
                  .onSuccess(outcome -> tally.tokens += outcome.usage().totalTokens());
              Streams.forEach(head.result().tokens(), chunk -> {})
                  .onComplete(
                      read -> {
                        call.end();
                        tally.answered += read.succeeded() ? 1 : 0;
                        tally.failed += read.succeeded() ? 0 : 1;
                        done.run();
                      });
            });
  }

  /** Asks at a rate, whatever it is told. */
  private void flood(Gateway gateway, String tenant, long everyNanos, int bound, long until) {
    if (time.nanos() < until) {
      send(gateway, tenant, bound, () -> {}, wait -> {});
      time.after(everyNanos, () -> flood(gateway, tenant, everyNanos, bound, until));
    }
  }

  /** One caller: a request after the other, and after a refusal when it was told to. */
  private void obey(Gateway gateway, String tenant, boolean advised, long until) {
    if (time.nanos() >= until) {
      return;
    }
    int bound = chance.nextInt(3) == 0 ? 0 : 1 + chance.nextInt(400);
    obey(gateway, tenant, bound, advised, until);
  }

  private void obey(Gateway gateway, String tenant, int bound, boolean advised, long until) {
    Tally tally = of(tenant);
    tally.advised += advised ? 1 : 0;
    send(
        gateway,
        tenant,
        bound,
        () -> time.after(chance.nextLong(SECOND / 10), () -> obey(gateway, tenant, false, until)),
        wait -> {
          tally.wrong += advised ? 1 : 0;
          time.after(wait, () -> obey(gateway, tenant, bound, true, until));
        });
  }

  /** The window of tokens does not bind here: 600 requests of 164 tokens are expected a minute. */
  @Test
  void aNoisyNeighbourCostsOthersNothing() {
    Gateway gateway =
        gateway(
            Limits.of(
                TokenBucket.per(Per.TENANT).withName("rps").withRate(10).withBurst(5),
                SlidingWindow.tokensPerMinute(120_000).withName("tpm")));
    long until = 600 * SECOND;
    flood(gateway, "noisy", SECOND / 200, 64, until);
    flood(gateway, "quiet", SECOND / 2, 64, until);
    time.run();

    Tally noisy = of("noisy");
    Tally quiet = of("quiet");
    assertEquals(quiet.sent, quiet.answered, quiet.refused + " refused, " + quiet.failed);
    assertEquals(0, noisy.failed);
    assertTrue(noisy.answered <= 10 * 600 + 5, noisy.answered + " answers");
    assertTrue(noisy.answered >= 0.95 * 10 * 600, noisy.answered + " answers");
    assertTrue(noisy.refused > 100_000, noisy.refused + " refused");
  }

  /**
   * Tokens are what binds. In a window, what is held and not used is lost for others meanwhile, so
   * requests name their bounds there; elsewhere their lengths are learned.
   */
  @ParameterizedTest
  @MethodSource("tokenLimits")
  void aTenantAloneReachesItsLimit(String name, int bound, Plugin<RateLimiter> limiter) {
    Gateway gateway = gateway(limiter);
    long until = 1_800 * SECOND;
    flood(gateway, "alone", SECOND / 20, bound, until);
    time.run();

    long limit = 30 * 60_000;
    long tokens = of("alone").tokens;
    assertTrue(tokens >= 0.95 * limit, name + ": " + tokens + " of " + limit);
    assertTrue(tokens <= 1.05 * limit + 60_000, name + ": " + tokens + " of " + limit);
  }

  static Stream<Arguments> tokenLimits() {
    return Stream.of(
        Arguments.of("window", 64, SlidingWindow.tokensPerMinute(60_000)),
        Arguments.of(
            "bucket",
            0,
            TokenBucket.per(Per.TENANT)
                .withOf(Quantity.TOKENS)
                .withRate(60_000)
                .withInterval(Duration.ofMinutes(1))
                .withBurst(60_000)),
        Arguments.of(
            "pace",
            0,
            LeakyBucket.defaults()
                .withPer(Per.TENANT)
                .withOf(Quantity.TOKENS)
                .withRate(60_000)
                .withInterval(Duration.ofMinutes(1))));
  }

  @ParameterizedTest
  @MethodSource("limits")
  void aTryAtTheAdvisedMomentSucceeds(String name, Plugin<RateLimiter> limiter) {
    Gateway gateway = gateway(limiter);
    long until = 7_200 * SECOND;
    for (int i = 0; i < 5; i++) {
      obey(gateway, "t" + i, false, until);
    }
    time.run();

    int advised = tallies.values().stream().mapToInt(each -> each.advised).sum();
    int wrong = tallies.values().stream().mapToInt(each -> each.wrong).sum();
    assertTrue(advised >= 100, name + ": advised " + advised + " times only");
    assertTrue(wrong <= 0.05 * advised, name + ": " + wrong + " of " + advised + " were wrong");
  }

  static Stream<Arguments> limits() {
    TokenBucket rps = TokenBucket.per(Per.KEY).withRate(0.5).withBurst(2).withName("rps");
    SlidingWindow tpm = SlidingWindow.tokensPerMinute(3_000).withName("tpm");
    Quota hourly =
        Quota.of(Quantity.TOKENS, 20_000, Quota.Period.HOUR).withPer(Per.GATEWAY).withName("tph");
    LeakyBucket pace =
        LeakyBucket.defaults()
            .withPer(Per.TENANT)
            .withRate(1)
            .withInterval(Duration.ofSeconds(4))
            .withMaxWait(Duration.ZERO);
    return Stream.of(
        Arguments.of("rps", rps),
        Arguments.of("tpm", tpm),
        Arguments.of("pace", pace),
        Arguments.of("rps and tpm", Limits.of(rps, tpm)),
        Arguments.of("all", Limits.of(rps, tpm, pace, hourly.withPer(Per.TENANT))));
  }
}
