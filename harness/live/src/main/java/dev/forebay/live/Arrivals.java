package dev.forebay.live;

import io.gatling.core.controller.inject.open.OpenInjectionStep;
import java.util.List;
import java.util.concurrent.TimeUnit;
import scala.collection.AbstractIterator;
import scala.collection.Iterator;
import scala.concurrent.duration.FiniteDuration;

/**
 * Gatling's open model at the arrival times of a plan: a user for each conversation, {@link #LEAD}
 * before it sends. The rest of the wait is the action's, which is exact to the microsecond.
 *
 * @param plan whose conversations arrive
 */
record Arrivals(Plan plan) implements OpenInjectionStep {

  /** How long before its first request a user is injected, in nanoseconds. */
  static final long LEAD = TimeUnit.MILLISECONDS.toNanos(200);

  @Override
  public Iterator<FiniteDuration> chain(Iterator<FiniteDuration> chained) {
    List<List<Turn>> all = plan.conversations();
    long first = all.get(0).get(0).at();
    return new AbstractIterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < all.size() || chained.hasNext();
      }

      @Override
      public FiniteDuration next() {
        return next < all.size()
            ? nanos(all.get(next++).get(0).at() - first)
            : chained.next().$plus(duration());
      }
    };
  }

  @Override
  public long users() {
    return plan.conversations().size();
  }

  @Override
  public FiniteDuration duration() {
    List<List<Turn>> all = plan.conversations();
    return nanos(all.get(all.size() - 1).get(0).at() - all.get(0).get(0).at());
  }

  private static FiniteDuration nanos(long nanos) {
    return FiniteDuration.apply(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public int productArity() {
    return 1;
  }

  @Override
  public Object productElement(int n) {
    return plan;
  }

  @Override
  public boolean canEqual(Object that) {
    return that instanceof Arrivals;
  }
}
