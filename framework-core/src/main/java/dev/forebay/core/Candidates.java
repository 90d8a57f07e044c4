package dev.forebay.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which endpoints a balancer may choose from: the first priority group that has enough members up.
 * The list is kept until something changes, so that a choice allocates nothing.
 *
 * <p>Where no group has enough up, a cooldown is more likely a hiccup of the whole than of each:
 * all members of the first group are used again (the panic threshold, as in Envoy). Members whose
 * account is out are never used, not even then.
 */
final class Candidates {

  private final double panicThreshold;
  private List<EndpointState> list = List.of();
  private long validUntilNanos = Long.MIN_VALUE;
  private boolean panic;

  Candidates(double panicThreshold) {
    this.panicThreshold = panicThreshold;
  }

  /** The list is to be made anew. */
  void invalidate() {
    validUntilNanos = Long.MIN_VALUE;
  }

  /** Whether cooldowns are being ignored. */
  boolean panic() {
    return panic;
  }

  /** The candidates now; empty where every account is out, or there is no member. */
  List<EndpointState> at(long now, List<EndpointState> members, Map<String, String> accountsOut) {
    if (now >= validUntilNanos) {
      compute(now, members, accountsOut);
    }
    return list;
  }

  private void compute(long now, List<EndpointState> members, Map<String, String> accountsOut) {
    TreeMap<Integer, List<EndpointState>> groups = new TreeMap<>();
    for (EndpointState member : members) {
      if (!accountsOut.containsKey(member.account())) {
        groups.computeIfAbsent(member.group(), group -> new ArrayList<>()).add(member);
      }
    }
    validUntilNanos = Long.MAX_VALUE;
    panic = false;
    for (List<EndpointState> group : groups.values()) {
      List<EndpointState> up = up(now, group);
      if (!up.isEmpty() && up.size() >= panicThreshold * group.size()) {
        list = up;
        return;
      }
    }
    panic = !groups.isEmpty();
    list = groups.isEmpty() ? List.of() : List.copyOf(groups.firstEntry().getValue());
  }

  private List<EndpointState> up(long now, List<EndpointState> group) {
    List<EndpointState> up = new ArrayList<>();
    for (EndpointState member : group) {
      if (member.cooldownUntilNanos() <= now) {
        up.add(member);
      } else {
        validUntilNanos = Math.min(validUntilNanos, member.cooldownUntilNanos());
      }
    }
    return List.copyOf(up);
  }
}
