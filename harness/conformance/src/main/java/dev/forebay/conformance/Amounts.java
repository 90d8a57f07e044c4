package dev.forebay.conformance;

import dev.forebay.spi.policy.RateLimiter.Amount;
import java.util.List;

/** What {@link Requests} use. */
public final class Amounts {

  /** What each is expected to use: its prompt and the bound on its answer, for 0.1 cents. */
  public static final Amount EXPECTED =
      new Amount(1, Requests.PROMPT_TOKENS + Requests.MAX_OUTPUT_TOKENS, 1_000_000);

  /** What requests turn out to have used: as expected, less, more, nothing, or unknown. */
  public static final List<Amount> USED =
      List.of(
          EXPECTED,
          new Amount(1, 120, 700_000),
          new Amount(1, 500, 3_000_000),
          Amount.NONE,
          Amount.REQUEST,
          new Amount(1, 0, 0));

  private Amounts() {}
}
