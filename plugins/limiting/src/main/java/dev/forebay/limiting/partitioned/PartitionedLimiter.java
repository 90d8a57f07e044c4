package dev.forebay.limiting.partitioned;

import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts what each partition uses, and keeps free what those may claim that were here of late. */
final class PartitionedLimiter implements ConcurrencyLimiter {

  private final ConcurrencyLimiter whole;
  private final Partitioned.By by;
  private final long lendAfterNanos;
  private final Timeline timeline;
  private final Map<String, Partition> partitions = new LinkedHashMap<>();
  private final double[] shares;
  private int guaranteedOf = -1;

  private static final class Partition {
    private int guaranteed;
    private int inFlight;
    private long seenNanos;
    private boolean seen;

    int unused() {
      return Math.max(0, guaranteed - inFlight);
    }
  }

  PartitionedLimiter(ConcurrencyLimiter whole, Partitioned options, PluginContext context) {
    this.whole = whole;
    this.by = options.by();
    this.lendAfterNanos = options.lendAfter().toNanos();
    this.timeline = context.timeline();
    options.shares().keySet().forEach(name -> partitions.put(name, new Partition()));
    this.shares = options.shares().values().stream().mapToDouble(share -> share).toArray();
  }

  @Override
  public Decision acquire(RequestInfo request) {
    long now = timeline.nanos();
    Partition own = partitions.get(by.of(request));
    if (own != null) {
      own.seen = true;
      own.seenNanos = now;
    }
    int limit = whole.limit();
    guarantee(limit);
    boolean entitled = own != null && own.unused() > 0;
    if (!entitled) {
      int kept = 0;
      long lent = Long.MAX_VALUE;
      for (Partition other : partitions.values()) {
        int unused = other == own || !here(other, now) ? 0 : other.unused();
        if (unused > 0) {
          kept += unused;
          lent = Math.min(lent, other.seenNanos + lendAfterNanos - now);
        }
      }
      if (kept > 0 && whole.inFlight() + kept >= limit) {
        return new Saturated(lent);
      }
    }
    Decision decision = whole.acquire(request);
    return own != null && decision instanceof Admitted admitted
        ? admit(own, admitted.permit())
        : decision;
  }

  /** Shares are whole permits of the limit as it is now. */
  private void guarantee(int limit) {
    if (limit != guaranteedOf) {
      guaranteedOf = limit;
      int[] permits = Guarantees.of(shares, limit);
      int next = 0;
      for (Partition partition : partitions.values()) {
        partition.guaranteed = permits[next++];
      }
    }
  }

  private boolean here(Partition partition, long now) {
    return partition.seen && now - partition.seenNanos < lendAfterNanos;
  }

  private static Decision admit(Partition own, Permit permit) {
    own.inFlight++;
    return new Admitted(new OwnPermit(own, permit));
  }

  @Override
  public int limit() {
    return whole.limit();
  }

  @Override
  public int inFlight() {
    return whole.inFlight();
  }

  private static final class OwnPermit implements Permit {
    private final Partition own;
    private final Permit permit;
    private boolean released;

    OwnPermit(Partition own, Permit permit) {
      this.own = own;
      this.permit = permit;
    }

    @Override
    public void release(Outcome outcome) {
      if (!released) {
        released = true;
        own.inFlight--;
        permit.release(outcome);
      }
    }
  }
}
