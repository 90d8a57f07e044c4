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

/** The slots of an account that this gateway holds, with some to spare while they are used. */
final class Slots implements ConcurrencyLimiter, Lifecycle {

  private static final RedisScript SCRIPT = RedisScript.of(Slots.class, "slots.lua");

  /** A question is on its way: so soon it is asked again here. */
  private static final long SOON_NANOS = 2_000_000;

  /** From an answer that was too little to the next question, at least. */
  private static final long REST_NANOS = 20_000_000;

  /** Numbers of a reply. */
  private static final int NUMBERS = 3;

  /** How long slots are kept that are more than it wants: requests may come for them. */
  private static final long SURPLUS_NANOS = 1_000_000_000;

  private static final int BEATS = 4;
  private static final int SPARE = 4;

  private final int limit;
  private final int share;
  private final long expiryNanos;
  private final long pauseNanos;
  private final String key;
  private final String self;
  private final BoundedScripts scripts;
  private final Timeline timeline;
  private final Counter questions;
  private Registration beat = Registration.NONE;
  private long contactMicros;
  private int held;
  private int inFlight;
  private long validUntilNanos = Long.MIN_VALUE;
  private long restUntilNanos = Long.MIN_VALUE;
  private long unknownUntilNanos = Long.MIN_VALUE;
  private long number;
  private boolean underWay;

  /** A question was not answered: the server may hold slots for it here. */
  private boolean unsure;

  private boolean beating;
  private Registration look = Registration.NONE;
  private boolean looking;
  private boolean closed;

  Slots(SharedFixed options, RedisScripts.Connector connector, PluginContext context) {
    this.limit = options.limit();
    this.share = (int) Math.max(1, Math.floor(limit * options.localShare()));
    this.expiryNanos = options.expiry().toNanos();
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
    int own = own(at);
    boolean admitted = inFlight < (knows ? own : Math.max(own, share));
    if (admitted) {
      inFlight++;
    }
    if (!underWay && at >= restUntilNanos && (admitted ? fewLeft() : knows) && available()) {
      ask(at, admitted ? inFlight : inFlight + 1);
    }
    if (!admitted) {
      return new Saturated(underWay ? SOON_NANOS : Math.max(SOON_NANOS, restUntilNanos - at));
    }
    keepBeating();
    return new Admitted(new OneSlot());
  }

  private boolean available() {
    return !closed && scripts.available(key);
  }

  /** Slots that may be used. */
  private int own(long at) {
    return at < validUntilNanos ? held : 0;
  }

  private boolean fewLeft() {
    return 2 * (held - inFlight) < spare();
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
  private int spare() {
    return inFlight == 0 ? 0 : 1 + inFlight / SPARE;
  }

  /** What is held beyond what is wanted is given up with the question, not with its answer. */
  private void ask(long at, int need) {
    underWay = true;
    questions.increment();
    long question = ++number;
    int want = Math.max(need, inFlight + (closed ? 0 : spare()));
    held = Math.min(own(at), want);
    scripts
        .run(
            SCRIPT,
            key,
            arguments(need, want),
            NUMBERS,
            late -> {
              if (question == number) { // a newer one says what is held
                answered(late, at, want);
                keepBeating();
              }
            })
        .onComplete(
            result -> {
              underWay = false;
              if (result.succeeded()) {
                answered(result.result(), at, want);
              } else {
                unsure = true;
                unknownUntilNanos = timeline.nanos() + pauseNanos;
              }
              keepBeating();
            });
  }

  private List<String> arguments(int need, int want) {
    return List.of(
        self,
        Long.toString(number),
        Long.toString(contactMicros),
        Integer.toString(Math.max(held, inFlight)),
        Integer.toString(need),
        Integer.toString(want),
        Integer.toString(limit),
        Long.toString(expiryNanos / 1_000));
  }

  private void answered(List<Long> reply, long askedNanos, int want) {
    long at = timeline.nanos();
    unsure = false;
    held = Math.clamp(reply.get(0), 0, Integer.MAX_VALUE);
    validUntilNanos = askedNanos + expiryNanos - expiryNanos / 64; // clocks differ a little
    unknownUntilNanos = at + Math.clamp(reply.get(1), 0, 2 * expiryNanos / 1_000) * 1_000;
    if (contactMicros == 0) {
      contactMicros = reply.get(2);
    }
    if (held < want) {
      restUntilNanos = at + REST_NANOS;
    }
  }

  private void keepBeating() {
    if (!beating && !closed && (held > 0 || inFlight > 0 || unsure)) {
      beating = true;
      beat = timeline.after(expiryNanos / BEATS, this::beat);
    }
  }

  /** Renews what is held; what nobody has used is given back. */
  private void beat() {
    beating = false;
    if (!underWay && scripts.available(key)) {
      ask(timeline.nanos(), inFlight);
    }
    keepBeating();
  }

  private boolean surplus() {
    return held > inFlight + spare();
  }

  private void lookSoon() {
    if (!looking && !closed && surplus()) {
      looking = true;
      look = timeline.after(SURPLUS_NANOS, this::look);
    }
  }

  /** What has been too much for a while goes to gateways that wait for it. */
  private void look() {
    looking = false;
    if (underWay) {
      lookSoon();
    } else if (surplus() && scripts.available(key)) {
      ask(timeline.nanos(), inFlight);
    }
  }

  @Override
  public Future<Void> close() {
    closed = true;
    beat.cancel();
    look.cancel();
    if (held > 0 && scripts.available(key)) {
      ask(timeline.nanos(), inFlight);
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
        lookSoon();
      }
    }
  }
}
