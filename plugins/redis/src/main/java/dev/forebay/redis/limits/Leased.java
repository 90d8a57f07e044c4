package dev.forebay.redis.limits;

import dev.forebay.limiting.rate.Meter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The meter of a key whose limit gateways share: credit that was leased is taken at once. If there
 * is none, one question is on its way at a time, for all who wait; if the store has none left,
 * nobody asks until it may have, or for a second. While the store is gone, or has lost what it
 * knew, a share of the limit is counted here. An answer that comes late is used, unless a newer
 * question was asked: that one takes back what the store had granted in vain.
 *
 * <p>Stamps of that share are negative.
 */
final class Leased<L> extends Meter<L> {

  /** From an answer that was too little to the next question: a part of the limit's time. */
  private static final long REST_PARTS = 8;

  private static final long LEAST_REST_NANOS = 10_000_000;
  private static final long MOST_REST_NANOS = 100_000_000;

  /** After such a time it asks again, however long the wait is: others may have given back. */
  private static final long AGAIN_NANOS = 1_000_000_000;

  /** So long at most nobody asks a store that does not decide: another gateway may have told it. */
  private static final long UNDECIDED_NANOS = 60_000_000_000L;

  /** Ahead of need, so much of a limit is leased at most. */
  private static final int AHEAD = 4;

  private final SharedRule<L> rule;
  private final LeaseStore store;
  private final String key;
  private final Credit credit = new Credit();
  private final Settling settling = new Settling();
  private final Demand demand = new Demand();
  private L limit;
  private Counting counting;
  private @Nullable Meter<L> local;
  private @Nullable Promise<Void> waiting;
  private boolean underWay;
  private long least;
  private long need;
  private long refusedAmount;
  private long refusedUntilNanos;
  private long againNanos;
  private long askedNumber;
  private long heardNumber;
  private long restUntilNanos;
  private long renewFromNanos;
  private long localUntilNanos;
  private long left;
  private long resetAtNanos;

  Leased(SharedRule<L> rule, String key, L limit) {
    this.rule = rule;
    this.store = rule.store();
    this.limit = limit;
    this.counting = rule.counting(limit);
    this.key = rule.storeKey(key, counting);
    this.left = counting.most();
    this.heardNumber = store.number(); // one that had this key before has heard all
  }

  @Override
  public void limit(L other, long now) {
    if (other != limit) {
      Counting changed = rule.counting(other);
      left = Math.max(0, left + changed.most() - counting.most());
      limit = other;
      counting = changed;
      refusedUntilNanos = 0;
      againNanos = 0;
      restUntilNanos = 0;
      if (local != null) {
        local.limit(rule.share(other), now);
      }
    }
  }

  @Override
  public long most() {
    return counting.most();
  }

  @Override
  public Future<Void> ready(long amount, long now) {
    long at = store.nanos();
    credit.expire(at, settling);
    if (credit.units() >= amount || isLocal(at) || refuses(amount, at)) {
      return READY;
    }
    Promise<Void> answer = waiting;
    if (answer == null) {
      answer = Promise.promise();
      waiting = answer;
      least = amount;
      need = 0;
    }
    need = Math.min(counting.most(), need + amount);
    if (!underWay) {
      ask(at, ahead());
    }
    return answer.future();
  }

  private boolean isLocal(long at) {
    return at < localUntilNanos || !store.available(key);
  }

  /** Whether the answer is known: what is given back since may change it. */
  private boolean refuses(long amount, long at) {
    return (at < restUntilNanos || (at < againNanos && amount >= refusedAmount))
        && settling.units() < amount;
  }

  private Meter<L> local(long now) {
    Meter<L> counted = local;
    if (counted == null) {
      counted = rule.local(limit, now);
      local = counted;
    }
    return counted;
  }

  @Override
  public long waitFor(long amount, long now) {
    long at = store.nanos();
    if (credit.units() >= amount) {
      return 0;
    }
    if (isLocal(at)) {
      store.countLocal();
      Meter<L> share = local(now);
      return share.waitFor(Math.min(amount, share.most()), now);
    }
    double larger = Math.max(0, amount - refusedAmount) / (double) counting.most();
    long further = (long) (larger * windowNanos());
    return Math.max(LEAST_REST_NANOS, Math.max(restUntilNanos, refusedUntilNanos + further) - at);
  }

  @Override
  public long take(long amount, long now) {
    long at = store.nanos();
    if (credit.units() < amount) {
      Meter<L> share = local(now);
      return ~share.take(Math.min(amount, share.most()), now);
    }
    demand.spent(amount);
    long stamp = credit.take(amount);
    if (!underWay && at >= renewFromNanos && credit.units() < ahead() / 2 && credit.room()) {
      ask(at, ahead());
    }
    return stamp;
  }

  /** Units that are leased before anybody needs them: those of half a lease's life. */
  private long ahead() {
    return Math.min(counting.most() / AHEAD, demand.within(store.lifeNanos() / 2));
  }

  @Override
  public void settle(long stamp, long taken, long used, long now) {
    if (stamp < 0) {
      Meter<L> share = local(now);
      share.settle(~stamp, Math.min(taken, share.most()), used, now);
      return;
    }
    if (used < taken) {
      settling.giveBack(stamp, taken - used);
    } else {
      settling.owe(used - taken);
    }
    if (!settling.isEmpty()) {
      store.attend(this);
    }
  }

  @Override
  public boolean untouched(long now) {
    return credit.units() == 0
        && settling.isEmpty()
        && !underWay
        && (local == null || local.untouched(now));
  }

  @Override
  public long remaining(long now) {
    long at = store.nanos();
    return credit.units() == 0 && isLocal(at)
        ? local(now).remaining(now)
        : Math.min(counting.most(), credit.units() + left);
  }

  @Override
  public long windowNanos() {
    return rule.windowNanos(limit);
  }

  @Override
  public long resetNanos(long now) {
    long at = store.nanos();
    return credit.units() == 0 && isLocal(at)
        ? local(now).resetNanos(now)
        : Math.max(0, resetAtNanos - at);
  }

  /**
   * One question, for those who wait, and with what is settled.
   *
   * @param ahead units to lease for those who will come
   */
  private void ask(long at, long ahead) {
    Promise<Void> asking = waiting;
    long asked = asking == null ? 0 : need;
    long first = asking == null ? 0 : least;
    demand.asked(at, store.lifeNanos());
    long want = Math.max(asked, ahead);
    waiting = null;
    underWay = true;
    long question = store.nextNumber();
    askedNumber = question;
    Consumer<List<Long>> answer =
        reply -> {
          if (question == askedNumber) { // else the newer one has taken back what this one got
            answered(Grant.of(reply), at, first, asked, want);
          }
        };
    store
        .run(counting.script(), key, arguments(question, first, asked, want), answer)
        .onComplete(
            result -> {
              underWay = false;
              if (result.succeeded()) {
                answer.accept(result.result());
              } else {
                localUntilNanos = store.nanos() + store.pauseNanos();
                store.attend(this);
              }
              if (asking != null) {
                asking.complete();
              }
              next();
            });
  }

  private List<String> arguments(long question, long first, long asked, long want) {
    List<String> arguments = new ArrayList<>();
    arguments.add(store.self());
    arguments.add(Long.toString(question));
    arguments.add(Long.toString(heardNumber));
    arguments.add(Long.toString(settling.tell(question)));
    arguments.add(Long.toString(store.contactMicros(key)));
    arguments.add(Long.toString(store.lifeNanos() / 1_000));
    arguments.add(Long.toString(credit.units()));
    arguments.add(Long.toString(settling.debt()));
    arguments.add(Long.toString(first));
    arguments.add(Long.toString(asked));
    arguments.add(Long.toString(want));
    arguments.add(Long.toString(counting.most()));
    arguments.addAll(counting.numbers());
    settling.addTo(arguments);
    return arguments;
  }

  private void answered(Grant grant, long askedNanos, long first, long asked, long want) {
    long at = store.nanos();
    store.heard(key, grant.micros());
    settling.answered();
    heardNumber = askedNumber;
    if (!grant.decides()) {
      store.countUndecided();
      localUntilNanos = at + Math.min(UNDECIDED_NANOS, grant.waitNanos());
      return;
    }
    left = grant.left();
    resetAtNanos = at + grant.resetNanos();
    long life = grant.lifeNanos() - grant.lifeNanos() / 64; // clocks differ a little
    credit.add(grant.stamp(), grant.units(), askedNanos + life);
    long rest = restNanos();
    if (grant.units() < want) {
      renewFromNanos = at + rest;
    }
    if (grant.units() < asked) {
      refusedAmount = first;
      refusedUntilNanos = at + grant.waitNanos();
      againNanos = at + Math.min(AGAIN_NANOS, grant.waitNanos());
      restUntilNanos = at + rest;
    } else if (asked > 0) {
      refusedUntilNanos = 0;
      againNanos = 0;
      restUntilNanos = 0;
    }
    if (credit.units() > 0) {
      store.attend(this);
    }
  }

  private long restNanos() {
    return Math.clamp(windowNanos() / REST_PARTS, LEAST_REST_NANOS, MOST_REST_NANOS);
  }

  /** Those who came while the question was on its way. */
  private void next() {
    Promise<Void> later = waiting;
    long at = store.nanos();
    if (later == null) {
      return;
    }
    if (credit.units() >= need || isLocal(at) || refuses(least, at)) {
      waiting = null;
      later.complete();
    } else {
      ask(at, ahead());
    }
  }

  /**
   * Gives back what may no longer be used, and tells the store.
   *
   * @param all whether all credit is given back
   * @return whether something is left to be told later
   */
  boolean attend(boolean all) {
    long at = store.nanos();
    credit.expire(all ? Long.MAX_VALUE : at, settling);
    if (!settling.isEmpty() && !underWay && store.available(key)) {
      ask(at, 0);
    }
    return credit.units() > 0 || !settling.isEmpty() || underWay;
  }
}
