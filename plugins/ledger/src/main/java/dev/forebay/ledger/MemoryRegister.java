package dev.forebay.ledger;

import dev.forebay.spi.Timeline;
import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import io.vertx.core.Future;
import java.time.YearMonth;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Keys and budgets in memory. */
final class MemoryRegister implements KeyRegister {

  private static final int MOST_CHANGES = 10_000;

  private final Timeline timeline;
  private final Map<String, IssuedKey> keys = new LinkedHashMap<>();
  private final Set<String> taken = new HashSet<>();
  private final Map<String, Budget> budgets = new LinkedHashMap<>();
  private final Map<Place, Grant> grants = new LinkedHashMap<>();
  private final Deque<Change> changes = new ArrayDeque<>();
  private long version;

  /** Whose grant of what. */
  private record Place(String budget, String month, String gateway) {}

  MemoryRegister(Timeline timeline) {
    this.timeline = timeline;
  }

  @Override
  public Future<Optional<Known>> known(long seen) {
    return Future.succeededFuture(
        seen == version
            ? Optional.empty()
            : Optional.of(
                new Known(version, List.copyOf(keys.values()), List.copyOf(budgets.values()))));
  }

  @Override
  public Future<Void> issue(IssuedKey key, String by) {
    if (taken.contains("id " + key.id()) || taken.contains(key.sha256())) {
      return Future.failedFuture(
          new IllegalArgumentException("key: " + key.id() + " is there already"));
    }
    if (taken.size() >= 2 * MOST) {
      return noRoom("keys");
    }
    taken.add("id " + key.id());
    taken.add(key.sha256());
    keys.put(key.id(), key);
    changed(by, "issue key " + key.id() + " of " + key.tenant());
    return Future.succeededFuture();
  }

  private static Future<Void> noRoom(String what) {
    return Future.failedFuture(
        new IllegalArgumentException(what + ": " + MOST + " (expected: at most as many)"));
  }

  @Override
  public Future<Boolean> revoke(String id, String by) {
    boolean held = keys.remove(id) != null;
    if (held) {
      changed(by, "revoke key " + id);
    }
    return Future.succeededFuture(held);
  }

  @Override
  public Future<Void> limit(Budget budget, String by) {
    if (budget.limit() == Budget.NONE) {
      budgets.remove(budget.id());
    } else if (budgets.size() >= MOST && !budgets.containsKey(budget.id())) {
      return noRoom("budgets");
    } else {
      budgets.put(budget.id(), budget);
    }
    changed(by, "limit " + budget.id() + " to " + budget.limit());
    return Future.succeededFuture();
  }

  private void changed(String by, String what) {
    version++;
    changes.addFirst(new Change(timeline.epochMillis(), by, what));
    if (changes.size() > MOST_CHANGES) {
      changes.removeLast();
    }
  }

  @Override
  public Future<List<Grant>> grant(String gateway, List<Request> requests) {
    List<Grant> given = new ArrayList<>();
    for (Request request : requests) {
      Budget budget = budgets.get(request.budget());
      if (budget != null) {
        given.add(grant(gateway, request, budget.limit()));
      }
    }
    return Future.succeededFuture(given);
  }

  private Grant grant(String gateway, Request request, long limit) {
    String before = YearMonth.parse(request.month()).minusMonths(1).toString();
    grants.keySet().removeIf(each -> each.month().compareTo(before) < 0);
    Place own = new Place(request.budget(), request.month(), gateway);
    long others = 0;
    for (Map.Entry<Place, Grant> each : grants.entrySet()) {
      Place place = each.getKey();
      if (place.budget().equals(own.budget())
          && place.month().equals(own.month())
          && !place.equals(own)) {
        others += each.getValue().granted();
      }
    }
    Grant known = grants.get(own);
    long spent = Math.max(request.spent(), known == null ? 0 : known.spent());
    long room = Math.max(0, limit - others - spent);
    long more = Math.min(request.more(), room);
    Grant now = new Grant(request.budget(), request.month(), spent + more, spent, room - more);
    grants.put(own, now);
    return now;
  }

  @Override
  public Future<List<Change>> changes(int most) {
    return Future.succeededFuture(changes.stream().limit(most).toList());
  }
}
