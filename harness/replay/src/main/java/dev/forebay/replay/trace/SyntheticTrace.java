package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Generated traffic. Every property is drawn from a stream of chance of its own, so that changing
 * one option leaves the others' draws alone.
 *
 * <p>Arrivals are a renewal process with Gamma gaps in a time that passes {@code burstFactor} times
 * as fast inside bursts. A prompt's identity decides its length, its answer's length and its
 * hashes. A session's prompts grow: each turn carries the earlier prompts and answers along.
 */
public final class SyntheticTrace {
  private final SyntheticOptions options;
  private final long seed;
  private final Draws prompts;
  private final Draws people;
  private final Draws sessions;
  private final Draws hurries;
  private final Zipf popular;
  private final @Nullable Zipf systems;
  private final @Nullable Zipf tenants;
  private long uniquePrompts;
  private long openedSessions;

  private SyntheticTrace(SyntheticOptions options, long seed) {
    this.options = options;
    this.seed = seed;
    this.prompts = new Draws(seed, "prompts");
    this.people = new Draws(seed, "people");
    this.sessions = new Draws(seed, "sessions");
    this.hurries = new Draws(seed, "hurries");
    this.popular = new Zipf(options.popularPrompts(), options.popularSkew());
    this.systems =
        options.systemPrompts() > 0
            ? new Zipf(options.systemPrompts(), options.systemPromptSkew())
            : null;
    this.tenants = options.tenants() > 0 ? new Zipf(options.tenants(), options.tenantSkew()) : null;
    this.uniquePrompts = options.popularPrompts();
  }

  /** Generates a trace; the same one for the same options and seed. */
  public static Trace generate(SyntheticOptions options, long seed) {
    return new SyntheticTrace(options, seed).generate();
  }

  private Trace generate() {
    List<TraceRequest> all = new ArrayList<>();
    int most = options.requests() > 0 ? options.requests() : TraceBuilder.MAX_REQUESTS;
    double end = options.seconds() > 0 ? options.seconds() : Double.POSITIVE_INFINITY;
    Draws gaps = new Draws(seed, "arrivals");
    Draws cycle = new Draws(seed, "cycle");
    double meanTurns = 1 + options.sessionShare() * (options.sessionTurnsMean() - 1);
    double meanGap = meanTurns / options.ratePerSecond();
    double shape = 1 / (options.burstiness() * options.burstiness());
    double base = 0;
    // As many first requests as requests are wanted are enough, whatever later turns come between.
    for (int i = 0; i < most; i++) {
      base += gaps.gamma(shape, meanGap / shape);
      double at = warped(base);
      if (at > end) {
        break;
      }
      if (options.cycleSeconds() == 0 || cycle.chance(level(at))) {
        open(at, end, all);
      }
    }
    return built(all, most);
  }

  /** The rate at a time, as a share of the highest: a cosine, the lowest at the start. */
  private double level(double at) {
    double wave = (1 - Math.cos(2 * Math.PI * at / options.cycleSeconds())) / 2;
    return options.cycleLeast() + (1 - options.cycleLeast()) * wave;
  }

  private Trace built(List<TraceRequest> all, int most) {
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          "seconds: " + options.seconds() + " (expected: enough for a request to arrive)");
    }
    all.sort(Comparator.comparingLong(TraceRequest::arrivalNanos));
    TraceBuilder builder = new TraceBuilder("synthetic", null, most);
    for (int i = 0; i < all.size() && !builder.full(); i++) {
      builder.add(all.get(i));
    }
    builder.blockTokens = options.blockTokens();
    builder.carries.addAll(List.of(Carries.LENGTHS, Carries.PREFIX, Carries.PROMPT_IDENTITY));
    add(builder, options.tenants() > 0, Carries.TENANT);
    add(builder, options.vipShare() + options.batchShare() > 0, Carries.PRIORITY);
    add(builder, options.sessionShare() > 0, Carries.SESSION);
    builder.synthetic.addAll(builder.carries);
    return builder.build();
  }

  private static void add(TraceBuilder builder, boolean carried, Carries field) {
    if (carried) {
      builder.carries.add(field);
    }
  }

  /** When the time outside bursts is {@code base}, what the clock shows, in seconds. */
  private double warped(double base) {
    double gap = options.burstGapSeconds();
    double burst = options.burstSeconds() * options.burstFactor();
    double cycles = Math.floor(base / (gap + burst));
    double rest = base - cycles * (gap + burst);
    double inside = rest <= gap ? rest : gap + (rest - gap) / options.burstFactor();
    return cycles * (gap + options.burstSeconds()) + inside;
  }

  /** Adds a first request and, if it opens a session, the later turns up to the end. */
  private void open(double at, double end, List<TraceRequest> all) {
    boolean talks = sessions.chance(options.sessionShare());
    TraceRequest first = prompted(caller(nanos(at)), talks);
    if (!talks) {
      all.add(first);
      return;
    }
    String id = "session-" + ++openedSessions;
    int turns = sessions.geometric(options.sessionTurnsMean());
    TraceRequest turn = first.inSession(id, 0, 0);
    double now = at;
    for (int number = 0; number < turns && now <= end; number++) {
      if (number > 0) {
        turn = next(turn, now);
      }
      all.add(turn);
      now = turn.arrivalNanos() / 1e9 + sessions.exponential(options.thinkSecondsMean());
      if (turn.promptTokens() + (long) turn.outputTokens() >= options.promptTokensMax()) {
        return;
      }
    }
  }

  private TraceRequest caller(long arrival) {
    String tenant = tenants == null ? null : "tenant-" + (1 + tenants.draw(people));
    double rank = people.unit();
    int priority = RequestInfo.STANDARD;
    if (rank < options.vipShare()) {
      priority = RequestInfo.VIP;
    } else if (rank < options.vipShare() + options.batchShare()) {
      priority = RequestInfo.BATCH;
    }
    boolean stream = people.chance(options.streamShare());
    TraceRequest request =
        TraceRequest.of(arrival, 0, 0).from(tenant, null).asking(null, priority, stream);
    return hurries.chance(options.hurriedShare())
        ? request.leavingAfter(nanos(options.hurriedSeconds()))
        : request;
  }

  /** What opens a session is asked by nobody else. */
  private TraceRequest prompted(TraceRequest request, boolean opensSession) {
    boolean asksPopular = prompts.chance(options.popularShare());
    int rank = popular.draw(prompts);
    long id = asksPopular && !opensSession ? rank : uniquePrompts++;
    Draws own = new Draws(seed, "prompt", id);
    int drawn =
        own.tokens(
            options.promptTokensMean(), options.promptTokensMedian(), options.promptTokensMax());
    int system = systems == null ? -1 : systems.draw(own);
    int prompt = drawn + (system < 0 ? 0 : options.systemPromptTokens());
    return request.withPrompt(id, hashes(system, id, prompt), prompt, answer(own));
  }

  /** The turn after another: all that was said, and a new question that is a quarter as long. */
  private TraceRequest next(TraceRequest before, double at) {
    int asked =
        sessions.tokens(
            Math.max(1, options.promptTokensMean() / 4),
            Math.max(1, options.promptTokensMedian() / 4),
            options.promptTokensMax());
    int prompt = before.promptTokens() + before.outputTokens() + asked;
    long think = nanos(at) - before.arrivalNanos();
    PrefixHashes grown = grown(before, prompt);
    return before
        .at(0, nanos(at))
        .inSession(before.session(), before.turn() + 1, think)
        .withPrompt(uniquePrompts++, grown, prompt, answer(sessions));
  }

  private int answer(Draws draws) {
    return draws.tokens(
        options.outputTokensMean(), options.outputTokensMedian(), options.outputTokensMax());
  }

  /** Full blocks only: those inside the system prompt are shared by all who have it. */
  private PrefixHashes hashes(int system, long id, int tokens) {
    int shared = system < 0 ? 0 : options.systemPromptTokens() / options.blockTokens();
    long[] contents = new long[tokens / options.blockTokens()];
    for (int i = 0; i < contents.length; i++) {
      contents[i] = i < shared ? Draws.mix(~(long) system) : Draws.mix(id);
    }
    return MooncakeFormat.chained(contents);
  }

  /** The blocks of the turn before, and more. */
  private PrefixHashes grown(TraceRequest before, int tokens) {
    PrefixHashes old = before.prefix();
    long[] blocks = new long[tokens / options.blockTokens()];
    for (int i = 0; i < blocks.length; i++) {
      long last = i == 0 ? before.promptId() : blocks[i - 1];
      blocks[i] = i < old.size() ? old.get(i) : Draws.mix(last ^ before.promptId());
    }
    return PrefixHashes.of(blocks);
  }

  private static long nanos(double seconds) {
    return Math.round(seconds * 1e9);
  }
}
