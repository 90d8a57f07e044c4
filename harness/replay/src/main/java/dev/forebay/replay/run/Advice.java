package dev.forebay.replay.run;

/**
 * What callers made of a {@code Retry-After}: how true the advice was.
 *
 * @param followed tries that began at the moment that a refusal had named
 * @param wrong those of them that ended before the head of an answer
 */
public record Advice(long followed, long wrong) {

  /** The share of the advice that was wrong, 0 to 1; 0 if nobody followed any. */
  public double wrongShare() {
    return followed == 0 ? 0 : (double) wrong / followed;
  }
}
