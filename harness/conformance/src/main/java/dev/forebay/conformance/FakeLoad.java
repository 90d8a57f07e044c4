package dev.forebay.conformance;

import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.PoolLoad.MemberLoad;
import dev.forebay.spi.policy.PoolLoad.State;
import dev.forebay.spi.policy.PoolLoad.Traffic;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The load of a pool as a test says it: nothing is known until the test says so. */
public final class FakeLoad {

  private static final long INTERVAL_NANOS = 15_000_000_000L;

  private final List<MemberLoad> members = new ArrayList<>();
  private long atNanos = INTERVAL_NANOS;
  private int replicas = -1;
  private int least = 1;
  private int most = 100;
  private @Nullable Double arrivals;
  private @Nullable Double finished;
  private int inFlight;
  private @Nullable Integer waiting;
  private @Nullable Long waitingTokens;
  private @Nullable Double waitSeconds;
  private @Nullable Double firstContent;

  /** No members yet, between 1 and 100 of them, 15 s after the beginning. */
  public FakeLoad() {}

  /** So many ready members that use a share of their CPU. */
  public static FakeLoad cpu(int ready, double cpu) {
    return new FakeLoad().members(ready, State.READY, cpu, null);
  }

  /** So many ready members of which no use is known. */
  public static FakeLoad ready(int ready) {
    return new FakeLoad().members(ready, State.READY, null, null);
  }

  /**
   * Adds members.
   *
   * @param cpu null if it is not known
   * @param memory null if it is not known
   */
  public FakeLoad members(int count, State state, @Nullable Double cpu, @Nullable Double memory) {
    return measured(count, state, figure(cpu), figure(memory));
  }

  /** Adds members with figures that have an age. */
  public FakeLoad measured(int count, State state, @Nullable Figure cpu, @Nullable Figure memory) {
    for (int i = 0; i < count; i++) {
      members.add(new MemberLoad("m" + members.size(), state, cpu, memory, 0));
    }
    return this;
  }

  /** Adds members on their way. */
  public FakeLoad coming(int count) {
    return measured(count, State.COMING, null, null);
  }

  /** The replicas; by default the members that do not leave. */
  public FakeLoad replicas(int count) {
    replicas = count;
    return this;
  }

  /** The bounds. */
  public FakeLoad between(int fewest, int mostReplicas) {
    least = fewest;
    most = mostReplicas;
    return this;
  }

  /** When it is, in seconds. */
  public FakeLoad at(long seconds) {
    atNanos = seconds * 1_000_000_000L;
    return this;
  }

  /** Requests per second that come and that are over; as many are under way. */
  public FakeLoad traffic(double coming, double over) {
    arrivals = coming;
    finished = over;
    inFlight = (int) Math.ceil(over);
    return this;
  }

  /** Requests under way. */
  public FakeLoad underWay(int count) {
    inFlight = count;
    return this;
  }

  /** What waits. */
  public FakeLoad waiting(int count, long tokens, double seconds) {
    waiting = count;
    waitingTokens = tokens;
    waitSeconds = seconds;
    return this;
  }

  /** Seconds to the first content. */
  public FakeLoad firstContent(double seconds) {
    firstContent = seconds;
    return this;
  }

  /** The load. */
  public PoolLoad load() {
    long here = members.stream().filter(member -> member.state() != State.LEAVING).count();
    return new PoolLoad(
        atNanos,
        atNanos / 1_000_000,
        replicas < 0 ? (int) here : replicas,
        least,
        most,
        members,
        new Traffic(
            INTERVAL_NANOS,
            arrivals,
            finished,
            inFlight,
            waiting,
            waitingTokens,
            waitSeconds,
            firstContent));
  }

  private static @Nullable Figure figure(@Nullable Double value) {
    return value == null ? null : new Figure(value, 0);
  }
}
