package dev.forebay.replay.trace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Requests in the order of their arrival, and what is known about them.
 *
 * @param format the format it came in, such as {@code azure}
 * @param path where it was read from; null where it was generated
 * @param requests at least one, by arrival; the first arrives at 0 ns
 * @param carries what the requests have, synthetic fields included
 * @param synthetic which of that was made up or inferred rather than recorded
 * @param blockTokens how many prompt tokens a block of the prefix hashes covers; 0 where there are
 *     none
 * @param recordedNanos the arrivals as recorded, where the reader had to spread them; else empty
 * @param notes what a reader of a report has to know, one sentence each
 * @param speed how many times as fast as recorded or generated the requests arrive
 */
public record Trace(
    String format,
    @Nullable String path,
    List<TraceRequest> requests,
    Set<Carries> carries,
    Set<Carries> synthetic,
    int blockTokens,
    List<Long> recordedNanos,
    List<String> notes,
    double speed) {

  private static final double NANOS = 1e9;

  /** A trace at its own speed. */
  public Trace(
      String format,
      @Nullable String path,
      List<TraceRequest> requests,
      Set<Carries> carries,
      Set<Carries> synthetic,
      int blockTokens,
      List<Long> recordedNanos,
      List<String> notes) {
    this(format, path, requests, carries, synthetic, blockTokens, recordedNanos, notes, 1);
  }

  /** Takes copies of the collections. */
  public Trace {
    if (requests.isEmpty()) {
      throw new IllegalArgumentException("requests: 0 (expected: at least 1)");
    }
    requests = List.copyOf(requests);
    carries = copy(carries);
    synthetic = copy(synthetic);
    recordedNanos = List.copyOf(recordedNanos);
    notes = List.copyOf(notes);
  }

  /** Time from the first arrival to the last, in seconds. */
  public double spanSeconds() {
    return requests.get(requests.size() - 1).arrivalNanos() / NANOS;
  }

  /** Requests per second over the span; infinite where all arrive at once. */
  public double meanRate() {
    return requests.size() / spanSeconds();
  }

  /**
   * This trace with arrivals, and the pauses inside sessions, {@code speed} (above 0) times as
   * fast.
   *
   * @throws IllegalArgumentException if the last request then arrives after more than 104 days, as
   *     late as a trace may have it
   */
  public Trace scaled(double speed) {
    if (!(speed > 0) || Double.isInfinite(speed)) {
      throw new IllegalArgumentException("speed: " + speed + " (expected: > 0)");
    }
    if (speed == 1) {
      return this;
    }
    if (spanSeconds() / speed > JsonlFormat.LONGEST_MILLIS / 1e3) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "speed: %.3g times as fast, so that the trace takes %.3g days (expected: at most 104"
                  + " days)",
              speed,
              spanSeconds() / speed / 86_400));
    }
    List<TraceRequest> faster = new ArrayList<>(requests.size());
    for (TraceRequest request : requests) {
      faster.add(
          request
              .at(request.index(), Math.round(request.arrivalNanos() / speed))
              .thinking(Math.round(request.thinkNanos() / speed)));
    }
    List<Long> recorded = recordedNanos.stream().map(n -> Math.round(n / speed)).toList();
    return new Trace(
        format, path, faster, carries, synthetic, blockTokens, recorded, notes, this.speed * speed);
  }

  /** This trace with its arrivals scaled to a mean rate, in requests per second (above 0). */
  public Trace scaledToRate(double requestsPerSecond) {
    return scaled(requestsPerSecond / meanRate());
  }

  /**
   * This trace with its arrivals scaled so that the work offered per second is {@code load} times
   * what the fleet can do.
   *
   * @param load 1 is as much as the fleet can do
   * @param capacity units of work that the fleet does per second
   * @param work units of work that a request asks for, such as seconds of a slot
   */
  public Trace scaledToLoad(double load, double capacity, ToDoubleFunction<TraceRequest> work) {
    double offered = 0;
    for (TraceRequest request : requests) {
      offered += work.applyAsDouble(request);
    }
    return scaled(load * capacity * spanSeconds() / offered);
  }

  /** The first requests of this trace, at most so many (at least 1). */
  public Trace first(int most) {
    return most >= requests.size()
        ? this
        : new Trace(
            format,
            path,
            requests.subList(0, most),
            carries,
            synthetic,
            blockTokens,
            recordedNanos,
            notes,
            speed);
  }

  /** This trace with other requests, in the same order. */
  Trace with(List<TraceRequest> others, Set<Carries> added, List<String> moreNotes) {
    EnumSet<Carries> all = EnumSet.noneOf(Carries.class);
    all.addAll(carries);
    all.addAll(added);
    EnumSet<Carries> made = EnumSet.noneOf(Carries.class);
    made.addAll(synthetic);
    made.addAll(added);
    List<String> said = new ArrayList<>(notes);
    said.addAll(moreNotes);
    return new Trace(format, path, others, all, made, blockTokens, recordedNanos, said, speed);
  }

  private static Set<Carries> copy(Set<Carries> set) {
    EnumSet<Carries> copy = EnumSet.noneOf(Carries.class);
    copy.addAll(set);
    return Collections.unmodifiableSet(copy);
  }
}
