package dev.forebay.spi.state;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What is known of an account.
 *
 * @param account its name
 * @param state null if it may be asked
 * @param why it is out; null if it is not
 * @param since when it is out, as ISO 8601 in UTC; null if it is not
 * @param forMillis for how long it is still throttled or in doubt, in milliseconds; null if it is
 *     neither
 * @param limit requests that it takes at once, as learned; null if it has refused none lately
 * @param inFlight requests under way on its endpoints; null without a limit
 */
public record AccountFigures(
    String account,
    @Nullable State state,
    @Nullable String why,
    @Nullable String since,
    @Nullable Long forMillis,
    @Nullable Integer limit,
    @Nullable Integer inFlight) {

  /** Why an account is not asked, or only after others. */
  public enum State {
    /** It has no balance, or its key is wrong: until it is reloaded. */
    OUT,
    /** Its limit is reached, for as long as it said. */
    THROTTLED,
    /** It refused a request, perhaps for what the request says: others are asked first. */
    DOUBTFUL;

    /** As JSON has it: lower case. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
