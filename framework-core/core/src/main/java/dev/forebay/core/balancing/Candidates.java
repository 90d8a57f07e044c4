package dev.forebay.core.balancing;

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
  private final MissingModels missing = new MissingModels();
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

  /** An endpoint said that it does not have a model. */
  void missing(EndpointState endpoint, String model, long now) {
    missing.add(endpoint, model, now);
    byModel.remove(model);
    validUntilNanos = Math.min(validUntilNanos, now + MissingModels.NANOS);
  }

  /** Whether all who offer a model have said that they do not have it. */
  boolean allMiss(String model) {
    return missing.some(model)
        && members.stream()
            .filter(member -> member.offers(model))
            .allMatch(member -> missing.at(member, model));
  }

  /** Who said what about the models that it does not have. */
  MissingModels missing() {
    return missing;
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
      validUntilNanos = missing.forgetOld(now);
      byModel.clear();
      lists = compute(all);
      lists.groups().forEach(group -> group.forEach(endpoint -> endpoint.listedIn(group)));
    }
    return !lists.groups().isEmpty();
  }

  /**
   * The candidates for a try of a request, of one group, as of the last {@link #refresh}. Endpoints
   * that failed an earlier try or do not fit, and those of an account that has as many requests as
   * it takes or that has refused an earlier try for its limit, are among them only where there is
   * no other in any group; the former only where there is none of the latter, either.
   *
   * @param failed ids of endpoints that failed earlier tries
   * @param unfit ids of endpoints that do not fit the request; they say nothing of their accounts
   * @param model that the request asks for
   * @return unmodifiable; empty where nobody can be asked
   */
  List<EndpointState> of(List<String> failed, List<String> unfit, String model) {
    boolean alike = models.alike() && !missing.some(model);
    List<List<EndpointState>> able = alike ? lists.groups() : offering(model);
    boolean someFull = accounts != null && accounts.someFull();
    if (failed.isEmpty() && unfit.isEmpty() && !someFull) {
      return able.isEmpty() ? List.of() : withRoom(able, able);
    }
    Left left = new Left(failed, unfit, someFull, refused(failed));
    List<EndpointState> fresh = withRoom(able, left.of(able));
    if (fresh.isEmpty() && (someFull || !left.refused().isEmpty())) {
      fresh = withRoom(able, new Left(failed, unfit, false, Set.of()).of(able));
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
  private Set<Accounts.Account> refused(List<String> failed) {
    if (failed.isEmpty()) {
      return Set.of();
    }
    Set<Accounts.Account> refused = new LinkedHashSet<>();
    for (EndpointState member : members) {
      if (member.spent().limited() && failed.contains(member.id())) {
        refused.add(member.spent());
      }
    }
    return refused;
  }

  /** Kept for each model that a member names or misses, and once for all others. */
  private List<List<EndpointState>> offering(String model) {
    String key = models.named().contains(model) || missing.some(model) ? model : "";
    Lists known = byModel.get(key);
    if (known == null) {
      boolean anybody = allMiss(key);
      List<EndpointState> able =
          members.stream()
              .filter(member -> member.offers(key) && (anybody || !missing.at(member, key)))
              .toList();
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
   * Who is left of each group, without some.
   *
   * @param failed ids of endpoints that failed earlier tries
   * @param unfit ids of endpoints that do not fit
   * @param withoutFull whether those of full accounts go, too
   * @param refused accounts whose endpoints go
   */
  private record Left(
      List<String> failed, List<String> unfit, boolean withoutFull, Set<Accounts.Account> refused) {

    List<List<EndpointState>> of(List<List<EndpointState>> groups) {
      List<List<EndpointState>> left = new ArrayList<>(groups.size());
      for (List<EndpointState> group : groups) {
        left.add(ofOne(group));
      }
      return left;
    }

    private List<EndpointState> ofOne(List<EndpointState> group) {
      List<EndpointState> left = new ArrayList<>(group.size());
      for (EndpointState endpoint : group) {
        if (stays(endpoint)) {
          left.add(endpoint);
        }
      }
      return Collections.unmodifiableList(left);
    }

    private boolean stays(EndpointState endpoint) {
      return !(withoutFull && endpoint.accountFull())
          && (failed.isEmpty() || !failed.contains(endpoint.id()))
          && (unfit.isEmpty() || !unfit.contains(endpoint.id()))
          && (refused.isEmpty() || !refused.contains(endpoint.spent()));
    }
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
        kinds.add(new LinkedHashSet<>(member.facts().models()));
        named.addAll(member.facts().models());
      }
      return kinds.size() <= 1 ? ALIKE : new Models(false, named);
    }
  }
}
