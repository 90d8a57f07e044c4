package dev.forebay.conformance;

import dev.forebay.spi.ledger.Budget;
import dev.forebay.spi.ledger.IssuedKey;
import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A ledger that holds every rule; broken ones change a method. */
class ReferenceLedger implements UsageLedger, KeyRegister {

  private static final int MOST_RECORDS = 10_000;

  final Map<String, UsageRecord> records = new LinkedHashMap<>();
  final Map<String, Total> counted = new LinkedHashMap<>();
  final Map<String, IssuedKey> keys = new LinkedHashMap<>();
  final Set<String> issued = new LinkedHashSet<>();
  final Map<String, Budget> budgets = new LinkedHashMap<>();
  final Map<String, Grant> grants = new LinkedHashMap<>();
  final List<Change> changes = new ArrayList<>();

  @Override
  public Future<Void> append(List<UsageRecord> more) {
    more.forEach(each -> records.putIfAbsent(each.id(), each));
    while (records.size() > MOST_RECORDS) {
      records.remove(records.keySet().iterator().next());
    }
    return Future.succeededFuture();
  }

  boolean matches(UsageQuery query, UsageRecord record) {
    return query.matches(record);
  }

  String group(UsageQuery query, UsageRecord record) {
    return query.by().of(record);
  }

  @Override
  public Future<List<UsageSum>> sums(UsageQuery query) {
    Map<String, UsageSum> sums = new LinkedHashMap<>();
    for (UsageRecord record : records.values()) {
      if (matches(query, record)) {
        String group = group(query, record);
        sums.put(group, sums.getOrDefault(group, UsageSum.none(group)).plus(record));
      }
    }
    return Future.succeededFuture(
        sums.values().stream()
            .sorted(Comparator.comparingLong(UsageSum::nanodollars).reversed())
            .toList());
  }

  Comparator<UsageRecord> order() {
    return Comparator.comparingLong(UsageRecord::epochMillis).reversed();
  }

  @Override
  public Future<List<UsageRecord>> ofUser(String tenant, String user, int most) {
    return Future.succeededFuture(
        records.values().stream()
            .filter(each -> each.tenant().equals(tenant) && each.user().equals(user))
            .sorted(order())
            .limit(most)
            .toList());
  }

  @Override
  public Future<Void> counted(String counter, List<Total> totals) {
    totals.forEach(each -> counted.put(counter + each.day() + each.tenant(), each));
    return Future.succeededFuture();
  }

  @Override
  public Future<List<Audited>> audit(LocalDate from, LocalDate to) {
    List<Audited> found = new ArrayList<>();
    for (Total count : counted.values()) {
      UsageSum sum = UsageSum.none("");
      for (UsageRecord record : records.values()) {
        sum = record.tenant().equals(count.tenant()) ? sum.plus(record) : sum;
      }
      found.add(
          new Audited(
              new Total(
                  count.day(), count.tenant(), sum.requests(), sum.tokens(), sum.nanodollars()),
              count));
    }
    return Future.succeededFuture(found);
  }

  @Override
  public KeyRegister register() {
    return this;
  }

  @Override
  public Future<Optional<Known>> known(long seen) {
    long version = changes.size();
    return Future.succeededFuture(
        seen == version
            ? Optional.empty()
            : Optional.of(
                new Known(version, List.copyOf(keys.values()), List.copyOf(budgets.values()))));
  }

  void changed(String what) {
    changes.addFirst(new Change(0, "me", what));
  }

  @Override
  public Future<Void> issue(IssuedKey key, String by) {
    if (!issued.add(key.id())) {
      return Future.failedFuture(new IllegalArgumentException(key.id()));
    }
    keys.put(key.id(), key);
    changed(key.id());
    return Future.succeededFuture();
  }

  @Override
  public Future<Boolean> revoke(String id, String by) {
    changed(id);
    return Future.succeededFuture(keys.remove(id) != null);
  }

  @Override
  public Future<Void> limit(Budget budget, String by) {
    if (budget.limit() == Budget.NONE) {
      budgets.remove(budget.id());
    } else {
      budgets.put(budget.id(), budget);
    }
    changed(budget.id());
    return Future.succeededFuture();
  }

  /** What gateways other than one have been granted of a month. */
  long others(String gateway, String month) {
    return grants.entrySet().stream()
        .filter(each -> !each.getKey().equals(gateway + month))
        .filter(each -> each.getValue().month().equals(month))
        .mapToLong(each -> each.getValue().granted())
        .sum();
  }

  @Override
  public Future<List<Grant>> grant(String gateway, List<Request> requests) {
    List<Grant> given = new ArrayList<>();
    for (Request each : requests) {
      Grant before = grants.get(gateway + each.month());
      long spent = Math.max(each.spent(), before == null ? 0 : before.spent());
      long room = 100 - others(gateway, each.month()) - spent;
      long more = Math.min(room, each.more());
      Grant now = new Grant(each.budget(), each.month(), spent + more, spent, room - more);
      grants.put(gateway + each.month(), now);
      given.add(now);
    }
    return Future.succeededFuture(given);
  }

  @Override
  public Future<List<Change>> changes(int most) {
    return Future.succeededFuture(changes.stream().limit(most).toList());
  }
}
