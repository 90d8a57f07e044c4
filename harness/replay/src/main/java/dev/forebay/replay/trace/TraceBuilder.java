package dev.forebay.replay.trace;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the requests that a reader finds, sorts them, and starts their clock at 0. */
final class TraceBuilder {
  /** The most requests that a trace may have: about 1 GB of heap. */
  static final int MAX_REQUESTS = 5_000_000;

  final EnumSet<Carries> carries = EnumSet.noneOf(Carries.class);
  final EnumSet<Carries> synthetic = EnumSet.noneOf(Carries.class);
  final List<String> notes = new ArrayList<>();
  int blockTokens;
  private final String format;
  private final @Nullable String path;
  private final int limit;
  private List<TraceRequest> requests = new ArrayList<>();

  /** At most {@code limit} requests (at least 1) are taken. */
  TraceBuilder(String format, @Nullable String path, int limit) {
    if (limit < 1) {
      throw new TraceException("limit: " + limit + " (expected: at least 1 request)");
    }
    this.format = format;
    this.path = path;
    this.limit = limit;
  }

  boolean full() {
    return requests.size() >= limit;
  }

  int size() {
    return requests.size();
  }

  void add(TraceRequest request) {
    if (requests.size() >= MAX_REQUESTS) {
      throw new TraceException(
          path + ": more than " + MAX_REQUESTS + " requests (expected: fewer, or --limit N)");
    }
    requests.add(request);
  }

  Trace build() {
    sort();
    return finish(List.of());
  }

  /**
   * Like {@link #build()}, with requests that share a stamp spread over the bucket it stands for.
   */
  Trace buildSpread(Buckets buckets) {
    sort();
    long[] stamps = requests.stream().mapToLong(TraceRequest::arrivalNanos).toArray();
    if (!buckets.applyTo(stamps)) {
      return finish(List.of());
    }
    long origin = stamps[0];
    List<Long> recorded = new ArrayList<>(stamps.length);
    for (long stamp : stamps) {
      recorded.add(stamp - origin);
    }
    buckets.spread(stamps);
    for (int i = 0; i < stamps.length; i++) {
      requests.set(i, requests.get(i).at(i, stamps[i]));
    }
    notes.add(buckets.note());
    return finish(recorded);
  }

  private void sort() {
    if (requests.isEmpty()) {
      throw new TraceException(path + ": no requests (expected: at least 1)");
    }
    int disordered = 0;
    for (int i = 1; i < requests.size(); i++) {
      if (requests.get(i).arrivalNanos() < requests.get(i - 1).arrivalNanos()) {
        disordered++;
      }
    }
    if (disordered > 0) {
      requests.sort(Comparator.comparingLong(TraceRequest::arrivalNanos));
      notes.add(disordered + " requests were earlier than the one before; sorted by arrival");
    }
  }

  private Trace finish(List<Long> recorded) {
    long origin = requests.get(0).arrivalNanos();
    for (int i = 0; i < requests.size(); i++) {
      TraceRequest request = requests.get(i);
      requests.set(i, request.at(i, request.arrivalNanos() - origin));
    }
    List<TraceRequest> done = requests;
    requests = new ArrayList<>();
    return new Trace(format, path, done, carries, synthetic, blockTokens, recorded, notes);
  }
}
