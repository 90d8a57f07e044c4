package dev.forebay.core.retrying;

/**
 * A cap on a share: what is spent stays below a share of what was seen, both forgotten over the
 * last thousand requests or so. Over any number of requests the sum spent is at most the share of
 * the sum seen, because both are forgotten alike. Not safe from several threads.
 */
final class ShareCap {

  private static final double KEPT = 1 - 1.0 / 1000;

  private final double share;
  private double seen;
  private double spent;

  ShareCap(double share) {
    this.share = share;
  }

  /** A request of some weight came. */
  void seen(double weight) {
    seen = seen * KEPT + weight;
    spent *= KEPT;
  }

  /** Whether so much may be spent now. */
  boolean allows(double weight) {
    return spent + weight <= share * seen;
  }

  /** It was. */
  void spend(double weight) {
    spent += weight;
  }
}
