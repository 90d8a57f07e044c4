package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Forebay's own format, see {@link JsonlWriter}. */
final class JsonlFormat implements TraceFormat {
  /** Where values stay exact to the nanosecond: 2^53 ns, 104 days. */
  static final double LONGEST_MILLIS = 9_007_199_254.0;

  private static final int MAX_TURNS = 1_000_000;
  private static final int MAX_BLOCK_TOKENS = 1 << 20;
  static final Set<String> HEADER_KEYS = keys("forebayTrace", "blockTokens", "synthetic", "notes");
  static final Set<String> KEYS =
      keys(
          "arrivalMillis",
          "promptTokens",
          "outputTokens",
          "tenant",
          "user",
          "session",
          "turn",
          "thinkMillis",
          "model",
          "prefix",
          "promptId",
          "priority",
          "stream",
          "patienceMillis");

  @Override
  public String name() {
    return "jsonl";
  }

  @Override
  public String about() {
    return "Forebay's own format (JSONL: arrivalMillis, promptTokens, outputTokens, tenant, …)";
  }

  @Override
  public Trace read(String path, int limit, long seed) {
    TraceBuilder builder = new TraceBuilder(name(), path, limit);
    builder.carries.add(Carries.LENGTHS);
    Turns turns = new Turns();
    try (JsonLines lines = new JsonLines(path)) {
      boolean first = true;
      while (!builder.full() && lines.next()) {
        if (first && lines.has("forebayTrace")) {
          header(lines, builder);
        } else {
          builder.add(request(lines, builder, turns));
        }
        first = false;
      }
    }
    if (builder.carries.contains(Carries.PREFIX) && builder.blockTokens == 0) {
      throw new TraceException(
          path
              + ":1: prefix without blockTokens (expected: a first line such as"
              + " {\"forebayTrace\": 1, \"blockTokens\": 512})");
    }
    builder.synthetic.retainAll(builder.carries);
    return builder.build();
  }

  private static void header(JsonLines lines, TraceBuilder builder) {
    lines.only(HEADER_KEYS);
    if (lines.whole("forebayTrace", Integer.MAX_VALUE) != 1) {
      throw lines.wrong("forebayTrace", "1, the version that this reader knows");
    }
    if (lines.has("blockTokens")) {
      builder.blockTokens = (int) lines.whole("blockTokens", MAX_BLOCK_TOKENS);
    }
    for (String name : lines.texts("synthetic")) {
      try {
        builder.synthetic.add(Carries.valueOf(name.toUpperCase(Locale.ROOT).replace(' ', '_')));
      } catch (IllegalArgumentException e) {
        throw lines.wrong("synthetic", "of " + Arrays.toString(Carries.values()));
      }
    }
    builder.notes.addAll(lines.texts("notes"));
  }

  private static TraceRequest request(JsonLines lines, TraceBuilder builder, Turns turns) {
    lines.only(KEYS);
    int prompt = lines.tokens("promptTokens");
    int output = lines.tokens("outputTokens");
    long arrival = Math.round(lines.number("arrivalMillis", 0, LONGEST_MILLIS) * 1e6);
    TraceRequest request =
        TraceRequest.of(arrival, prompt, output).from(lines.text("tenant"), lines.text("user"));
    request = asked(request, lines);
    request = session(request, lines, turns);
    if (lines.has("promptId") || lines.has("prefix")) {
      long id =
          lines.has("promptId")
              ? lines.identity("promptId") & Long.MAX_VALUE
              : TraceRequest.UNKNOWN_PROMPT;
      long[] hashes = lines.hashes("prefix");
      request = request.withPrompt(id, PrefixHashes.of(hashes), prompt, output);
    }
    note(lines, builder, "tenant", Carries.TENANT);
    note(lines, builder, "session", Carries.SESSION);
    note(lines, builder, "model", Carries.MODEL);
    note(lines, builder, "prefix", Carries.PREFIX);
    note(lines, builder, "promptId", Carries.PROMPT_IDENTITY);
    note(lines, builder, "priority", Carries.PRIORITY);
    return request;
  }

  private static TraceRequest asked(TraceRequest request, JsonLines lines) {
    int priority =
        lines.has("priority")
            ? (int) lines.whole("priority", RequestInfo.LEAST_PRIORITY)
            : RequestInfo.STANDARD;
    double patience =
        lines.has("patienceMillis") ? lines.number("patienceMillis", 0, LONGEST_MILLIS) : 0;
    return request
        .asking(lines.text("model"), priority, lines.flag("stream", true))
        .leavingAfter(Math.round(patience * 1e6));
  }

  private static TraceRequest session(TraceRequest request, JsonLines lines, Turns turns) {
    String session = lines.text("session");
    if (session == null) {
      return request;
    }
    int counted = turns.next(session);
    int turn = lines.has("turn") ? (int) lines.whole("turn", MAX_TURNS) : counted;
    double think = lines.has("thinkMillis") ? lines.number("thinkMillis", 0, LONGEST_MILLIS) : 0;
    return request.inSession(session, turn, Math.round(think * 1e6));
  }

  private static void note(JsonLines lines, TraceBuilder builder, String key, Carries carried) {
    if (lines.has(key)) {
      builder.carries.add(carried);
    }
  }

  private static Set<String> keys(String... keys) {
    return new LinkedHashSet<>(List.of(keys));
  }
}
