package dev.forebay.replay.live;

import dev.forebay.replay.run.Digest;
import dev.forebay.replay.run.Lengths;
import dev.forebay.replay.run.Tally;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the client wrote down, counted as a replay in virtual time counts: the same tally makes the
 * same columns.
 */
final class LiveResults {

  private final Trace trace;
  private final Lengths lengths;
  private final boolean emulated;
  private final List<JsonObject> lines = new ArrayList<>();
  private JsonObject client = new JsonObject();
  private final SortedMap<String, Long> ends = new TreeMap<>();
  private long warmUps;
  private long sent;
  private boolean usage = true;

  /**
   * Reads a file of results.
   *
   * @param emulated whether it is known how long the right answers are
   * @throws IllegalStateException if a request of the trace is missing
   */
  LiveResults(Path file, Trace trace, Lengths lengths, boolean emulated) {
    this.trace = trace;
    this.lengths = lengths;
    this.emulated = emulated;
    try {
      for (String line : Files.readAllLines(file)) {
        add(new JsonObject(line));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (lines.size() != trace.requests().size()) {
      throw new IllegalStateException(
          "results: "
              + lines.size()
              + " requests (expected: "
              + trace.requests().size()
              + ", those of the trace)");
    }
    lines.sort(Comparator.comparingLong(line -> line.getLong("end")));
  }

  private void add(JsonObject line) {
    if (!line.containsKey("id")) {
      client = line;
      return;
    }
    sent += line.getInteger("written");
    ends.merge(line.getString("how"), 1L, Long::sum);
    if (Lengths.index(line.getString("id")) >= 0) {
      lines.add(line);
    } else {
      warmUps++;
    }
  }

  /** How many requests the client wrote down, warm-up included. */
  LiveCounts.Client counts() {
    return new LiveCounts.Client(lines.size() + warmUps, sent, ends);
  }

  /** The fingerprint of what the client had to send. */
  String traffic() {
    return Digest.of(trace);
  }

  /** Tells a tally all of it. */
  void tell(Tally tally) {
    lines.stream()
        .sorted(Comparator.comparingLong(line -> line.getLong("intended")))
        .forEach(line -> tally.arrived(request(line), line.getLong("intended")));
    lines.forEach(line -> tell(tally, line));
  }

  private TraceRequest request(JsonObject line) {
    return trace.requests().get(Lengths.index(line.getString("id")));
  }

  private void tell(Tally tally, JsonObject line) {
    TraceRequest request = request(line);
    long end = line.getLong("end");
    for (int i = line.getInteger("tries"); i > 0; i--) {
      tally.retried();
    }
    for (int i = 0; i < line.getInteger("advised"); i++) {
      tally.followed(i >= line.getInteger("misled"));
    }
    JsonArray gaps = line.getJsonArray("gapsMicros");
    for (int i = 0; i < gaps.size(); i++) {
      tally.between(gaps.getLong(i) * 1000);
    }
    for (int i = 0; i < line.getInteger("contents"); i++) {
      tally.content(request.index(), end);
    }
    int tokens = line.getInteger("tokens");
    switch (line.getString("how")) {
      case "answered" -> {
        usage &= line.getString("tokensFrom").equals("usage");
        if (emulated && tokens != lengths.of(request.index())) {
          tally.wrong(request, "wrong_length", end);
        } else {
          tally.answered(
              request,
              new Tally.Answered(
                  line.getString("backend", ""), line.getString("cache"), Math.max(1, tokens)),
              line.getLong("intended"),
              line.getLong("first", end),
              end);
        }
      }
      case "foreign" -> tally.wrong(request, "other_answer", end);
      default -> tally.failed(request, failure(line), false, end);
    }
  }

  /** As the gateway meant it, from what HTTP shows of it. */
  private static Failure failure(JsonObject line) {
    int http = line.getInteger("status");
    String reason = line.getString("reason", "");
    return switch (line.getString("how")) {
      case "left" -> Failure.cancelled();
      case "cut" -> Failure.of(Status.OVERLOADED, 502, "cut", "");
      case "lost" -> Failure.of(Status.OVERLOADED, 502, "connection_lost", "");
      case "broken" -> Failure.of(Status.OVERLOADED, 502, reason, "");
      default ->
          Failure.of(status(http, line), http, reason.isEmpty() ? "http_" + http : reason, "");
    };
  }

  /** An upstream's own 429 never reaches a caller; a 503 without a backend is the gateway's. */
  private static Status status(int http, JsonObject line) {
    if (http == 429) {
      return Status.REFUSED;
    }
    boolean own = line.getString("backend") == null;
    return http == 503 && own
        ? Status.SATURATED
        : http == 504 ? Status.TIMED_OUT : Status.OVERLOADED;
  }

  /**
   * What they say of the client.
   *
   * @param counted requests that Gatling counted
   * @param timerLagMillis by how much the upstream's timers were late in the mean
   */
  ClientProof proof(
      String combination, long seed, double medianMillis, long counted, double timerLagMillis) {
    long[] lags =
        lines.stream()
            .filter(line -> line.containsKey("sent"))
            .mapToLong(line -> line.getLong("sent") - line.getLong("intended"))
            .toArray();
    return new ClientProof(
        combination,
        seed,
        lines.size(),
        warmUps,
        ClientProof.p99Millis(lags),
        medianMillis,
        client.getDouble("processorShare", 0.0),
        usage,
        counted,
        timerLagMillis);
  }
}
