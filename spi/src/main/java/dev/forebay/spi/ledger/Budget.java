package dev.forebay.spi.ledger;

import java.util.Locale;

/**
 * What a tenant or a key may use in a month of the calendar, in UTC.
 *
 * @param scope whose requests count
 * @param of the tenant or the id of the key, 1 to 64 characters, without blanks at its ends
 * @param unit what counts
 * @param limit tokens, or billionths of a US dollar, in a month; 0 to {@link #MOST}, or {@link
 *     #NONE}
 */
public record Budget(Scope scope, String of, Unit unit, long limit) {

  /** No limit: the budget goes. */
  public static final long NONE = -1;

  /** The largest limit: so that what is spent beyond it can still be counted. */
  public static final long MOST = 1_000_000_000_000_000_000L;

  /** Whose requests count. */
  public enum Scope {
    /** Those of a tenant. */
    TENANT,
    /** Those of a key. */
    KEY
  }

  /** What counts. */
  public enum Unit {
    /** Tokens of prompts and answers that were made for the request. */
    TOKENS,
    /** Money, in billionths of a US dollar. */
    NANODOLLARS
  }

  /** Checks. */
  public Budget {
    if (limit < NONE || limit > MOST) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: 0 to " + MOST + ")");
    }
    if (of.isBlank() || of.length() > 64 || !of.equals(of.strip())) {
      throw new IllegalArgumentException(
          "budget of: " + of + " (expected: 1 to 64 characters, no blanks at its ends)");
    }
  }

  /** Its id, such as {@code tenant:nanodollars:acme}. */
  public String id() {
    return (scope + ":" + unit + ":").toLowerCase(Locale.ROOT) + of;
  }
}
