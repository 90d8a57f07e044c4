package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Gives a trace what it lacks, by a seed, and marks it as synthetic. What the trace carries is
 * never touched, with one exception that a note states: a repeated prompt takes the lengths of the
 * request that asked it first, since equal prompts have equal lengths.
 */
public final class Overlay {
  private final OverlayOptions options;
  private final long seed;

  private Overlay(OverlayOptions options, long seed) {
    this.options = options;
    this.seed = seed;
  }

  /** The trace with what it lacks; the trace itself where nothing is to be added. */
  public static Trace apply(Trace trace, OverlayOptions options, long seed) {
    Overlay overlay = new Overlay(options, seed);
    return overlay.sessions(overlay.kept(trace));
  }

  /** A smaller service with the same day. */
  private Trace kept(Trace trace) {
    if (options.keep() == 1) {
      return trace;
    }
    Draws draws = new Draws(seed, "overlay keep");
    List<TraceRequest> kept = new ArrayList<>();
    for (TraceRequest request : trace.requests()) {
      if (draws.chance(options.keep())) {
        kept.add(request.at(kept.size(), request.arrivalNanos()));
      }
    }
    String note =
        String.format(
            Locale.ROOT, "%s of the requests are kept, drawn", Numbers.plain(options.keep()));
    return trace.with(kept, EnumSet.noneOf(Carries.class), List.of(note));
  }

  private Trace sessions(Trace trace) {
    boolean possible = trace.carries().contains(Carries.PREFIX);
    if (options.inferSessions() == 0 || !possible || trace.carries().contains(Carries.SESSION)) {
      return tenants(trace);
    }
    List<TraceRequest> changed = new InferredSessions().of(trace.requests());
    return tenants(
        trace.with(
            changed,
            EnumSet.of(Carries.SESSION),
            List.of("sessions inferred from prefixes that grow")));
  }

  private Trace tenants(Trace trace) {
    if (options.tenants() == 0 || trace.carries().contains(Carries.TENANT)) {
      return priorities(trace);
    }
    Draws draws = new Draws(seed, "overlay tenants");
    Zipf shares = new Zipf(options.tenants(), options.tenantSkew());
    Map<String, String> ofSession = new HashMap<>();
    List<TraceRequest> changed = new ArrayList<>(trace.requests().size());
    for (TraceRequest request : trace.requests()) {
      String drawn = "tenant-" + (1 + shares.draw(draws));
      String session = request.session();
      String tenant = session == null ? drawn : ofSession.computeIfAbsent(session, s -> drawn);
      changed.add(request.from(tenant, request.user()));
    }
    String note =
        String.format(
            Locale.ROOT,
            "tenants are synthetic: %d, Zipf %s",
            options.tenants(),
            Numbers.plain(options.tenantSkew()));
    return priorities(trace.with(changed, EnumSet.of(Carries.TENANT), List.of(note)));
  }

  private Trace priorities(Trace trace) {
    double rare = options.vipShare() + options.batchShare();
    if (rare == 0 || trace.carries().contains(Carries.PRIORITY)) {
      return prompts(trace);
    }
    Draws draws = new Draws(seed, "overlay priorities");
    List<TraceRequest> changed = new ArrayList<>(trace.requests().size());
    for (TraceRequest request : trace.requests()) {
      double at = draws.unit();
      int rest = at < rare ? RequestInfo.BATCH : RequestInfo.STANDARD;
      int priority = at < options.vipShare() ? RequestInfo.VIP : rest;
      changed.add(request.asking(request.model(), priority, request.stream()));
    }
    String note =
        String.format(
            Locale.ROOT,
            "priorities are synthetic: %s vip, %s batch",
            Numbers.plain(options.vipShare()),
            Numbers.plain(options.batchShare()));
    return prompts(trace.with(changed, EnumSet.of(Carries.PRIORITY), List.of(note)));
  }

  private Trace prompts(Trace trace) {
    if (options.popularShare() == 0 || trace.carries().contains(Carries.PROMPT_IDENTITY)) {
      return trace;
    }
    Draws draws = new Draws(seed, "overlay prompts");
    Zipf popularity = new Zipf(options.popularPrompts(), options.popularSkew());
    Map<Integer, TraceRequest> first = new HashMap<>();
    List<TraceRequest> changed = new ArrayList<>(trace.requests().size());
    for (TraceRequest request : trace.requests()) {
      boolean popular = draws.chance(options.popularShare());
      int rank = popularity.draw(draws);
      TraceRequest source = popular ? first.computeIfAbsent(rank, r -> request) : request;
      long id = popular ? rank : options.popularPrompts() + (long) request.index();
      changed.add(
          request.withPrompt(id, source.prefix(), source.promptTokens(), source.outputTokens()));
    }
    String note =
        String.format(
            Locale.ROOT,
            "prompts are synthetic: %s ask one of %d, Zipf %s; repeats have the lengths of the"
                + " first",
            Numbers.plain(options.popularShare()),
            options.popularPrompts(),
            Numbers.plain(options.popularSkew()));
    return trace.with(changed, EnumSet.of(Carries.PROMPT_IDENTITY), List.of(note));
  }

  /**
   * A request continues the session whose last prompt's full blocks it starts with, the longest
   * first. One block is not enough: a system prompt is shared by strangers.
   */
  private static final class InferredSessions {
    private static final int LEAST_BLOCKS = 2;

    private final Map<Long, TraceRequest> byLastFullBlock = new HashMap<>();
    private int opened;

    List<TraceRequest> of(List<TraceRequest> requests) {
      List<TraceRequest> changed = new ArrayList<>(requests.size());
      for (TraceRequest request : requests) {
        changed.add(placed(request));
      }
      return changed;
    }

    private TraceRequest placed(TraceRequest request) {
      PrefixHashes prefix = request.prefix();
      TraceRequest before = null;
      for (int i = prefix.size() - 1; i >= LEAST_BLOCKS - 1 && before == null; i--) {
        before = byLastFullBlock.get(prefix.get(i));
      }
      boolean longer = before != null && request.promptTokens() > before.promptTokens();
      TraceRequest placed =
          before != null && longer
              ? request.inSession(before.session(), before.turn() + 1, 0)
              : request.inSession("session-" + ++opened, 0, 0);
      if (before != null && longer) {
        byLastFullBlock.remove(lastFullBlock(before.prefix()));
      }
      // The last block may be cut, and then the next turn's block at this place is another.
      if (prefix.size() > LEAST_BLOCKS) {
        byLastFullBlock.put(lastFullBlock(prefix), placed);
      }
      return placed;
    }

    private static long lastFullBlock(PrefixHashes prefix) {
      return prefix.get(prefix.size() - 2);
    }
  }
}
