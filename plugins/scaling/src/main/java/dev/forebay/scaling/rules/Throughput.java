package dev.forebay.scaling.rules;

import dev.forebay.spi.policy.PoolLoad;
import dev.forebay.spi.policy.PoolLoad.MemberLoad;
import dev.forebay.spi.policy.PoolLoad.State;
import java.util.OptionalDouble;

/**
 * How many requests per second one member finishes when it is busy, as learned. While requests
 * wait, it is what the ready members finish. Else it is that over their share of CPU, if that is
 * known and not small; else it is at least what they finish.
 *
 * <p>Half of each request that is under way is done, on average. So half of what came to be under
 * way since the last look counts as finished: members that have just begun to work, as after a
 * restart of the gateway, have finished little.
 *
 * <p>The need of a pool follows from it: arrivals over what a member finishes. That is a number of
 * members, not a step from those that there are: requests that wait for a member which is ordered
 * already do not order another.
 */
public final class Throughput {

  private static final double SMOOTHING = 0.3;
  private static final double LEAST_CPU = 0.2;

  private final double given;
  private double learned;
  private int underWay = -1;

  /**
   * Nothing learned yet.
   *
   * @param given requests per second of a member, which is then not learned; 0 to learn
   */
  public Throughput(double given) {
    this.given = given;
  }

  /** Requests per second of a busy member; 0 if nothing is known. */
  public double perMember() {
    return given > 0 ? given : learned;
  }

  /** Learns from a load. */
  public void learn(PoolLoad load) {
    int ready = load.count(State.READY);
    Double finished = load.traffic().finished();
    int before = underWay;
    underWay = load.traffic().inFlight();
    if (ready == 0 || finished == null || finished <= 0) {
      return;
    }
    double begun = before < 0 ? 0 : (underWay - before) / 2.0;
    double each = Math.max(0, finished + begun * 1e9 / load.traffic().overNanos()) / ready;
    Integer waiting = load.traffic().waiting();
    OptionalDouble cpu =
        load.members().stream()
            .filter(member -> member.state() == State.READY && member.cpu() != null)
            .mapToDouble(Throughput::cpu)
            .average();
    if (waiting != null && waiting > 0) {
      smooth(each);
    } else if (cpu.isPresent() && cpu.getAsDouble() >= LEAST_CPU) {
      smooth(each / Math.min(1, cpu.getAsDouble()));
    } else {
      learned = Math.max(learned, each);
    }
  }

  private void smooth(double each) {
    learned = learned == 0 ? each : learned + SMOOTHING * (each - learned);
  }

  private static double cpu(MemberLoad member) {
    PoolLoad.Figure cpu = member.cpu();
    return cpu == null ? 0 : cpu.value();
  }

  /**
   * The members that take so many waiting requests within a time: each takes as many at once as
   * another has under way, and then as many as it finishes.
   *
   * @param seconds above 0
   * @return 0 if nothing is known
   */
  public double members(PoolLoad load, int waiting, double seconds) {
    double each = perMember();
    double atOnce = (double) load.traffic().inFlight() / Math.max(1, load.count(State.READY));
    return each == 0 ? 0 : waiting / (atOnce + each * seconds);
  }

  /**
   * The members that a demand needs.
   *
   * @param arrivals requests per second
   * @param utilisation the share of each member that is to be used, above 0
   * @return 0 if nothing is known
   */
  public double members(double arrivals, double utilisation) {
    double each = perMember();
    return each == 0 ? 0 : arrivals / (each * utilisation);
  }
}
