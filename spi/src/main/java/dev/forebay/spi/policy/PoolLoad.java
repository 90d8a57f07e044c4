package dev.forebay.spi.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an autoscaler knows of a pool at one moment. Each figure carries its age and, if it is one
 * of a member, that member.
 *
 * @param atNanos when, on the gateway's timeline
 * @param epochMillis when, in milliseconds since 1970 UTC: for cycles of a day
 * @param replicas members that are to serve, as decided last: those that do, and those on their way
 * @param least bound of replicas, at least 0
 * @param most bound of replicas, at least 1
 * @param members all that are there or on their way
 * @param traffic what came, what was answered, what waits
 */
public record PoolLoad(
    long atNanos,
    long epochMillis,
    int replicas,
    int least,
    int most,
    List<MemberLoad> members,
    Traffic traffic) {

  /** Copies. */
  public PoolLoad {
    members = List.copyOf(members);
  }

  /** How many members are in a state. */
  public int count(State state) {
    return (int) members.stream().filter(member -> member.state() == state).count();
  }

  /** What a member is to an autoscaler. */
  public enum State {
    /**
     * It was ordered and is not there yet, or is younger than its warm-up: capacity on its way. Its
     * figures say nothing.
     */
    COMING,
    /** It serves. */
    READY,
    /** It has served, and cannot be given requests now. */
    UNREADY,
    /** It finishes what it has, or stands by: it is no part of the replicas. */
    LEAVING
  }

  /**
   * A figure with its age.
   *
   * @param value at least 0
   * @param ageNanos since it was measured, at least 0
   */
  public record Figure(double value, long ageNanos) {}

  /**
   * A member.
   *
   * @param id unique in the pool
   * @param cpu used share of the CPU that it may use, 1 for all; null if it is not known
   * @param memory used share of its memory; null if it is not known
   * @param inFlight requests under way
   */
  public record MemberLoad(
      String id, State state, @Nullable Figure cpu, @Nullable Figure memory, int inFlight) {}

  /**
   * What went through a pool since the last look. A figure is null if it is not known: queues are
   * known if the pool, or the gateway before it, has a stage {@code admit}.
   *
   * @param overNanos the time that the rates are of; 0 at the first look, then no rate is known
   * @param arrivals requests per second that came
   * @param finished requests per second that were over
   * @param inFlight requests under way on the members
   * @param waiting requests that wait for capacity
   * @param waitingTokens the tokens that they are expected to take, of prompts and answers
   * @param waitSeconds how long the one that came first has waited
   * @param firstContentSeconds smoothed time to the first content, the mean of the ready members
   */
  public record Traffic(
      long overNanos,
      @Nullable Double arrivals,
      @Nullable Double finished,
      int inFlight,
      @Nullable Integer waiting,
      @Nullable Long waitingTokens,
      @Nullable Double waitSeconds,
      @Nullable Double firstContentSeconds) {}
}
