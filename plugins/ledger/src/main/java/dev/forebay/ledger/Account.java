package dev.forebay.ledger;

import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.KeyRegister.Grant;
import dev.forebay.spi.ledger.KeyRegister.Request;
import dev.forebay.spi.ledger.UsageRecord;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this gateway may spend of one budget in the present month, and what it spent. It may spend
 * what the register granted it, and no other gateway may spend that; so nothing is exceeded by more
 * than the requests under way, whether the register answers or not. It keeps an eighth of what is
 * left at hand; when little is left, all of it.
 *
 * <p>{@link #open} and {@link #spend} are safe from any thread; all else is for the gateway's
 * timeline.
 */
final class Account {

  private static final int SHARE = 8;
  private static final int LITTLE = 100;

  /** Times that a new account is looked after before it has to have a grant. */
  private static final int PATIENCE = 10;

  private final AtomicLong spent = new AtomicLong();
  private volatile Budget budget;
  private volatile String month;
  private volatile long granted;
  private volatile int patience = PATIENCE;
  private long left;
  private long sealed;
  private long told = -1;
  private boolean answered;

  Account(Budget budget, String month) {
    this.budget = budget;
    this.month = month;
    this.left = budget.limit();
  }

  /** Whether requests may begin. A new account is open until the register answers, or should. */
  boolean open() {
    return spent.get() < granted || (patience > 0 && budget.limit() > spent.get());
  }

  /** Whether the whole budget is used, as far as is known, rather than this gateway's part. */
  boolean usedUp() {
    return left <= 0;
  }

  /**
   * Counts a record.
   *
   * @return whether more should be asked for
   */
  boolean spend(UsageRecord record, String itsMonth) {
    if (!itsMonth.equals(month)) {
      return false;
    }
    long now = spent.addAndGet(amount(record));
    return granted - now < (granted - told) / 2;
  }

  private long amount(UsageRecord record) {
    return budget.unit() == Budget.Unit.TOKENS ? record.tokens() : record.nanodollars();
  }

  /** Counts a record that is kept from now on. */
  void seal(UsageRecord record, String itsMonth) {
    if (itsMonth.equals(month)) {
      sealed += amount(record);
    }
  }

  /** Goes on from what an earlier process noted. */
  void restore(String itsMonth, long noted, long itsGrant) {
    if (itsMonth.equals(month)) {
      spent.addAndGet(noted);
      sealed += noted;
      granted = Math.max(granted, itsGrant);
      patience = 0;
    }
  }

  void limit(Budget other) {
    if (other.limit() != budget.limit()) {
      left = Math.max(0, left + other.limit() - budget.limit());
      told = -1;
    }
    budget = other;
  }

  /** Begins a new month, if one has begun. */
  void turn(String present) {
    if (present.compareTo(month) > 0) {
      granted = 0;
      spent.set(0);
      sealed = 0;
      told = -1;
      answered = false;
      left = budget.limit();
      patience = PATIENCE;
      month = present;
    } else {
      int before = patience; // it is set on the timeline only
      patience = Math.max(0, before - 1);
    }
  }

  /** What is to be asked of the register; null if nothing is. */
  @Nullable Request request() {
    long used = spent.get();
    long hand = Math.max(0, granted - used);
    long wanted = wanted(left + hand);
    boolean low = left > 0 && hand < wanted / 2;
    if (answered && used == told && !low && hand <= 2 * wanted) {
      return null;
    }
    told = used;
    return new Request(budget.id(), month, used, wanted);
  }

  private long wanted(long free) {
    return free <= budget.limit() / LITTLE ? free : Math.max(1, free / SHARE);
  }

  /** Takes the register's answer. */
  void grant(Grant grant) {
    if (!grant.month().equals(month)) {
      return;
    }
    if (!answered) {
      // The register may know more than an earlier process could note.
      long used = spent.get();
      if (grant.spent() > Math.max(used, told)) {
        spent.addAndGet(grant.spent() - told);
        sealed += grant.spent() - told;
        told = grant.spent();
      }
    }
    answered = true;
    granted = grant.granted();
    left = grant.left();
    patience = 0;
  }

  Budget budget() {
    return budget;
  }

  String month() {
    return month;
  }

  long spent() {
    return spent.get();
  }

  long sealed() {
    return sealed;
  }

  long granted() {
    return granted;
  }
}
