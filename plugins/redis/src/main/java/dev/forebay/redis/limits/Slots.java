package dev.forebay.redis.limits;

import dev.forebay.redis.BoundedScripts;
import dev.forebay.redis.Redis;
import dev.forebay.redis.RedisScript;
import dev.forebay.redis.RedisScripts;
import dev.forebay.spi.Lifecycle;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import io.vertx.core.Future;
import java.util.HexFormat;
import java.util.List;

/**
 * The slots of an account that this gateway holds, with some to spare while they are used. While it
 * holds more than are in use, it asks often whether other gateways wait for them.
 */
final class Slots implements ConcurrencyLimiter, Lifecycle {

  private static final RedisScript SCRIPT = RedisScript.of(Slots.class, "slots.lua");

  /** A question is on its way: so soon it is asked again here. */
  private static final long SOON_NANOS = 2_000_000;

  /** Until slots that other gateways wait for are given up, after they were released here. */
  private static final long YIELD_NANOS = 20_000_000;

  /** From a question to the next: if slots are to spare, or if no more were there. */
  private static final long LOOK_NANOS = 250_000_000;

  /** Numbers of a reply. */
  private static final int NUMBERS = 4;

  private static final int BEATS = 4;
  private static final int SPARE = 4;

  private final int limit;
  private final int share;
  private final long expiryNanos;
  private final long beatNanos;
  private final long lookNanos;
  private final long pauseNanos;
  private final String key;
  private final String self;
  private final BoundedScripts scripts;
  private final Timeline timeline;
  private final Counter questions;
  private Registration look = Registration.NONE;
  private long lookAtNanos = Long.MAX_VALUE;
  private long contactMicros;
  private int held;

  /** Slots that may be used: fewer than are held if other gateways wait. */
  private int may = Integer.MAX_VALUE;

  private int inFlight;

  /** The most that were in use since the last question. */
  private int peak;

  /** A request was not admitted since the last question. */
  private boolean refused;

  private long validUntilNanos = Long.MIN_VALUE;
  private long restUntilNanos = Long.MIN_VALUE;

  /** When to ask again for slots that no request waits for. */
  private long moreAtNanos = Long.MIN_VALUE;

  private long unknownUntilNanos = Long.MIN_VALUE;
  private long number;
  private boolean underWay;

  /** A question was not answered: the server may hold slots for it here. */
  private boolean unsure;

  private boolean closed;

  Slots(SharedFixed options, RedisScripts.Connector connector, PluginContext context) {
    this.limit = options.limit();
    this.share = (int) Math.max(1, Math.floor(limit * options.localShare()));
    this.expiryNanos = options.expiry().toNanos();
    this.beatNanos = expiryNanos / BEATS;
    this.lookNanos = Math.min(LOOK_NANOS, beatNanos);
    this.pauseNanos = options.redis().pause().toNanos();
    this.key = options.redis().prefix() + ":slots:1:{" + options.account() + "}";
    this.self = HexFormat.of().toHexDigits(context.random().nextLong());
    Redis redis = options.redis().redis();
    this.scripts = new BoundedScripts(redis, connector.connect(redis, context), context);
    this.timeline = context.timeline();
    this.questions = context.counter("questions");
    context.gauge("limit", this::limit);
    context.gauge("in_flight", this::inFlight);
    context.gauge("held", () -> held);
  }

  @Override
  public Decision acquire(RequestInfo request) {
    long at = timeline.nanos();
    boolean knows = available() && at >= unknownUntilNanos;
    int own = Math.min(own(at), may);
    boolean admitted = inFlight < (knows ? own : Math.max(own, share));
    if (admitted) {
      inFlight++;
      peak = Math.max(peak, inFlight);
    } else {
      refused = true;
    }
    if (!underWay
        && (admitted ? fewLeft() && at >= moreAtNanos : knows && at >= restUntilNanos)
        && available()) {
      ask(at);
    }
    if (!admitted) {
      return new Saturated(underWay ? SOON_NANOS : Math.max(SOON_NANOS, restUntilNanos - at));
    }
    lookLater();
    return new Admitted(new OneSlot());
  }

  private boolean available() {
    return !closed && scripts.available(key);
  }

  /** Slots that are held and have not expired. */
  private int own(long at) {
    return at < validUntilNanos ? held : 0;
  }

  private boolean fewLeft() {
    return 2 * (held - inFlight) < spare(inFlight);
  }

  /** That of all gateways. */
  @Override
  public int limit() {
    return limit;
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  /** Slots that are held beyond those in use. */
  private static int spare(int used) {
    return used == 0 ? 0 : 1 + used / SPARE;
  }

  /** What is held beyond what is wanted is given up with the question, not with its answer. */
  private void ask(long at) {
    look.cancel();
    lookAtNanos = Long.MAX_VALUE;
    underWay = true;
    questions.increment();
    long question = ++number;
    int used = closed ? inFlight : peak;
    int need = refused && !closed ? Math.max(used, inFlight + 1) : used;
    int want = closed ? inFlight : Math.max(need, used + spare(used));
    held = Math.min(own(at), Math.min(want, Math.max(may, inFlight)));
    int use = Math.max(held, inFlight);
    List<String> arguments = arguments(use, need, want);
    peak = inFlight;
    refused = false;
    scripts
        .run(
            SCRIPT,
            key,
            arguments,
            NUMBERS,
            late -> {
              if (question == number) { // a newer one says what is held
                answered(late, at, use, need, want);
                lookLater();
              }
            })
        .onComplete(
            result -> {
              underWay = false;
              if (result.succeeded()) {
                answered(result.result(), at, use, need, want);
              } else {
                unsure = true;
                unknownUntilNanos = timeline.nanos() + pauseNanos;
              }
              lookLater();
            });
  }

  private List<String> arguments(int use, int need, int want) {
    return List.of(
        self,
        Long.toString(number),
        Long.toString(contactMicros),
        Integer.toString(use),
        Integer.toString(need),
        Integer.toString(want),
        Integer.toString(limit),
        Long.toString(expiryNanos / 1_000),
        refused && !closed ? "1" : "0");
  }

  private void answered(List<Long> reply, long askedNanos, int use, int need, int want) {
    long at = timeline.nanos();
    unsure = false;
    held = Math.clamp(reply.get(0), 0, Integer.MAX_VALUE);
    validUntilNanos = askedNanos + expiryNanos - expiryNanos / 64; // clocks differ a little
    unknownUntilNanos = at + Math.clamp(reply.get(1), 0, 2 * expiryNanos / 1_000) * 1_000;
    if (contactMicros == 0) {
      contactMicros = reply.get(2);
    }
    may = Math.clamp(reply.get(3), 0, Integer.MAX_VALUE);
    if (held < want && held <= use) {
      moreAtNanos = at + lookNanos;
    }
    if (held < need) {
      restUntilNanos = at + lookNanos;
    }
  }

  private void lookLater() {
    long at = timeline.nanos();
    if (!closed && (held > 0 || inFlight > 0 || unsure) && at + pause() < lookAtNanos) {
      look.cancel();
      lookAtNanos = at + pause();
      look = timeline.after(pause(), this::look);
    }
  }

  private long pause() {
    if (held <= inFlight && !unsure) {
      return beatNanos;
    }
    return held > Math.max(may, inFlight) ? Math.min(YIELD_NANOS, lookNanos) : lookNanos;
  }

  /** Renews what is held; what has not been used is given back. */
  private void look() {
    lookAtNanos = Long.MAX_VALUE;
    if (!underWay && scripts.available(key)) {
      ask(timeline.nanos());
    } else {
      lookLater();
    }
  }

  @Override
  public Future<Void> close() {
    closed = true;
    look.cancel();
    if (held > 0 && scripts.available(key)) {
      ask(timeline.nanos());
    }
    return scripts.settled().transform(done -> scripts.close());
  }

  private final class OneSlot implements Permit {
    private boolean released;

    @Override
    public void release(Outcome outcome) {
      if (!released) {
        released = true;
        inFlight--;
        lookLater();
      }
    }
  }
}
