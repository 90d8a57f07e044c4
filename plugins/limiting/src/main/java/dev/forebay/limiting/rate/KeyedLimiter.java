package dev.forebay.limiting.rate;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.RateLimiter;
import io.vertx.core.Future;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A limit for each key. What it takes for a request is what the request is expected to use, but not
 * more than the limit holds; if the request used more, its key owes the difference.
 *
 * @param <L> what describes the limit
 */
public final class KeyedLimiter<L> implements RateLimiter {

  private static final String REASON = "rate_limited";

  private final Setup setup;
  private final Rule<L> rule;
  private final LongSupplier clock;
  private final Meters<L> meters;
  private final Map<String, L> own;
  private final Counter refused;
  private final Future<Decision> admitted;
  private L limit;

  /**
   * What limits have in common.
   *
   * @param name of the limit
   * @param of what is counted
   * @param keys whose requests count together
   * @param maxKeys keys that are kept apart
   * @param maxWaitNanos nanoseconds for which a request may be delayed; 0 if it is refused
   */
  public record Setup(String name, Quantity of, Keys keys, int maxKeys, long maxWaitNanos) {}

  /**
   * A limiter.
   *
   * @param clock nanoseconds of its time
   */
  public KeyedLimiter(Setup setup, Rule<L> rule, LongSupplier clock, PluginContext context) {
    this.setup = setup;
    this.rule = rule;
    this.clock = clock;
    this.limit = rule.limit();
    this.own = new LinkedHashMap<>(rule.own());
    this.refused = context.counter("refused");
    this.meters = new Meters<>(rule, setup.maxKeys(), context.counter("shared"), context.random());
    this.admitted = Future.succeededFuture(new Admit(this::giveBack));
    context.gauge("callers", meters::size);
  }

  @Override
  public Future<Decision> acquire(RequestInfo request, Amount expected) {
    long now = clock.getAsLong();
    Meter<L> meter = meter(request, now);
    long amount = Math.min(Math.max(0, expected.of(setup.of())), meter.most());
    Future<Void> ready = meter.ready(amount, now);
    return ready.isComplete() ? decide(meter, amount, now) : later(ready, meter, amount);
  }

  /** What is left is being asked for. */
  private Future<Decision> later(Future<Void> ready, Meter<L> meter, long amount) {
    meter.hold();
    return ready.compose(
        known -> {
          meter.release();
          return decide(meter, amount, clock.getAsLong());
        });
  }

  private Future<Decision> decide(Meter<L> meter, long amount, long now) {
    long wait = meter.waitFor(amount, now);
    if (wait > setup.maxWaitNanos()) {
      refused.increment();
      return Future.succeededFuture(new Refuse(REASON, wait - setup.maxWaitNanos(), setup.name()));
    }
    long stamp = meter.take(amount, now);
    if (wait == 0 && setup.of() == Quantity.REQUESTS && stamp == 0 && amount == 1) {
      return admitted;
    }
    Reservation held = new Held(meter, stamp, amount);
    return Future.succeededFuture(wait == 0 ? new Admit(held) : new Delay(held, wait));
  }

  @Override
  public List<Standing> standing(RequestInfo request) {
    long now = clock.getAsLong();
    Meter<L> known = known(request, now);
    Meter<L> meter = known == null ? rule.meter(limitOf(request), now) : known;
    return List.of(
        new Standing(
            setup.name(),
            setup.of(),
            meter.most(),
            meter.windowNanos(),
            meter.remaining(now),
            meter.resetNanos(now)));
  }

  @Override
  public boolean change(String name, String key, double quota) {
    if (!name.equals(setup.name())) {
      return false;
    }
    L changed = rule.limit(quota);
    if (key.isEmpty()) {
      limit = changed;
    } else if (own.size() < setup.maxKeys() || own.containsKey(key)) {
      own.put(key, changed);
    } else {
      throw new IllegalArgumentException(
          "key: " + key + " (expected: " + setup.maxKeys() + " limits of their own at most)");
    }
    return true;
  }

  private Meter<L> meter(RequestInfo request, long now) {
    L holds = limitOf(request);
    Meter<L> meter = meters.of(setup.keys().of(request), ownKey(request), holds, now);
    meter.limit(holds, now);
    return meter;
  }

  private @Nullable Meter<L> known(RequestInfo request, long now) {
    Meter<L> known = meters.known(setup.keys().of(request), ownKey(request));
    if (known != null) {
      known.limit(limitOf(request), now);
    }
    return known;
  }

  private L limitOf(RequestInfo request) {
    return own.isEmpty() ? limit : own.getOrDefault(setup.keys().own(request), limit);
  }

  /** The key of its own limit; empty if it has none. */
  private String ownKey(RequestInfo request) {
    if (own.isEmpty()) {
      return "";
    }
    String key = setup.keys().own(request);
    return own.containsKey(key) ? key : "";
  }

  /**
   * Settles one request, which needs no memory of its own: its key is looked up again, if it is to
   * be given back at all. If its meter has gone meanwhile, that was as good as new.
   */
  private void giveBack(RequestInfo request, Amount used) {
    if (used.requests() == 0) {
      long now = clock.getAsLong();
      Meter<L> meter = known(request, now);
      if (meter != null) {
        meter.settle(0, 1, 0, now);
      }
    }
  }

  /** What is to be settled. */
  private final class Held implements Reservation {
    private final Meter<L> meter;
    private final long stamp;
    private final long taken;

    Held(Meter<L> meter, long stamp, long taken) {
      this.meter = meter;
      this.stamp = stamp;
      this.taken = taken;
      meter.hold();
    }

    @Override
    public void settle(RequestInfo request, Amount used) {
      meter.release();
      long really = used.of(setup.of());
      meter.settle(stamp, taken, really == Amount.UNKNOWN ? taken : really, clock.getAsLong());
    }
  }
}
