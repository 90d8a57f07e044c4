package dev.forebay.spi.ledger;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * The keys and budgets that gateways share. Its futures complete on the gateway's timeline, within
 * 30 s. What it says is the newest: it is not read from a copy that lags.
 */
public interface KeyRegister {

  /** Keys that are kept at most, revoked ones included; as many budgets. */
  int MOST = 100_000;

  /** Budgets of which parts are asked for at once, at most. */
  int MOST_REQUESTS = 100;

  /**
   * All that holds now.
   *
   * @param seen the version that the asker has; -1 if it has none
   * @return empty if it is still that version
   */
  Future<Optional<Known>> known(long seen);

  /**
   * Issues a key.
   *
   * @param by the name of the person, for the list of changes
   * @return fails with {@link IllegalArgumentException} if its id or its hash is there already
   */
  Future<Void> issue(IssuedKey key, String by);

  /** Revokes a key, for good; false if there is none that holds. */
  Future<Boolean> revoke(String id, String by);

  /** Sets a budget, or ends it if its limit is {@link Budget#NONE}. */
  Future<Void> limit(Budget budget, String by);

  /**
   * Lets a gateway spend parts of budgets, which no other may spend then. Each month is for itself.
   *
   * @param gateway its name, 1 to 64 characters, which no other has, nor an earlier start of the
   *     same gateway, unless it knows what that spent
   * @param requests what it spent of each, and what it wants to be allowed; at most {@value
   *     #MOST_REQUESTS}
   * @return what it is allowed now, of those budgets that are there
   */
  Future<List<Grant>> grant(String gateway, List<Request> requests);

  /** The newest changes, the newest first. */
  Future<List<Change>> changes(int most);

  /**
   * What holds.
   *
   * @param version grows with each change
   * @param keys keys that are not revoked
   * @param budgets their limits
   */
  record Known(long version, List<IssuedKey> keys, List<Budget> budgets) {
    /** Nothing. */
    public static final Known NOTHING = new Known(-1, List.of(), List.of());

    /** Copies. */
    public Known {
      keys = List.copyOf(keys);
      budgets = List.copyOf(budgets);
    }
  }

  /**
   * What a gateway asks of a budget.
   *
   * @param budget its id
   * @param month such as {@code 2026-11}
   * @param spent in this month; less than what it said before counts as that
   * @param more what it wants to be allowed beyond that; asking for less than it had gives the rest
   *     back
   */
  record Request(String budget, String month, long spent, long more) {}

  /**
   * What a gateway may spend of a budget.
   *
   * @param budget its id
   * @param month such as {@code 2026-11}
   * @param granted in this month, what it spent included
   * @param spent the most that it said
   * @param left what nobody has been granted yet
   */
  record Grant(String budget, String month, long granted, long spent, long left) {}

  /**
   * A change of a key or a budget.
   *
   * @param epochMillis when, in milliseconds since 1970 UTC
   * @param by the name of the person
   * @param what such as {@code revoke key alice}
   */
  record Change(long epochMillis, String by, String what) {}
}
