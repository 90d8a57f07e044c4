package dev.forebay.core.balancing;

import dev.forebay.spi.policy.Backend;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A backend in a pool.
 *
 * @param backend what answers
 * @param weight its share of the work, relative to others; above 0
 * @param group its priority group: 0 serves first, higher ones only when lower ones cannot
 * @param source who named it: {@code static}, or the source of endpoints
 * @param terms which requests it may take
 */
public record Member(Backend backend, double weight, int group, String source, Restrictions terms) {

  /** The group that serves last: that of backups. */
  public static final int BACKUP = 100;

  /** Checks bounds. */
  public Member {
    if (!(weight > 0) || weight > 1e6) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: > 0, <= 1000000)");
    }
    if (group < 0 || group > BACKUP) {
      throw new IllegalArgumentException("group: " + group + " (expected: 0 to 100)");
    }
  }

  /** A member that is listed. */
  public Member(Backend backend, double weight, int group) {
    this(backend, weight, group, "static", Restrictions.NONE);
  }

  /** A member of the first group, of weight 1. */
  public static Member of(Backend backend) {
    return new Member(backend, 1, 0);
  }

  /** The models that all members together offer; empty where one of them takes any. */
  static Set<String> models(List<Member> list) {
    Set<String> all = new LinkedHashSet<>();
    for (Member member : list) {
      List<String> models = member.backend().facts().models();
      if (models.isEmpty()) {
        return Set.of();
      }
      all.addAll(models);
    }
    return all;
  }

  /**
   * Checks a whole list.
   *
   * @throws IllegalArgumentException where two have one id
   */
  public static void check(List<Member> list) {
    Set<String> ids = new LinkedHashSet<>();
    for (Member member : list) {
      String id = member.backend().facts().id();
      if (!ids.add(id)) {
        throw new IllegalArgumentException("backends: id " + id + " twice (expected: unique ids)");
      }
    }
  }
}
