package dev.forebay.core;

import dev.forebay.spi.Attempt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints a balancer may choose from: those of the first priority group that has enough
 * members up, has room, and has a member that has not failed this request yet. So there is one way
 * from a group to the next, whether the reason is health, load or a retry. The lists are kept until
 * something changes, so that a choice allocates nothing.
 *
 * <p>Where no group has enough up, a cooldown is more likely a hiccup of the whole than of each:
 * all members of the first group are used again (the panic threshold, as in Envoy). Members that
 * drain or whose account is out are never used, not even then. Where every group is full, the first
 * takes the request: to refuse is the business of an admission stage.
 */
final class Candidates {

  private final double panicThreshold;
  private final int spillOver;
  private final int trials;
  private List<List<EndpointState>> groups = List.of();
  private long validUntilNanos = Long.MIN_VALUE;
  private boolean panic;

  /**
   * No candidates yet.
   *
   * @param spillOver requests in flight for each unit of weight at which a group is full; 0: never
   * @param trials requests that an endpoint that is half-open may have at once
   */
  Candidates(double panicThreshold, int spillOver, int trials) {
    this.panicThreshold = panicThreshold;
    this.spillOver = spillOver;
    this.trials = trials;
  }

  /** The lists are to be made anew. */
  void invalidate() {
    validUntilNanos = Long.MIN_VALUE;
  }

  /** Whether cooldowns are being ignored. */
  boolean panic() {
    return panic;
  }

  /** Takes note of what changed; whether there is a candidate at all. */
  boolean refresh(long now, List<EndpointState> members, Accounts accounts) {
    if (now >= validUntilNanos) {
      compute(now, members, accounts);
    }
    return !groups.isEmpty();
  }

  /**
   * The candidates for an attempt, of one group, as of the last {@link #refresh}. Endpoints that it
   * is to avoid are among them only where there is no other in any group.
   *
   * @return unmodifiable; empty where nobody can be asked
   */
  List<EndpointState> of(Attempt attempt) {
    List<EndpointState> full = null;
    for (int i = 0; i < groups.size(); i++) {
      List<EndpointState> fresh = without(groups.get(i), attempt);
      if (fresh.isEmpty()) {
        continue;
      }
      if (hasRoom(groups.get(i))) {
        return fresh;
      }
      full = full == null ? fresh : full;
    }
    if (full != null) {
      return full;
    }
    return groups.isEmpty() ? List.of() : groups.get(0);
  }

  private boolean hasRoom(List<EndpointState> group) {
    if (spillOver == 0 || groups.size() == 1) {
      return true;
    }
    long inFlight = 0;
    double weight = 0;
    for (int i = 0; i < group.size(); i++) {
      inFlight += group.get(i).inFlight();
      weight += group.get(i).weight();
    }
    return inFlight < spillOver * weight;
  }

  private static List<EndpointState> without(List<EndpointState> group, Attempt attempt) {
    if (attempt.avoid().isEmpty()) {
      return group;
    }
    List<EndpointState> fresh = new ArrayList<>(group.size());
    for (EndpointState endpoint : group) {
      if (!attempt.avoid().contains(endpoint.id())) {
        fresh.add(endpoint);
      }
    }
    return Collections.unmodifiableList(fresh);
  }

  private void compute(long now, List<EndpointState> members, Accounts accounts) {
    TreeMap<Integer, List<EndpointState>> all = new TreeMap<>();
    for (EndpointState member : members) {
      if (!member.draining() && !accounts.isOut(member.account())) {
        all.computeIfAbsent(member.group(), group -> new ArrayList<>()).add(member);
      }
    }
    validUntilNanos = Long.MAX_VALUE;
    List<List<EndpointState>> usable = new ArrayList<>();
    for (List<EndpointState> group : all.values()) {
      List<EndpointState> up = up(now, group);
      if (!up.isEmpty() && up.size() >= panicThreshold * group.size()) {
        usable.add(up);
      }
    }
    panic = usable.isEmpty() && !all.isEmpty();
    groups = panic ? List.of(List.copyOf(all.firstEntry().getValue())) : List.copyOf(usable);
    groups.forEach(group -> group.forEach(endpoint -> endpoint.listedIn(group)));
  }

  private List<EndpointState> up(long now, List<EndpointState> group) {
    List<EndpointState> up = new ArrayList<>();
    for (EndpointState member : group) {
      if (member.health().available(now, trials)) {
        up.add(member);
      } else {
        validUntilNanos = Math.min(validUntilNanos, member.health().availableAtNanos(now));
      }
    }
    return List.copyOf(up);
  }

  /** Whether a choice is one of the candidates; without a search where the list is a kept one. */
  static boolean contains(List<EndpointState> candidates, @Nullable EndpointState choice) {
    return choice != null && (choice.isListedIn(candidates) || candidates.contains(choice));
  }
}
