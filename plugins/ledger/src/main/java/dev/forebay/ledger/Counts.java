package dev.forebay.ledger;

import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.ledger.UsageLedger.Total;
import dev.forebay.spi.ledger.UsageRecord;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * What requests used by day and tenant, counted when they end: it does not go through the outbox,
 * so the audit finds what the outbox lost. Tenants beyond a bound are counted as {@value #OTHER}.
 */
final class Counts {

  private static final String OTHER = "other";
  private static final int MOST = 10_000;
  private static final long DAY_MILLIS = 86_400_000;

  private final Map<Place, Sum> sums = new ConcurrentHashMap<>();

  private record Place(long day, String tenant) {}

  private static final class Sum {
    final LongAdder requests = new LongAdder();
    final LongAdder tokens = new LongAdder();
    final LongAdder nanodollars = new LongAdder();
    long told = -1;
  }

  /** Counts a record. From any thread. */
  void add(UsageRecord record) {
    Place place = new Place(Math.floorDiv(record.epochMillis(), DAY_MILLIS), record.tenant());
    Sum sum = sums.get(place);
    if (sum == null) {
      Place roomy = sums.size() < MOST ? place : new Place(place.day(), OTHER);
      sum = sums.computeIfAbsent(roomy, key -> new Sum());
    }
    sum.tokens.add(record.tokens());
    sum.nanodollars.add(record.nanodollars());
    sum.requests.increment();
  }

  /** Totals that changed since they were told, at most as many as a ledger takes at once. */
  List<Total> changed() {
    return changed(UsageLedger.MOST_AT_ONCE);
  }

  /** Totals that no ledger has been told. */
  List<Total> untold() {
    return changed(Integer.MAX_VALUE);
  }

  private List<Total> changed(int most) {
    List<Total> changed = new ArrayList<>();
    for (Map.Entry<Place, Sum> each : sums.entrySet()) {
      Sum sum = each.getValue();
      if (sum.requests.sum() != sum.told && changed.size() < most) {
        changed.add(total(each.getKey(), sum));
      }
    }
    return changed;
  }

  private static Total total(Place place, Sum sum) {
    return new Total(
        LocalDate.ofEpochDay(place.day()),
        place.tenant(),
        sum.requests.sum(),
        sum.tokens.sum(),
        sum.nanodollars.sum());
  }

  /** Notes that totals were told, and forgets those of days before yesterday. */
  void told(List<Total> totals, long epochMillis) {
    long today = Math.floorDiv(epochMillis, DAY_MILLIS);
    for (Total total : totals) {
      Place place = new Place(total.day().toEpochDay(), total.tenant());
      Sum sum = sums.get(place);
      if (sum != null) {
        sum.told = total.requests();
        if (place.day() < today - 1 && sum.requests.sum() == sum.told) {
          sums.remove(place);
        }
      }
    }
  }

  static JsonArray json(List<Total> totals) {
    JsonArray notes = new JsonArray();
    totals.forEach(each -> notes.add(json(each)));
    return notes;
  }

  static JsonObject json(Total total) {
    return new JsonObject()
        .put("day", total.day().toString())
        .put("tenant", total.tenant())
        .put("requests", total.requests())
        .put("tokens", total.tokens())
        .put("nanodollars", total.nanodollars());
  }

  /** Totals of notes. */
  static List<Total> read(JsonArray notes) {
    List<Total> totals = new ArrayList<>();
    for (Object each : notes) {
      if (each instanceof JsonObject json) {
        totals.add(
            new Total(
                LocalDate.parse(json.getString("day")),
                json.getString("tenant"),
                json.getLong("requests"),
                json.getLong("tokens"),
                json.getLong("nanodollars")));
      }
    }
    return totals;
  }
}
