package dev.forebay.core.limiting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.spi.Headers;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import dev.forebay.spi.policy.RateLimiter.Refuse;
import dev.forebay.spi.policy.RateLimiter.Standing;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitHeadersTest {

  private static final long SECOND = 1_000_000_000;

  private static final List<Standing> STANDING =
      List.of(
          new Standing("rps", Quantity.REQUESTS, 5, SECOND / 2, 4, SECOND / 10),
          new Standing("rpd", Quantity.REQUESTS, 1_000, 86_400 * SECOND, 2, 3_600 * SECOND),
          new Standing("tpm", Quantity.TOKENS, 150_000, 60 * SECOND, 149_984, 6 * SECOND),
          new Standing("usd", Quantity.MONEY, 50 * SECOND, 86_400 * SECOND, SECOND, SECOND));

  private static Map<String, String> map(Headers headers) {
    return headers.entries().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  @Test
  void answersSayHowTheTightestLimitOfEachQuantityStands() {
    Headers answer =
        Headers.of("content-type", "application/json")
            .with("X-RateLimit-Remaining-Requests", "an upstream's")
            .with("RateLimit", "\"upstream\";r=1");
    Map<String, String> told = map(LimitHeaders.on(answer, STANDING));
    assertEquals(
        Map.of(
            "content-type",
            "application/json",
            "x-ratelimit-limit-requests",
            "1000",
            "x-ratelimit-remaining-requests",
            "2",
            "x-ratelimit-reset-requests",
            "1h0m0s",
            "x-ratelimit-limit-tokens",
            "150000",
            "x-ratelimit-remaining-tokens",
            "149984",
            "x-ratelimit-reset-tokens",
            "6s",
            "ratelimit-policy",
            "\"rps\";q=5;w=1, \"rpd\";q=1000;w=86400, \"tpm\";q=150000;qu=\"tokens\";w=60",
            "ratelimit",
            "\"rps\";r=4;t=1, \"rpd\";r=2;t=3600, \"tpm\";r=149984;t=6"),
        told);
  }

  @Test
  void aRefusalNamesItsLimitAndItsResetIsTheAdvice() {
    Refuse refuse = new Refuse("rate_limited", 1_500_000_000, "tpm");
    Map<String, String> told = map(LimitHeaders.of(refuse, STANDING));
    assertEquals("tpm", told.get("x-forebay-limit"));
    assertEquals(
        "\"rps\";r=4;t=1, \"rpd\";r=2;t=3600, \"tpm\";r=149984;t=2", told.get("ratelimit"));
    assertEquals(
        "the limit tpm is reached: 150000 tokens in 1m0s; the same request passes in 1.5s",
        LimitHeaders.message(refuse, STANDING));
  }

  @Test
  void moneyIsToldToWhomItStops() {
    Refuse refuse = new Refuse("rate_limited", 60 * SECOND, "usd");
    assertEquals(
        "the limit usd is reached: $50 in 24h0m0s; the same request passes in 1m0s",
        LimitHeaders.message(refuse, STANDING));
  }

  @Test
  void aLimiterThatTellsNothingHasPlainAnswers() {
    Refuse refuse = new Refuse("rate_limited", SECOND, "");
    assertEquals(Map.of(), map(LimitHeaders.of(refuse, List.of())));
    assertEquals(
        "the caller's rate limit is reached; the same request passes in 1s",
        LimitHeaders.message(refuse, List.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0ms",
    "1, 1ms",
    "120000000, 120ms",
    "999999999, 1s",
    "1000000000, 1s",
    "1500000000, 1.5s",
    "59999999999, 1m0s",
    "360000000000, 6m0s",
    "361250000000, 6m1.25s",
    "3600000000000, 1h0m0s",
    "176400000000000, 49h0m0s",
  })
  void timesAreWrittenAsOpenAiDoes(long nanos, String text) {
    assertEquals(text, LimitHeaders.duration(nanos));
  }
}
