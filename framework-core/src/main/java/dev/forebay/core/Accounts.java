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
 * reached, for as long as the upstream says. On the pool's lane only.
 */
final class Accounts {

  private record Out(String reason, long sinceNanos) {}

  private final Map<String, Out> out = new LinkedHashMap<>();
  private final Map<String, Long> throttledUntilNanos = new LinkedHashMap<>();

  /** An account is out until it is reloaded. */
  void takeOut(String account, String reason, long now) {
    out.putIfAbsent(account, new Out(reason, now));
  }

  /** An account has reached its limit; an earlier, longer wait holds. */
  void throttle(String account, long untilNanos) {
    throttledUntilNanos.merge(account, untilNanos, Math::max);
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
    return all;
  }
}
