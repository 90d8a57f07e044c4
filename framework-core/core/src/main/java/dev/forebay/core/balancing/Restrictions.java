package dev.forebay.core.balancing;

import dev.forebay.core.cost.Prices;
import dev.forebay.spi.RequestInfo;
import java.util.List;

/**
 * Which requests a member of a pool may take, beside what its backend can do.
 *
 * @param tenants whose requests it may take; empty for all. What leaves nobody is refused: consent
 *     is not a matter of load.
 * @param maxPrice US dollars per million tokens of answers above which others are asked first; 0
 *     for any
 * @param prices what tokens cost
 */
public record Restrictions(List<String> tenants, double maxPrice, Prices prices) {

  /** Any request, at any price. */
  public static final Restrictions NONE = new Restrictions(List.of(), 0, Prices.NONE);

  /** Copies. */
  public Restrictions {
    tenants = List.copyOf(tenants);
  }

  /** These terms, by other prices. */
  public Restrictions by(Prices other) {
    return new Restrictions(tenants, maxPrice, other);
  }

  /** Whether these are no terms at all. */
  boolean any() {
    return tenants.isEmpty() && maxPrice == 0;
  }

  boolean allow(RequestInfo request) {
    return tenants.isEmpty() || tenants.contains(request.caller().tenant());
  }

  boolean afford(RequestInfo request, long epochMillis) {
    return maxPrice == 0 || prices.of(request.model(), epochMillis).output() <= maxPrice;
  }
}
