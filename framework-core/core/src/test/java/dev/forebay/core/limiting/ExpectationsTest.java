package dev.forebay.core.limiting;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.cost.Prices;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Outcome.Timings;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.RateLimiter.Amount;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpectationsTest {

  private static final Timings SPOKE = new Timings(0, 5, 10);
  private static final Timings SILENT = new Timings(0, -1, 10);

  private final Expectations expectations = new Expectations(Prices.NONE, 0.95, 1_000);

  private static RequestInfo request(String tenant, String model, Operation operation, int bound) {
    return RequestInfo.chat("r", model, new Caller("192.0.2.1", "", tenant, "", ""), 0)
        .withOperation(operation)
        .withPromptTokens(100)
        .withMaxOutputTokens(bound);
  }

  private static RequestInfo chat(String tenant, int bound) {
    return request(tenant, "m", Operation.CHAT, bound);
  }

  private static Outcome ok(int tokens) {
    return Outcome.ok(new Usage(100, 0, tokens, 0), SPOKE);
  }

  private long tokens(RequestInfo request) {
    return expectations.of(request, 0).tokens();
  }

  @Test
  void aBoundOfTheCallersIsExpectedInFull() {
    assertEquals(new Amount(1, 150, 0), expectations.of(chat("t", 50), 0));
    assertEquals(1_100, tokens(chat("t", 0)), "no bound, and nothing known");
    assertEquals(100, tokens(request("t", "m", Operation.EMBEDDING, 0)), "no answer");
  }

  @Test
  void withoutABoundItIsLearnedForEachTenantModelAndOperation() {
    for (int i = 1; i <= 100; i++) {
      expectations.learn(chat("t", 0), ok(i));
    }
    long learned = tokens(chat("t", 0)) - 100;
    assertTrue(learned >= 95 && learned <= 101, "95 % of 1 to 100: " + learned);
    assertEquals(1_100, tokens(chat("other", 0)));
    assertEquals(1_100, tokens(request("t", "other", Operation.CHAT, 0)));
    assertEquals(1_100, tokens(request("t", "m", Operation.COMPLETION, 0)));
  }

  @Test
  void onlyWholeAnswersWithoutABoundTeach() {
    Usage usage = new Usage(100, 0, 7, 0);
    for (int i = 0; i < 100; i++) {
      expectations.learn(chat("t", 50), ok(7));
      expectations.learn(chat("t", 0), Outcome.ok(new Usage(0, 0, 7, 0), SPOKE));
      expectations.learn(chat("t", 0), Outcome.ok(usage.asReplay(), SPOKE));
      expectations.learn(chat("t", 0), Outcome.failed(Failure.cancelled(), usage, SPOKE));
    }
    assertEquals(1_100, tokens(chat("t", 0)));
  }

  /** What is stated: about one in twenty is longer than expected. */
  @Test
  void theChanceOfGoingOverIsAsStated() {
    SplittableRandom chance = new SplittableRandom(7);
    int over = 0;
    int asked = 20_000;
    for (int i = 0; i < asked; i++) {
      int tokens = (int) Math.exp(5 + 1.2 * chance.nextGaussian());
      over += i >= 256 && tokens > tokens(chat("t", 0)) - 100 ? 1 : 0;
      expectations.learn(chat("t", 0), ok(tokens));
    }
    double share = (double) over / (asked - 256);
    assertTrue(share > 0.03 && share < 0.06, "went over: " + share);
  }

  @Test
  void theTableIsBounded() {
    for (int i = 0; i < 5_000; i++) {
      for (int j = 0; j < 20; j++) {
        expectations.learn(chat("t" + i, 0), ok(5));
      }
    }
    assertEquals(1_100, tokens(chat("t0", 0)), "forgotten");
    assertTrue(tokens(chat("t4999", 0)) < 110);
  }

  @Test
  void moneyIsThatOfTheWholeExpectation() {
    Prices prices = new Prices(Prices.Preset.NONE, Map.of(), null, 1.0, 2.0, false);
    Expectations priced = new Expectations(prices, 0.95, 1_000);
    assertEquals(new Amount(1, 150, 200_000), priced.of(chat("t", 50), 0));
  }

  @ParameterizedTest
  @CsvSource({
    // status, prompt and completion tokens said, replayed, spoke, reached, requests, tokens
    "OK, 100, 7, false, true, true, 1, 107",
    "OK, 100, 0, false, true, true, 1, 100",
    "OK, 0, 7, false, true, true, 1, -1",
    "OK, 100, 7, true, true, true, 1, 0",
    "CANCELLED, 0, 3, false, true, true, 1, -1",
    "CANCELLED, 100, 3, false, true, true, 1, 103",
    "CANCELLED, 0, 0, false, false, true, 1, -1",
    "CANCELLED, 0, 0, false, false, false, 1, 0",
    "TIMED_OUT, 0, 0, false, false, true, 1, -1",
    "TIMED_OUT, 0, 0, false, false, false, 1, 0",
    "STALLED, 0, 0, false, false, true, 1, -1",
    "OVERLOADED, 0, 0, false, false, true, 1, 0",
    "OVERLOADED, 0, 5, false, true, true, 1, -1",
    "CALLER_FAULT, 0, 0, false, false, true, 1, 0",
    "CONTEXT_LENGTH, 0, 0, false, false, true, 1, 0",
    "MODEL_MISSING, 0, 0, false, false, true, 1, 0",
    "ACCOUNT_OUT, 0, 0, false, false, true, 1, 0",
    "THROTTLED, 0, 0, false, false, true, 1, 0",
    "INTERNAL, 0, 0, false, false, false, 1, 0",
    "REFUSED, 0, 0, false, false, false, 0, 0",
    "SATURATED, 0, 0, false, false, false, 0, 0",
    "SATURATED, 0, 5, false, true, true, 1, -1",
  })
  void everyEndingUsesWhatItUsed(
      Status status,
      int prompt,
      int completion,
      boolean replayed,
      boolean spoke,
      boolean reached,
      long requests,
      long tokens) {
    Usage usage = new Usage(prompt, 0, completion, 0, replayed);
    Failure failure = status == Status.OK ? null : Failure.of(status, 500, "x", "x");
    Outcome outcome = new Outcome(status, usage, spoke ? SPOKE : SILENT, failure);
    Amount used = Expectations.used(outcome, reached);
    assertEquals(requests, used.requests());
    assertEquals(tokens, used.tokens());
  }
}
