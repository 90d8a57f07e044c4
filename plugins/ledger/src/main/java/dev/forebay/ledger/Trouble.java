package dev.forebay.ledger;

import org.jspecify.annotations.Nullable;

/** Something that fails for a while: the log has a line when it begins to, and when it ends. */
final class Trouble {

  private static final System.Logger LOG = System.getLogger(Trouble.class.getName());

  private final String begins;
  private final String ends;
  private boolean lasts;

  /**
   * None yet.
   *
   * @param begins what does not work, and what holds meanwhile
   * @param ends what works again
   */
  Trouble(String begins, String ends) {
    this.begins = begins;
    this.ends = ends;
  }

  /** It failed for a reason, or null: it did not fail. */
  void is(@Nullable Throwable why) {
    if (why != null && !lasts) {
      LOG.log(System.Logger.Level.WARNING, "ledger: {0}: {1}", begins, why.getMessage());
    } else if (why == null && lasts) {
      LOG.log(System.Logger.Level.INFO, "ledger: {0}", ends);
    }
    lasts = why != null;
  }

  boolean lasts() {
    return lasts;
  }
}
