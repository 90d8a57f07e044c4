package dev.forebay.live;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What became of one request, with all of its tries; written as a line of JSON. */
final class Result {

  /** Not yet. */
  static final long NEVER = Long.MIN_VALUE;

  private static final int NANOS_PER_MICRO = 1000;

  final Turn turn;
  long intended;
  long sent = NEVER;
  long head = NEVER;
  long first = NEVER;
  long end = NEVER;
  int tries;
  int written;
  int advised;
  int misled;
  int status;
  String how = "left";
  String reason = "";
  @Nullable String backend;
  @Nullable String cache;
  int tokens;
  boolean usage;
  int contents;
  private long last;
  private long[] gaps = new long[64];
  private int gapCount;

  Result(Turn turn) {
    this.turn = turn;
  }

  /** Contents came, at the same moment. */
  void contents(int count, long now) {
    for (int i = 0; i < count; i++) {
      if (first == NEVER) {
        first = now;
      } else {
        if (gapCount == gaps.length) {
          gaps = Arrays.copyOf(gaps, gapCount * 2);
        }
        gaps[gapCount++] = (now - last) / NANOS_PER_MICRO;
      }
      last = now;
    }
  }

  /** Times in nanoseconds from the first arrival; gaps between contents in microseconds. */
  String json(long origin) {
    StringBuilder json = new StringBuilder(256 + 5 * gapCount);
    json.append("{\"id\":\"").append(turn.id()).append('"');
    time(json, "intended", intended, origin);
    time(json, "sent", sent, origin);
    time(json, "head", head, origin);
    time(json, "first", first, origin);
    time(json, "end", end, origin);
    json.append(",\"tries\":").append(tries).append(",\"written\":").append(written);
    json.append(",\"advised\":").append(advised);
    json.append(",\"misled\":").append(misled).append(",\"status\":").append(status);
    text(json, "how", how);
    text(json, "reason", reason);
    text(json, "backend", backend);
    text(json, "cache", cache);
    json.append(",\"promptTokens\":").append(turn.tokens());
    json.append(",\"tokens\":").append(tokens);
    text(json, "tokensFrom", usage ? "usage" : "contents");
    json.append(",\"contents\":").append(contents).append(",\"gapsMicros\":[");
    for (int i = 0; i < gapCount; i++) {
      json.append(i == 0 ? "" : ",").append(gaps[i]);
    }
    return json.append("]}").toString();
  }

  private static void time(StringBuilder json, String name, long nanos, long origin) {
    if (nanos != NEVER) {
      json.append(",\"").append(name).append("\":").append(nanos - origin);
    }
  }

  private static void text(StringBuilder json, String name, @Nullable String value) {
    if (value != null) {
      String plain = value.replaceAll("[\"\\\\\\p{Cntrl}]", "?");
      json.append(",\"").append(name).append("\":\"").append(plain).append('"');
    }
  }
}
