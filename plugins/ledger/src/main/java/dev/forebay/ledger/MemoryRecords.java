package dev.forebay.ledger;

import dev.forebay.spi.ledger.KeyRegister;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageQuery;
import dev.forebay.spi.ledger.UsageRecord;
import dev.forebay.spi.ledger.UsageSum;
import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Records in memory, the oldest first. */
final class MemoryRecords implements UsageLedger {

  private static final Comparator<UsageSum> LARGEST =
      Comparator.comparingLong(UsageSum::nanodollars)
          .thenComparingLong(UsageSum::requests)
          .reversed()
          .thenComparing(UsageSum::group);

  private final int most;
  private final MemoryRegister register;
  private final Map<String, UsageRecord> records = new LinkedHashMap<>();
  private final Map<Place, Total> counted = new LinkedHashMap<>();

  /** Of what a total is. */
  private record Place(String counter, LocalDate day, String tenant) {}

  MemoryRecords(int most, MemoryRegister register) {
    this.most = most;
    this.register = register;
  }

  @Override
  public Future<Void> append(List<UsageRecord> more) {
    more.forEach(each -> records.putIfAbsent(each.id(), each));
    trim(records);
    return Future.succeededFuture();
  }

  private void trim(Map<?, ?> map) {
    Iterator<?> oldest = map.keySet().iterator();
    while (map.size() > most) {
      oldest.next();
      oldest.remove();
    }
  }

  @Override
  public Future<List<UsageSum>> sums(UsageQuery query) {
    Map<String, UsageSum> sums = new LinkedHashMap<>();
    for (UsageRecord record : records.values()) {
      if (query.matches(record)) {
        String group = query.by().of(record);
        sums.put(group, sums.getOrDefault(group, UsageSum.none(group)).plus(record));
      }
    }
    return Future.succeededFuture(
        sums.values().stream().sorted(LARGEST).limit(MOST_GROUPS).toList());
  }

  @Override
  public Future<List<UsageRecord>> ofUser(String tenant, String user, int number) {
    List<UsageRecord> found = new ArrayList<>();
    for (UsageRecord record : List.copyOf(records.values()).reversed()) {
      if (record.tenant().equals(tenant) && record.user().equals(user) && found.size() < number) {
        found.add(record);
      }
    }
    found.sort(Comparator.comparingLong(UsageRecord::epochMillis).reversed());
    return Future.succeededFuture(found);
  }

  @Override
  public Future<Void> counted(String counter, List<Total> totals) {
    totals.forEach(each -> counted.put(new Place(counter, each.day(), each.tenant()), each));
    trim(counted);
    return Future.succeededFuture();
  }

  @Override
  public Future<List<Audited>> audit(LocalDate from, LocalDate to) {
    UsageQuery asked = new UsageQuery(null, from, to, UsageQuery.Grouping.DAY);
    Map<String, Audited> found = new TreeMap<>();
    for (UsageRecord record : records.values()) {
      if (asked.matches(record)) {
        LocalDate day = UsageQuery.day(record.epochMillis());
        add(found, total(day, record), null);
      }
    }
    for (Total total : counted.values()) {
      if (!total.day().isBefore(from) && !total.day().isAfter(to)) {
        add(found, null, total);
      }
    }
    return Future.succeededFuture(List.copyOf(found.values()));
  }

  private static Total total(LocalDate day, UsageRecord record) {
    return new Total(day, record.tenant(), 1, record.tokens(), record.nanodollars());
  }

  private static void add(
      Map<String, Audited> found, @Nullable Total recorded, @Nullable Total counted) {
    Total either = recorded == null ? java.util.Objects.requireNonNull(counted) : recorded;
    Total none = new Total(either.day(), either.tenant(), 0, 0, 0);
    found.merge(
        either.day() + " " + either.tenant(),
        new Audited(recorded == null ? none : recorded, counted == null ? none : counted),
        (one, other) ->
            new Audited(
                plus(one.recorded(), other.recorded()), plus(one.counted(), other.counted())));
  }

  private static Total plus(Total one, Total other) {
    return new Total(
        one.day(),
        one.tenant(),
        one.requests() + other.requests(),
        one.tokens() + other.tokens(),
        one.nanodollars() + other.nanodollars());
  }

  @Override
  public KeyRegister register() {
    return register;
  }
}
