package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lines of the stage {@code access-log}, which a gateway wrote of its own traffic. With {@code
 * replay: true} they say which prompts, beginnings and sessions are equal, and how long callers
 * wait. Each try of a caller is a line, and so a request of its own.
 *
 * <p>A caller that left was not going to wait for longer. How long an answer would have been that
 * was not complete, nobody knows: it is drawn from those that were, of at least as many tokens as
 * had come.
 */
final class AccessLogFormat implements TraceFormat {

  /** The tenant of what comes before a live run of the harness. */
  static final String WARM_UP = "(warm-up)";

  private static final double LONGEST_MILLIS = 1e12;
  private static final int BLOCK_TOKENS = 512;
  private static final Set<String> GENERATED = Set.of("chat", "completion");

  @Override
  public String name() {
    return "access-log";
  }

  @Override
  public String about() {
    return "lines of the stage access-log (JSONL: time, latency_ms, status, tokens; more with"
        + " replay)";
  }

  /**
   * One line.
   *
   * @param endNanos when the request was over, from the epoch
   * @param whole whether its answer was complete, so that its length is known
   */
  private record Seen(TraceRequest request, long endNanos, boolean whole) {}

  @Override
  public Trace read(String path, int limit, long seed) {
    TraceBuilder builder = new TraceBuilder(name(), path, limit);
    builder.carries.addAll(List.of(Carries.LENGTHS, Carries.TENANT, Carries.MODEL));
    List<Seen> all = new ArrayList<>();
    int others = 0;
    try (JsonLines lines = new JsonLines(path)) {
      while (all.size() < limit && lines.next()) {
        if (WARM_UP.equals(lines.text("tenant")) || !isGenerated(lines)) {
          others++;
        } else {
          all.add(seen(lines, builder));
        }
      }
    }
    all.sort(Comparator.comparingLong(seen -> seen.request.arrivalNanos()));
    lengthened(thinking(all), builder, seed).forEach(builder::add);
    if (others > 0) {
      builder.notes.add(others + " lines of the access log are no requests to replay");
    }
    return builder.build();
  }

  private static boolean isGenerated(JsonLines lines) {
    String operation = lines.text("operation");
    return operation == null || GENERATED.contains(operation);
  }

  private static Seen seen(JsonLines lines, TraceBuilder builder) {
    long end = endNanos(lines);
    long latency = nanos(lines, "latency_ms");
    String status = String.valueOf(lines.text("status"));
    int prompt =
        Math.max(optional(lines, "prompt_tokens"), optional(lines, "expected_prompt_tokens"));
    int output = optional(lines, "completion_tokens");
    TraceRequest request =
        TraceRequest.of(end - latency, prompt, output)
            .from(lines.text("tenant"), lines.text("user"))
            .asking(lines.text("model"), priority(lines, builder), lines.flag("stream", true));
    if (status.equals("cancelled")) {
      request = request.leavingAfter(Math.max(1, latency));
    } else if (lines.has("patience_ms")) {
      request = request.leavingAfter(nanos(lines, "patience_ms"));
    }
    String session = lines.text("session");
    if (session != null) {
      builder.carries.add(Carries.SESSION);
      request = request.inSession(session, 0, 0);
    }
    return new Seen(prompted(request, lines, builder), end, status.equals("ok"));
  }

  private static TraceRequest prompted(
      TraceRequest request, JsonLines lines, TraceBuilder builder) {
    if (!lines.has("prompt") && !lines.has("prefix")) {
      return request;
    }
    long id = TraceRequest.UNKNOWN_PROMPT;
    if (lines.has("prompt")) {
      builder.carries.add(Carries.PROMPT_IDENTITY);
      id = lines.identity("prompt") & Long.MAX_VALUE;
    }
    PrefixHashes prefix = PrefixHashes.of(lines.hashes("prefix"));
    if (prefix.size() > 0) {
      builder.carries.add(Carries.PREFIX);
      builder.blockTokens = BLOCK_TOKENS;
    }
    return request.withPrompt(id, prefix, request.promptTokens(), request.outputTokens());
  }

  private static int priority(JsonLines lines, TraceBuilder builder) {
    if (!lines.has("priority")) {
      return RequestInfo.STANDARD;
    }
    builder.carries.add(Carries.PRIORITY);
    return (int) lines.whole("priority", RequestInfo.LEAST_PRIORITY);
  }

  private static int optional(JsonLines lines, String key) {
    return lines.has(key) ? lines.tokens(key) : 0;
  }

  private static long nanos(JsonLines lines, String key) {
    return Math.round(lines.number(key, 0, LONGEST_MILLIS) * 1e6);
  }

  private static long endNanos(JsonLines lines) {
    String time = lines.text("time");
    try {
      if (time != null) {
        Instant end = Instant.parse(time);
        return Math.addExact(
            Math.multiplyExact(end.getEpochSecond(), 1_000_000_000L), end.getNano());
      }
    } catch (DateTimeException | ArithmeticException e) {
      // said below
    }
    throw lines.wrong("time", "a time such as 2026-01-05T00:00:00Z");
  }

  /** Later turns of a session, with the pause after the end of the turn before. */
  private static List<Seen> thinking(List<Seen> byArrival) {
    Map<String, Seen> last = new HashMap<>();
    List<Seen> all = new ArrayList<>();
    for (Seen seen : byArrival) {
      @Nullable String session = seen.request.session();
      Seen turned = seen;
      if (session != null) {
        Seen before = last.get(session);
        if (before != null) {
          long think = Math.max(0, seen.request.arrivalNanos() - before.endNanos);
          int turn = before.request.turn() + 1;
          turned =
              new Seen(seen.request.inSession(session, turn, think), seen.endNanos, seen.whole);
        }
        last.put(session, turned);
      }
      all.add(turned);
    }
    return all;
  }

  private static List<TraceRequest> lengthened(List<Seen> all, TraceBuilder builder, long seed) {
    int[] known =
        all.stream()
            .filter(Seen::whole)
            .mapToInt(seen -> seen.request.outputTokens())
            .sorted()
            .toArray();
    Draws random = new Draws(seed, "access-log");
    List<TraceRequest> requests = new ArrayList<>();
    int drawn = 0;
    for (Seen seen : all) {
      TraceRequest request = seen.request;
      if (!seen.whole) {
        int length = atLeast(known, request.outputTokens(), random);
        request =
            request.withPrompt(
                request.promptId(), request.prefix(), request.promptTokens(), length);
        drawn++;
      }
      requests.add(request);
    }
    if (drawn > 0) {
      builder.notes.add(
          drawn + " answers were not complete; their lengths are drawn from those that were");
    }
    return requests;
  }

  /** One of some sorted lengths that is not shorter; the shortest possible if there is none. */
  private static int atLeast(int[] sorted, int least, Draws random) {
    int from = 0;
    while (from < sorted.length && sorted[from] < least) {
      from++;
    }
    return from == sorted.length ? least : sorted[from + (int) random.below(sorted.length - from)];
  }
}
