package dev.forebay.replay.diff;

/**
 * What became of a figure of a combination.
 *
 * @param combination whose
 * @param figure its path in {@code report.json}
 * @param before mean over the seeds of the first report
 * @param after mean over the seeds of the second
 * @param difference after less before, in the mean
 * @param half half the width of the 95 % interval of the difference; infinite if there is none
 * @param verdict what that means
 */
public record Change(
    String combination,
    String figure,
    double before,
    double after,
    double difference,
    double half,
    Verdict verdict) {

  /** What a difference means. */
  public enum Verdict {
    /** Better, beyond chance. */
    BETTER("better"),
    /** Worse, beyond chance. */
    WORSE("worse"),
    /** Not different at all. */
    SAME("same"),
    /** Different, but that may be chance. */
    CANNOT_TELL("cannot tell");

    private final String words;

    Verdict(String words) {
      this.words = words;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  static Verdict verdict(double difference, double half, boolean more) {
    if (difference == 0 && (half == 0 || Double.isInfinite(half))) {
      return Verdict.SAME;
    }
    if (Math.abs(difference) <= half) {
      return Verdict.CANNOT_TELL;
    }
    return difference > 0 == more ? Verdict.BETTER : Verdict.WORSE;
  }
}
