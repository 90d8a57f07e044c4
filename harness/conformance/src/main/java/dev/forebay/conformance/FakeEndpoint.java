package dev.forebay.conformance;

import dev.forebay.spi.policy.Endpoint;
import java.util.ArrayList;
import java.util.List;

/** An endpoint whose figures a test sets; at first it is idle, healthy and without samples. */
public final class FakeEndpoint implements Endpoint {

  private final String id;
  private String account;
  private boolean accountFull;
  private int group;
  private double weight = 1;
  private int inFlight;
  private long inFlightTokens;
  private long firstContentNanos;
  private double errorRate;
  private double reportedLoad = Double.NaN;
  private long reportedLoadAgeNanos = Long.MAX_VALUE;

  private FakeEndpoint(String id) {
    this.id = id;
    this.account = id;
  }

  /** An idle endpoint with an account of its own, in group 0, of weight 1. */
  public static FakeEndpoint of(String id) {
    return new FakeEndpoint(id);
  }

  /** Idle endpoints, named by a prefix and a number from 0. */
  public static List<FakeEndpoint> many(String prefix, int count) {
    List<FakeEndpoint> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(of(prefix + i));
    }
    return all;
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public String account() {
    return account;
  }

  /** Sets the account. */
  public FakeEndpoint account(String other) {
    account = other;
    return this;
  }

  @Override
  public boolean accountFull() {
    return accountFull;
  }

  /** Sets whether its account has as many requests in flight as it takes. */
  public FakeEndpoint accountFull(boolean full) {
    accountFull = full;
    return this;
  }

  @Override
  public int group() {
    return group;
  }

  /** Sets the priority group. */
  public FakeEndpoint group(int other) {
    group = other;
    return this;
  }

  @Override
  public double weight() {
    return weight;
  }

  /** Sets the weight. */
  public FakeEndpoint weight(double other) {
    weight = other;
    return this;
  }

  @Override
  public int inFlight() {
    return inFlight;
  }

  /** Sets how many requests are under way. */
  public FakeEndpoint inFlight(int other) {
    inFlight = other;
    return this;
  }

  @Override
  public long inFlightTokens() {
    return inFlightTokens;
  }

  /** Sets how many tokens are under way. */
  public FakeEndpoint inFlightTokens(long other) {
    inFlightTokens = other;
    return this;
  }

  @Override
  public long firstContentNanos() {
    return firstContentNanos;
  }

  /** Sets the smoothed time to the first content; 0 for no sample. */
  public FakeEndpoint firstContentNanos(long other) {
    firstContentNanos = other;
    return this;
  }

  @Override
  public double errorRate() {
    return errorRate;
  }

  /** Sets the error rate, 0 to 1. */
  public FakeEndpoint errorRate(double other) {
    errorRate = other;
    return this;
  }

  @Override
  public double reportedLoad() {
    return reportedLoad;
  }

  @Override
  public long reportedLoadAgeNanos() {
    return reportedLoadAgeNanos;
  }

  /** Sets the reported load and its age; NaN and {@link Long#MAX_VALUE} for unknown. */
  public FakeEndpoint reportedLoad(double load, long ageNanos) {
    reportedLoad = load;
    reportedLoadAgeNanos = ageNanos;
    return this;
  }

  @Override
  public String toString() {
    return id;
  }
}
