package dev.forebay.ledger;

import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.KeyRegister.Grant;
import dev.forebay.spi.ledger.KeyRegister.Request;
import dev.forebay.spi.ledger.UsageRecord;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What this gateway may spend of one budget in the present month, and what it spent. It may spend
 * what the register granted it, and no other gateway may spend that; before a grant, nothing. So
 * nothing is exceeded by more than the requests under way, whether the register answers or not. It
 * keeps an eighth of what is left at hand; when little is left, all of it. What it no longer wants
 * it leaves alone before it says so. Towards the end of a month it asks for a part of the next one.
 *
 * <p>{@link #open}, {@link #spend} and {@link #call} are safe from any thread; all else is for the
 * gateway's timeline.
 */
final class Account {

  private static final int SHARE = 8;
  private static final int LITTLE = 100;

  private final AtomicLong spent = new AtomicLong();

  /** What was spent in a later month than this account is in. */
  private final AtomicLong early = new AtomicLong();

  private final AtomicBoolean called = new AtomicBoolean();
  private volatile Budget budget;
  private volatile String month;
  private volatile long granted;
  private volatile long left;
  private volatile boolean answered;
  private long sealed;
  private long sealedEarly;
  private long told = -1;
  private boolean unanswered;
  private @Nullable Grant ahead;

  Account(Budget budget, String month) {
    this.budget = budget;
    this.month = month;
    this.left = budget.limit();
  }

  /** Whether requests may begin. */
  boolean open() {
    return spent.get() < Math.min(granted, budget.limit());
  }

  /** Whether the whole budget is used, as far as is known, rather than this gateway's part. */
  boolean usedUp() {
    return answered && left <= 0;
  }

  /** Notes that the register should be asked soon; false if that is noted already. */
  boolean call() {
    return called.compareAndSet(false, true);
  }

  /** The register is asked now. */
  void called() {
    called.set(false);
  }

  /**
   * Counts a record.
   *
   * @return whether more should be asked for
   */
  boolean spend(UsageRecord record, String itsMonth) {
    if (!itsMonth.equals(month)) {
      early.addAndGet(itsMonth.compareTo(month) > 0 ? amount(record) : 0);
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
    } else if (itsMonth.compareTo(month) > 0) {
      sealedEarly += amount(record);
    }
  }

  /** Goes on from what an earlier process noted. */
  void restore(String itsMonth, long noted, long itsGrant) {
    if (itsMonth.equals(month)) {
      spent.addAndGet(noted);
      sealed += noted;
      granted = Math.max(granted, itsGrant);
    }
  }

  void limit(Budget other) {
    if (other.limit() != budget.limit()) {
      left = Math.max(0, left + other.limit() - budget.limit());
      told = -1;
    }
    budget = other;
  }

  /**
   * Begins another month, if one has begun; that is the one before, if the clock goes back. What
   * was spent in that, the register knows.
   */
  void turn(String present) {
    if (!present.equals(month)) {
      Grant part = ahead != null && ahead.month().equals(present) ? ahead : null;
      ahead = null;
      granted = 0; // so that nothing is let in between two months
      long before = spent.get();
      boolean back = present.compareTo(month) < 0;
      month = present;
      long then = early.getAndSet(0);
      spent.addAndGet((back ? 0 : then) - before);
      sealed = back ? 0 : sealedEarly;
      sealedEarly = 0;
      told = -1;
      answered = part != null;
      left = part == null ? budget.limit() : part.left();
      granted = part == null ? 0 : part.granted();
    }
  }

  /** What is to be asked of the register; null if nothing is. */
  @Nullable Request request() {
    long used = spent.addAndGet(early.getAndSet(0)); // what was counted while a month began
    long hand = Math.max(0, granted - used);
    // without an answer it gives back no more than it gave back already
    long wanted = Math.max(unanswered ? hand : 0, wanted(left + hand));
    boolean low = left > 0 && hand < wanted / 2;
    if (answered && used == told && !low && hand <= 2 * wanted) {
      return null;
    }
    told = used;
    granted = Math.min(granted, used + wanted); // others may have the rest before the answer
    return new Request(budget.id(), month, used, wanted);
  }

  /** What is to be asked of a later month; null if nothing is. */
  @Nullable Request request(String later) {
    return ahead != null && ahead.month().equals(later)
        ? null
        : new Request(budget.id(), later, 0, wanted(budget.limit()));
  }

  /** What is given back when the gateway ends; null if it has nothing. */
  @Nullable Request last() {
    long used = spent.get();
    boolean nothing = granted <= used && used == told;
    granted = Math.min(granted, used);
    return nothing ? null : new Request(budget.id(), month, used, 0);
  }

  private long wanted(long free) {
    return free <= budget.limit() / LITTLE ? free : Math.max(1, free / SHARE);
  }

  /** Takes the register's answer. */
  void grant(Grant grant) {
    if (!grant.month().equals(month)) {
      ahead = grant.month().compareTo(month) > 0 ? grant : ahead;
      return;
    }
    if (!answered && told >= 0 && grant.spent() > told) {
      // The register knows more than an earlier process could note.
      spent.addAndGet(grant.spent() - told);
      sealed += grant.spent() - told;
      told = grant.spent();
    }
    answered = true;
    unanswered = false;
    left = grant.left();
    granted = grant.granted();
  }

  /** The register did not answer: it is told again. */
  void unanswered() {
    told = -1;
    unanswered = true;
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
