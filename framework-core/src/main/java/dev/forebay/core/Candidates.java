package dev.forebay.core;

import dev.forebay.spi.Attempt;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which endpoints a balancer may choose from: those of the first priority group that has enough
 * members up, has room, and has a member that has not failed this request yet. So there is one way
 * from a group to the next, whether the reason is health, load or a retry. Where members differ in
 * the models that they offer, each model has candidates of its own. The lists are kept until
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
  private final Map<String, Lists> byModel = new LinkedHashMap<>();
  private Lists lists = Lists.NONE;
  private List<EndpointState> members = List.of();
  private Models models = Models.ALIKE;
  private @Nullable Accounts accounts;
  private long computedNanos;
  private long validUntilNanos = Long.MIN_VALUE;

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

  /** The members changed. */
  void members(List<EndpointState> all) {
    models = Models.of(all);
    invalidate();
  }

  /** The lists are to be made anew. */
  void invalidate() {
    validUntilNanos = Long.MIN_VALUE;
  }

  /** Whether cooldowns are being ignored. */
  boolean panic() {
    return lists.panic();
  }

  /** Takes note of what changed, and of the time; whether there is a candidate at all. */
  boolean refresh(long now, List<EndpointState> all, Accounts known) {
    known.forgetOld(now);
    if (now >= validUntilNanos) {
      members = all;
      accounts = known;
      computedNanos = now;
      validUntilNanos = Long.MAX_VALUE;
      byModel.clear();
      lists = compute(all);
      lists.groups().forEach(group -> group.forEach(endpoint -> endpoint.listedIn(group)));
    }
    return !lists.groups().isEmpty();
  }

  /**
   * The candidates for an attempt, of one group, as of the last {@link #refresh}. Endpoints that it
   * is to avoid, and those of an account that has as many requests as it takes or that has refused
   * an earlier try for its limit, are among them only where there is no other in any group; the
   * former only where there is none of the latter, either.
   *
   * @param model that the request asks for
   * @return unmodifiable; empty where nobody can be asked
   */
  List<EndpointState> of(Attempt attempt, String model) {
    List<List<EndpointState>> able = models.alike() ? lists.groups() : offering(model);
    boolean someFull = accounts != null && accounts.someFull();
    if (attempt.avoid().isEmpty() && !someFull) {
      return able.isEmpty() ? List.of() : withRoom(able, able);
    }
    Set<Accounts.Account> refused = refused(attempt);
    List<EndpointState> fresh = without(able, attempt, someFull, refused);
    if (fresh.isEmpty() && (someFull || !refused.isEmpty())) {
      fresh = without(able, attempt, false, Set.of());
    }
    return fresh.isEmpty() && !able.isEmpty() ? able.get(0) : fresh;
  }

  /**
   * The first group that has room, else the first.
   *
   * @param fresh what is left of each group; not all are empty
   */
  private List<EndpointState> withRoom(
      List<List<EndpointState>> able, List<List<EndpointState>> fresh) {
    List<EndpointState> full = null;
    for (int i = 0; i < able.size(); i++) {
      if (fresh.get(i).isEmpty()) {
        continue;
      }
      if (hasRoom(able.get(i), able.size())) {
        return fresh.get(i);
      }
      full = full == null ? fresh.get(i) : full;
    }
    return full == null ? List.of() : full;
  }

  /** The accounts of endpoints that failed earlier tries, as far as they have shown a limit. */
  private Set<Accounts.Account> refused(Attempt attempt) {
    if (attempt.avoid().isEmpty()) {
      return Set.of();
    }
    Set<Accounts.Account> refused = new LinkedHashSet<>();
    for (EndpointState member : members) {
      if (member.spent().limited() && attempt.avoid().contains(member.id())) {
        refused.add(member.spent());
      }
    }
    return refused;
  }

  /** Kept for each model that a member names, and once for all others. */
  private List<List<EndpointState>> offering(String model) {
    String key = models.named().contains(model) ? model : "";
    Lists known = byModel.get(key);
    if (known == null) {
      List<EndpointState> able = members.stream().filter(member -> member.offers(key)).toList();
      known = able.isEmpty() ? lists : compute(able);
      byModel.put(key, known);
    }
    return known.groups();
  }

  private boolean hasRoom(List<EndpointState> group, int ofGroups) {
    if (spillOver == 0 || ofGroups == 1) {
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

  private List<EndpointState> without(
      List<List<EndpointState>> able,
      Attempt attempt,
      boolean skipFull,
      Set<Accounts.Account> refused) {
    List<List<EndpointState>> fresh = new ArrayList<>(able.size());
    for (List<EndpointState> group : able) {
      List<EndpointState> left = new ArrayList<>(group.size());
      for (EndpointState endpoint : group) {
        if (!attempt.avoid().contains(endpoint.id())
            && !(skipFull && endpoint.accountFull())
            && !refused.contains(endpoint.spent())) {
          left.add(endpoint);
        }
      }
      fresh.add(Collections.unmodifiableList(left));
    }
    return withRoom(able, fresh);
  }

  private Lists compute(List<EndpointState> all) {
    TreeMap<Integer, List<EndpointState>> byGroup = new TreeMap<>();
    for (EndpointState member : all) {
      if (!member.draining() && (accounts == null || !accounts.isOut(member.account()))) {
        byGroup.computeIfAbsent(member.group(), group -> new ArrayList<>()).add(member);
      }
    }
    List<List<EndpointState>> usable = new ArrayList<>();
    for (List<EndpointState> group : byGroup.values()) {
      List<EndpointState> up = up(group);
      if (!up.isEmpty() && up.size() >= panicThreshold * group.size()) {
        usable.add(up);
      }
    }
    return usable.isEmpty() && !byGroup.isEmpty()
        ? new Lists(List.of(List.copyOf(byGroup.firstEntry().getValue())), true)
        : new Lists(List.copyOf(usable), false);
  }

  private List<EndpointState> up(List<EndpointState> group) {
    List<EndpointState> up = new ArrayList<>();
    for (EndpointState member : group) {
      if (member.health().available(computedNanos, trials)) {
        up.add(member);
      } else {
        validUntilNanos =
            Math.min(validUntilNanos, member.health().availableAtNanos(computedNanos));
      }
    }
    return List.copyOf(up);
  }

  /** Whether a choice is one of the candidates; without a search where the list is a kept one. */
  static boolean contains(List<EndpointState> candidates, @Nullable EndpointState choice) {
    return choice != null && (choice.isListedIn(candidates) || candidates.contains(choice));
  }

  /**
   * Candidates by priority group.
   *
   * @param panic whether cooldowns are being ignored
   */
  private record Lists(List<List<EndpointState>> groups, boolean panic) {
    static final Lists NONE = new Lists(List.of(), false);
  }

  /**
   * What the members say of models.
   *
   * @param alike whether all offer the same
   * @param named those that some member names
   */
  private record Models(boolean alike, Set<String> named) {
    static final Models ALIKE = new Models(true, Set.of());

    static Models of(List<EndpointState> members) {
      Set<Set<String>> kinds = new LinkedHashSet<>();
      Set<String> named = new LinkedHashSet<>();
      for (EndpointState member : members) {
        kinds.add(new LinkedHashSet<>(member.backend().models()));
        named.addAll(member.backend().models());
      }
      return kinds.size() <= 1 ? ALIKE : new Models(false, named);
    }
  }
}
