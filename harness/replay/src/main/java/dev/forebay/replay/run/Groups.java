package dev.forebay.replay.run;

import dev.forebay.replay.trace.TraceRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What became of the requests of each tenant and of each priority, as it happens.
 *
 * @param tenants by name; the empty name for requests without one
 * @param priorities by number, 0 the most urgent
 */
record Groups(SortedMap<String, Served> tenants, SortedMap<Integer, Served> priorities) {

  private static final Served ARRIVED = new Served(1, 0, 0, 0);
  private static final Served ANSWERED = new Served(0, 1, 0, 0);
  private static final Served REFUSED = new Served(0, 0, 1, 0);
  private static final Served OVER_LIMIT = new Served(0, 0, 1, 1);

  Groups() {
    this(new TreeMap<>(), new TreeMap<>());
  }

  void arrived(TraceRequest request) {
    add(request, ARRIVED);
  }

  void answered(TraceRequest request) {
    add(request, ANSWERED);
  }

  void refused(TraceRequest request, boolean overLimit) {
    add(request, overLimit ? OVER_LIMIT : REFUSED);
  }

  private void add(TraceRequest request, Served one) {
    tenants.merge(request.tenant() == null ? "" : request.tenant(), one, Served::plus);
    priorities.merge(request.priority(), one, Served::plus);
  }

  /** The answered share of the most urgent requests. */
  double mostUrgent() {
    return priorities.values().stream().findFirst().map(Served::share).orElse(1.0);
  }

  /** The answered share of the tenant with the least one. */
  double worstTenant() {
    return tenants.values().stream().mapToDouble(Served::share).min().orElse(1);
  }

  /** The tenants of which most requests were over their limit, most first; the sum of some rows. */
  static List<Map.Entry<String, Served>> overLimit(List<Row> rows) {
    Map<String, Served> sums = new HashMap<>();
    rows.forEach(
        row -> row.groups().tenants.forEach((name, one) -> sums.merge(name, one, Served::plus)));
    List<Map.Entry<String, Served>> over = new ArrayList<>(sums.entrySet());
    over.removeIf(tenant -> tenant.getValue().overLimit() == 0);
    over.sort(
        Map.Entry.<String, Served>comparingByValue(
                (a, b) -> Long.compare(b.overLimit(), a.overLimit()))
            .thenComparing(Map.Entry.comparingByKey()));
    return over;
  }
}
