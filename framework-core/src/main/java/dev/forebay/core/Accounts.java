package dev.forebay.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a pool's accounts, apart from its endpoints: a key that was refused or a balance
 * that is used up takes all endpoints of an account out until it is reloaded; a limit that was
 * reached, for as long as the upstream says. Where it does not say, as DeepSeek does not, the limit
 * is learned from what was in flight when it refused, and grows again by a tenth a second. On the
 * pool's lane only.
 */
final class Accounts {

  /** A second without a refusal lets an account's limit grow by a tenth. */
  private static final long GROWTH_NANOS = 1_000_000_000;

  private static final double GROWTH = 1.1;

  private record Out(String reason, long sinceNanos) {}

  private final Map<String, Out> out = new LinkedHashMap<>();
  private final Map<String, Long> throttledUntilNanos = new LinkedHashMap<>();
  private final Map<String, Limit> limits = new LinkedHashMap<>();

  /** An account is out until it is reloaded. */
  void takeOut(String account, String reason, long now) {
    out.putIfAbsent(account, new Out(reason, now));
  }

  /** An account has reached its limit; an earlier, longer wait holds. */
  void throttle(String account, long untilNanos) {
    throttledUntilNanos.merge(account, untilNanos, Math::max);
  }

  /**
   * An account has refused a request for its limit. What is in flight besides is what it takes: so
   * a burst of refusals ends at the limit, and not below.
   *
   * @param others requests that are in flight on the account
   */
  void refused(String account, int others, long now) {
    Limit known = limits.get(account);
    int limit = Math.max(1, known == null ? others : Math.min(known.most(), others));
    limits.put(account, new Limit(limit, now));
  }

  /** An account has answered: its limit grows, if it has not been reached for a while. */
  void answered(String account, long now) {
    if (limits.isEmpty()) {
      return;
    }
    Limit known = limits.get(account);
    if (known != null && now - known.sinceNanos() >= GROWTH_NANOS) {
      limits.put(account, new Limit((int) Math.ceil(known.most() * GROWTH), now));
    }
  }

  /** Whether some account has shown a limit. */
  boolean limited() {
    return !limits.isEmpty();
  }

  /** Requests that an account takes at once; {@link Integer#MAX_VALUE} where it has not said. */
  int limit(String account) {
    Limit known = limits.get(account);
    return known == null ? Integer.MAX_VALUE : known.most();
  }

  /** Requests in flight on all endpoints of an account. */
  static int inFlight(String account, List<EndpointState> members) {
    int sum = 0;
    for (EndpointState member : members) {
      sum += member.account().equals(account) ? member.inFlight() : 0;
    }
    return sum;
  }

  boolean isOut(String account) {
    return out.containsKey(account);
  }

  /** Why an account is out; null where it is not. */
  @Nullable String why(String account) {
    Out known = out.get(account);
    return known == null ? null : known.reason();
  }

  /** When an account is no longer throttled; {@link Long#MIN_VALUE} where it is not. */
  long throttledUntilNanos(String account) {
    return throttledUntilNanos.getOrDefault(account, Long.MIN_VALUE);
  }

  /** The accounts that are out. */
  Set<String> out() {
    return out.keySet();
  }

  /** An account is good again; whether it was out. */
  boolean reload(String account) {
    return out.remove(account) != null;
  }

  /** All accounts are good again. */
  void reloadAll() {
    out.clear();
  }

  /** Lets go of accounts that no member has. */
  void retain(List<String> accounts) {
    out.keySet().retainAll(accounts);
    throttledUntilNanos.keySet().retainAll(accounts);
    limits.keySet().retainAll(accounts);
  }

  /** Those of which there is something to say. */
  List<Map<String, Object>> describe(long now, long epochMillis) {
    List<Map<String, Object>> all = new ArrayList<>();
    out.forEach(
        (account, known) -> {
          Map<String, Object> state = new LinkedHashMap<>();
          state.put("account", account);
          state.put("state", "out");
          state.put("why", known.reason());
          state.put("since", Since.text(known.sinceNanos(), now, epochMillis));
          all.add(state);
        });
    throttledUntilNanos.forEach(
        (account, until) -> {
          if (until > now && !out.containsKey(account)) {
            Map<String, Object> state = new LinkedHashMap<>();
            state.put("account", account);
            state.put("state", "throttled");
            state.put("forMillis", (until - now) / 1_000_000);
            all.add(state);
          }
        });
    limits.forEach(
        (account, limit) -> {
          Map<String, Object> state = new LinkedHashMap<>();
          state.put("account", account);
          state.put("limit", limit.most());
          all.add(state);
        });
    return all;
  }

  /**
   * What an account takes at once.
   *
   * @param most requests, at least 1
   * @param sinceNanos when it was last reached, or grew
   */
  private record Limit(int most, long sinceNanos) {}
}
