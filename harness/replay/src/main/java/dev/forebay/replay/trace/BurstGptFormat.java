package dev.forebay.replay.trace;

import dev.forebay.spi.RequestInfo;

/**
 * HPMLL/BurstGPT: {@code Timestamp} (s), optionally {@code Session ID} and {@code Elapsed time},
 * {@code Model}, {@code Request tokens}, {@code Response tokens}, {@code Total tokens}, {@code Log
 * Type}.
 */
final class BurstGptFormat implements TraceFormat {
  private static final long STEP_NANOS = 1_000_000_000L;
  private static final double LONGEST_SECONDS = 9e9;

  @Override
  public String name() {
    return "burstgpt";
  }

  @Override
  public String about() {
    return "BurstGPT traces (CSV: Timestamp in s, Model, Request tokens, Response tokens, …)";
  }

  @Override
  public Trace read(String path, int limit, long seed) {
    TraceBuilder builder = new TraceBuilder(name(), path, limit);
    builder.carries.add(Carries.LENGTHS);
    Turns turns = new Turns();
    int failed = 0;
    try (Table table = new Table(path, "Timestamp", "Model", "Request tokens", "Response tokens")) {
      builder.carries.add(Carries.MODEL);
      while (!builder.full() && table.next()) {
        int output = table.tokens("Response tokens");
        failed += output == 0 ? 1 : 0;
        long arrival = Math.round(table.number("Timestamp", 0, LONGEST_SECONDS) * 1e9);
        TraceRequest request =
            TraceRequest.of(arrival, table.tokens("Request tokens"), output)
                .asking(table.optional("Model"), RequestInfo.STANDARD, true);
        String session = table.optional("Session ID");
        if (session != null) {
          builder.carries.add(Carries.SESSION);
          request = request.inSession(session, turns.next(session), 0);
        }
        builder.add(request);
      }
    }
    if (failed > 0) {
      builder.notes.add(failed + " requests failed when recorded: their answers have 0 tokens");
    }
    return builder.buildSpread(Buckets.whereWhole(STEP_NANOS, seed));
  }
}
