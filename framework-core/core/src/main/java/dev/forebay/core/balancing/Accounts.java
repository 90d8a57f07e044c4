package dev.forebay.core.balancing;

import dev.forebay.spi.state.AccountFigures;
import dev.forebay.spi.state.AccountFigures.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a pool's accounts, apart from its endpoints: a key that was refused or a balance
 * that is used up takes all endpoints of an account out until it is reloaded; a limit that was
 * reached, for as long as the upstream says. Where it does not say, as DeepSeek does not, the limit
 * is learned from what was in flight when it refused, grows again by a tenth a second, and is
 * forgotten a minute after the last refusal. A refusal that a caller may have caused makes an
 * account doubtful: for a while others are asked first, as if it were full.
 */
final class Accounts {

  /** A second without a refusal lets an account's limit grow by a tenth. */
  private static final long GROWTH_NANOS = 1_000_000_000;

  private static final double GROWTH = 1.1;

  /** So long after its last refusal an account is taken to have no limit. */
  private static final long FORGOTTEN_NANOS = 60_000_000_000L;

  private static final int NO_LIMIT = Integer.MAX_VALUE;
  private static final long NO_DOUBT = Long.MIN_VALUE;

  private final Map<String, Account> all = new LinkedHashMap<>();
  private int full;
  private long forgetAtNanos = Long.MAX_VALUE;

  /** An account by its name; endpoints hold on to it. */
  Account of(String name) {
    return all.computeIfAbsent(name, Account::new);
  }

  /** Whether some account has as many requests in flight as it takes. */
  boolean someFull() {
    return full > 0;
  }

  /**
   * Lets go of limits that were reached long ago. Asked before every choice: where there is none,
   * it compares two numbers.
   */
  void forgetOld(long now) {
    if (now >= forgetAtNanos) {
      forgetAtNanos = Long.MAX_VALUE;
      all.values().forEach(account -> account.forgetOld(now));
    }
  }

  boolean isOut(String name) {
    return why(name) != null;
  }

  /** Why an account is out; null where it is not. */
  @Nullable String why(String name) {
    Account account = all.get(name);
    return account == null ? null : account.out;
  }

  /** The accounts that are out. */
  List<String> out() {
    return all.values().stream()
        .filter(account -> account.out != null)
        .map(account -> account.name)
        .toList();
  }

  /** An account is good again. */
  void reload(String name) {
    Account account = all.get(name);
    if (account != null) {
      account.reload();
    }
  }

  /** All accounts are good again. */
  void reloadAll() {
    all.values().forEach(Account::reload);
  }

  /** Lets go of accounts that no member has. */
  void retain(List<String> names) {
    all.values()
        .removeIf(
            account -> {
              boolean gone = !names.contains(account.name);
              if (gone) {
                account.forget();
              }
              return gone;
            });
  }

  /** Those of which there is something to say. */
  List<AccountFigures> figures(long now, long epochMillis) {
    List<AccountFigures> list = new ArrayList<>();
    for (Account account : all.values()) {
      account.forgetOld(now);
      AccountFigures figures = account.figures(now, epochMillis);
      if (figures.state() != null || figures.limit() != null) {
        list.add(figures);
      }
    }
    return list;
  }

  private void forgetBy(long nanos) {
    forgetAtNanos = Math.min(forgetAtNanos, nanos);
  }

  /** One account, with what is in flight on all its endpoints. */
  final class Account {
    private final String name;
    private @Nullable String out;
    private long outSinceNanos;
    private long throttledUntilNanos = Long.MIN_VALUE;
    private int inFlight;
    private int most = NO_LIMIT;
    private long changedNanos;
    private long refusedNanos;
    private long doubtedUntilNanos = NO_DOUBT;

    private Account(String name) {
      this.name = name;
    }

    String name() {
      return name;
    }

    private AccountFigures figures(long now, long epochMillis) {
      State state =
          out != null
              ? State.OUT
              : throttledUntilNanos > now ? State.THROTTLED : doubted() ? State.DOUBTFUL : null;
      long untilNanos = state == State.THROTTLED ? throttledUntilNanos : doubtedUntilNanos;
      boolean limited = most != NO_LIMIT;
      return new AccountFigures(
          name,
          state,
          out,
          state == State.OUT ? Since.text(outSinceNanos, now, epochMillis) : null,
          state == null || state == State.OUT ? null : (Long) ((untilNanos - now) / 1_000_000),
          limited ? (Integer) most : null,
          limited ? (Integer) inFlight : null);
    }

    void dispatched() {
      count(1);
    }

    void over() {
      count(-1);
    }

    private void count(int change) {
      boolean was = full();
      inFlight += change;
      note(was);
    }

    private void limit(int limit) {
      boolean was = full();
      most = limit;
      note(was);
    }

    private void note(boolean was) {
      if (was != full()) {
        full += was ? -1 : 1;
      }
    }

    /** Whether others are asked first: it has as many requests in flight as it takes, or doubt. */
    boolean full() {
      return inFlight >= most || doubted();
    }

    /** Whether it has refused a request of late, for its limit or for what is not certain. */
    boolean limited() {
      return most != NO_LIMIT || doubted();
    }

    private boolean doubted() {
      return doubtedUntilNanos != NO_DOUBT;
    }

    /** It has refused a request, perhaps for what the request says: until then, or an answer. */
    void doubt(long untilNanos) {
      boolean was = full();
      doubtedUntilNanos = Math.max(doubtedUntilNanos, untilNanos);
      forgetBy(doubtedUntilNanos);
      note(was);
    }

    private void trust() {
      if (doubted()) {
        boolean was = full();
        doubtedUntilNanos = NO_DOUBT;
        note(was);
      }
    }

    private void reload() {
      out = null;
      trust();
    }

    /** It is out until it is reloaded. */
    void takeOut(String reason, long now) {
      if (out == null) {
        out = reason;
        outSinceNanos = now;
      }
    }

    /** It has reached its limit; an earlier, longer wait holds. */
    void throttle(long untilNanos) {
      throttledUntilNanos = Math.max(throttledUntilNanos, untilNanos);
    }

    /** When it is no longer throttled; {@link Long#MIN_VALUE} where it is not. */
    long throttledUntilNanos() {
      return throttledUntilNanos;
    }

    /**
     * It has refused a request for its limit. What is in flight besides is what it takes: so a
     * burst of refusals ends at the limit, and not below.
     */
    void refused(long now) {
      forgetOld(now);
      changedNanos = now;
      refusedNanos = now;
      forgetBy(now + FORGOTTEN_NANOS);
      limit(Math.max(1, Math.min(most, inFlight)));
    }

    /** It has answered: its limit grows, if it has not been reached for a while. */
    void answered(long now) {
      trust();
      forgetOld(now);
      if (most != NO_LIMIT && now - changedNanos >= GROWTH_NANOS) {
        changedNanos = now;
        limit((int) Math.ceil(most * GROWTH));
      }
    }

    /** Lets go of its limit, if that was reached long ago; else it is to be asked again then. */
    private void forgetOld(long now) {
      if (doubted() && now >= doubtedUntilNanos) {
        trust();
      } else if (doubted()) {
        forgetBy(doubtedUntilNanos);
      }
      if (most != NO_LIMIT && now - refusedNanos >= FORGOTTEN_NANOS) {
        limit(NO_LIMIT);
      } else if (most != NO_LIMIT) {
        forgetBy(refusedNanos + FORGOTTEN_NANOS);
      }
    }

    private void forget() {
      limit(NO_LIMIT);
      trust();
    }
  }
}
