package dev.forebay.servers;

/** What a scripted answer is to the caller who asked for it, from best to worst. */
public enum Verdict {
  /** The right answer, whole: the caller gets it. */
  GOOD,
  /** Right in what it says, odd in how: a gateway may take it or refuse it. */
  EITHER,
  /** Not the answer: no caller may get it as a complete one, no cache may keep it. */
  BROKEN;

  /** The worse of two. */
  Verdict and(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
