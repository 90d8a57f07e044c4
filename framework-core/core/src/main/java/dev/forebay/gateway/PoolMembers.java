package dev.forebay.gateway;

import dev.forebay.config.Mistakes;
import dev.forebay.core.balancing.BalancingService;
import dev.forebay.core.balancing.Member;
import dev.forebay.core.balancing.Restrictions;
import dev.forebay.core.cost.Prices;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.Instance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The members of a pool: those that are listed, and those that a source tells of. A backend is kept
 * for as long as its instance is where it was, so that its connections are, too. On the gateway's
 * timeline.
 */
final class PoolMembers {

  private final Function<Plugin<Backend>, Backend> maker;
  private final Consumer<Backend> left;
  private Prices prices;
  private List<Member> listed = List.of();
  private List<Pool.Member> described = List.of();
  private Map<String, Found> found = new LinkedHashMap<>();

  /** An instance, and the backend that was made for it. */
  private record Found(Instance instance, Backend backend) {
    boolean isAt(Instance other) {
      return instance.host().equals(other.host()) && instance.port() == other.port();
    }

    Member member(Instance now, String source) {
      return new Member(backend, now.weight(), now.group(), source, Restrictions.NONE);
    }
  }

  /**
   * No members yet.
   *
   * @param maker makes a backend
   * @param left takes each backend that is no longer a member, once nothing runs on it
   * @param prices what tokens cost
   */
  PoolMembers(Function<Plugin<Backend>, Backend> maker, Consumer<Backend> left, Prices prices) {
    this.maker = maker;
    this.left = left;
    this.prices = prices;
  }

  /** The members that are listed now. */
  List<Member> listed() {
    return listed;
  }

  /** The members that are listed at the beginning. */
  List<Member> begin(List<Pool.Member> list) {
    Mistakes refused = new Mistakes();
    List<Member> made = new ArrayList<>();
    for (Pool.Member each : list) {
      Member member = refused.made(() -> make(each));
      if (member != null) {
        made.add(member);
      }
    }
    refused.throwIfAny();
    listed = List.copyOf(made);
    described = list;
    return listed;
  }

  /**
   * Replaces those that are listed.
   *
   * @throws RuntimeException where one cannot be made, or two have one id; nothing has changed then
   */
  void list(BalancingService balancing, List<Pool.Member> list) {
    change(list, prices, false).apply(balancing);
  }

  /**
   * Makes the backends of another list, those alone that are not there yet.
   *
   * @param others what tokens cost from then on
   * @throws RuntimeException as {@link #list}
   */
  Change change(List<Pool.Member> list, Prices others) {
    return change(list, others, true);
  }

  private Change change(List<Pool.Member> list, Prices others, boolean keep) {
    List<Member> made = new ArrayList<>();
    List<Member> now = new ArrayList<>();
    try {
      for (Pool.Member each : list) {
        Backend known = keep ? backend(each.backend()) : null;
        Backend backend = known == null ? maker.apply(each.backend()) : known;
        Member member = member(each, backend, others);
        now.add(member);
        if (known == null) {
          made.add(member);
        }
      }
      Member.check(all(now, found.values(), "static"));
    } catch (RuntimeException | Error e) {
      made.forEach(member -> left.accept(member.backend()));
      throw e;
    }
    return new Change(List.copyOf(now), list, others, made);
  }

  /** The backend of a listed member with the same options; null if there is none. */
  private @Nullable Backend backend(Plugin<Backend> plugin) {
    for (int i = 0; i < described.size(); i++) {
      if (plugin instanceof Record && described.get(i).backend().equals(plugin)) {
        return listed.get(i).backend();
      }
    }
    return null;
  }

  /** Other listed members, whose backends are there. */
  final class Change {
    private final List<Member> now;
    private final List<Pool.Member> list;
    private final Prices others;
    private final List<Member> made;

    private Change(List<Member> now, List<Pool.Member> list, Prices others, List<Member> made) {
      this.now = now;
      this.list = list;
      this.others = others;
      this.made = made;
    }

    void apply(BalancingService balancing) {
      listed = now;
      described = List.copyOf(list);
      prices = others;
      balancing.members(all(listed, found.values(), "static"), left);
    }

    /** Closes what was made, in place of {@link #apply}. */
    void undo() {
      made.forEach(member -> left.accept(member.backend()));
    }
  }

  /**
   * Replaces those that a source tells of. An instance of which no backend can be made is left out:
   * the others serve.
   *
   * @return the first that was left out, and why
   * @throws RuntimeException as {@link #list}, and if none of them can be made
   */
  Optional<String> discovered(
      BalancingService balancing, List<Instance> all, Pool.Discover discover, String source) {
    List<Member> made = new ArrayList<>();
    Map<String, Found> known = found;
    List<String> wrong = new ArrayList<>();
    change(
        made,
        () -> {
          found = found(all, known, discover, made, wrong);
          balancing.members(all(listed, found.values(), source), left);
        },
        () -> found = known);
    return wrong.stream().findFirst();
  }

  private Map<String, Found> found(
      List<Instance> all,
      Map<String, Found> known,
      Pool.Discover discover,
      List<Member> made,
      List<String> wrong) {
    Map<String, Found> now = new LinkedHashMap<>();
    RuntimeException last = null;
    for (Instance instance : all) {
      Found before = known.get(instance.id());
      if (before != null && before.isAt(instance)) {
        now.put(instance.id(), new Found(instance, before.backend()));
        continue;
      }
      try {
        Backend backend = maker.apply(discover.backend().of(instance));
        made.add(Member.of(backend));
        now.put(instance.id(), new Found(instance, backend));
      } catch (RuntimeException e) {
        last = e;
        wrong.add(instance.id() + ": " + e.getMessage());
      }
    }
    if (now.isEmpty() && last != null) {
      throw last;
    }
    return now;
  }

  private static List<Member> all(List<Member> some, Iterable<Found> discovered, String source) {
    List<Member> all = new ArrayList<>(some);
    discovered.forEach(one -> all.add(one.member(one.instance(), source)));
    return all;
  }

  private void change(List<Member> made, Runnable change, Runnable undo) {
    try {
      change.run();
    } catch (RuntimeException | Error e) {
      undo.run();
      made.forEach(member -> left.accept(member.backend()));
      throw e;
    }
  }

  private Member make(Pool.Member member) {
    return member(member, maker.apply(member.backend()), prices);
  }

  private static Member member(Pool.Member member, Backend backend, Prices prices) {
    return new Member(backend, member.weight(), member.place(), "static", member.terms(prices));
  }
}
