package dev.forebay.replay.run;

import dev.forebay.core.balancing.Member;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.gateway.Blueprint;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Pool;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.policy.Backend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Who is a member of the pools when: servers that join or leave while a replay runs. */
public final class Membership {

  private final Timeline timeline;
  private final Gateway gateway;
  private final Fleet fleet;
  private final List<Stay> stays;
  private final Map<String, List<Member>> everybody = new LinkedHashMap<>();

  /**
   * How long a server is a member.
   *
   * @param id of its backend
   * @param joins from the start of the run; 0 where it is there from it
   * @param leaves likewise; null where it stays
   */
  public record Stay(String id, Duration joins, @Nullable Duration leaves) {

    /** Nanoseconds of a time from the start of the run for which it is a member. */
    double during(long nanos) {
      Duration end = leaves;
      long until = end == null ? nanos : Math.min(nanos, end.toNanos());
      return Math.max(0, until - joins.toNanos());
    }

    boolean at(long nanos) {
      Duration end = leaves;
      return nanos >= joins.toNanos() && (end == null || nanos < end.toNanos());
    }
  }

  Membership(
      Timeline timeline, Gateway gateway, Blueprint blueprint, Fleet fleet, List<Stay> stays) {
    this.timeline = timeline;
    this.gateway = gateway;
    this.fleet = fleet;
    this.stays = stays;
    List<Backend> made = gateway.backends(); // in the order of the pools and of their members
    int next = 0;
    for (Map.Entry<String, Pool> pool : blueprint.allPools().entrySet()) {
      List<Member> members = new ArrayList<>();
      for (Pool.Member member : pool.getValue().members()) {
        Restrictions terms = member.terms(blueprint.prices());
        members.add(new Member(made.get(next++), member.weight(), member.place(), "static", terms));
      }
      everybody.put(pool.getKey(), members);
    }
    ElasticFleet elastic = fleet.elastic();
    if (elastic != null) {
      long start = timeline.nanos();
      elastic.begin(() -> replace(timeline.nanos() - start)); // before the autoscaler looks
    }
  }

  /** Lets those go who come later, and schedules all changes from now on. */
  void start() {
    if (stays.isEmpty()) {
      return;
    }
    TreeSet<Long> changes = new TreeSet<>();
    for (Stay stay : stays) {
      changes.add(stay.joins().toNanos());
      if (stay.leaves() != null) {
        changes.add(stay.leaves().toNanos());
      }
    }
    long start = timeline.nanos();
    replace(0);
    for (long change : changes) {
      if (change > 0) {
        timeline.after(start + change - timeline.nanos(), () -> replace(change));
      }
    }
  }

  /**
   * Hours for which servers are members, all together.
   *
   * @param nanos of the run, from its start
   */
  double replicaHours(long nanos) {
    ElasticFleet elastic = fleet.elastic();
    if (elastic != null) {
      return elastic.replicaHours();
    }
    double sum = 0;
    for (String id : ids()) {
      List<Stay> own = stays.stream().filter(stay -> stay.id().equals(id)).toList();
      sum += own.isEmpty() ? nanos : own.stream().mapToDouble(stay -> stay.during(nanos)).sum();
    }
    return sum / 3.6e12;
  }

  private Set<String> ids() {
    Set<String> ids = new LinkedHashSet<>();
    everybody
        .values()
        .forEach(all -> all.forEach(member -> ids.add(member.backend().facts().id())));
    return ids;
  }

  private void replace(long nanos) {
    Set<String> away = ids();
    everybody
        .values()
        .forEach(
            all ->
                all.stream()
                    .filter(member -> isMember(member, nanos))
                    .forEach(member -> away.remove(member.backend().facts().id())));
    fleet.away(away);
    everybody.forEach(
        (pool, all) -> {
          List<Member> now = all.stream().filter(member -> isMember(member, nanos)).toList();
          Map<String, Long> leaving = new LinkedHashMap<>(gateway.pool(pool).dispatched());
          now.forEach(member -> leaving.remove(member.backend().facts().id()));
          fleet.departed(leaving);
          gateway.pool(pool).members(now);
        });
  }

  private boolean isMember(Member member, long nanos) {
    String id = member.backend().facts().id();
    ElasticFleet elastic = fleet.elastic();
    if (elastic != null && !elastic.serves(id)) {
      return false;
    }
    return stays.stream().filter(stay -> stay.id().equals(id)).allMatch(stay -> stay.at(nanos));
  }
}
