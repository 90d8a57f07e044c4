package dev.forebay.replay.page;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.Served;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What each tenant gets: a dot for each of the largest ones in the line of each combination. */
final class TenantChart {

  private static final int MOST = 8;

  private TenantChart() {}

  /** The chart; none if there are no two tenants. */
  static Optional<Chart> of(Shown shown) {
    List<String> tenants = largest(shown.cells());
    if (tenants.size() < 2) {
      return Optional.empty();
    }
    JsonArray series = new JsonArray();
    for (int t = 0; t < tenants.size(); t++) {
      JsonArray dots = new JsonArray();
      for (int i = 0; i < shown.cells().size(); i++) {
        dots.add(Options.point(share(shown.cells().get(i), tenants.get(t)) * 100, i));
      }
      series.add(Options.dots(tenants.get(t), dots, Options.colour(t)));
    }
    List<List<Html.Cell>> lines = new ArrayList<>();
    for (Cell cell : shown.cells()) {
      List<String> texts = new ArrayList<>();
      tenants.forEach(
          tenant -> texts.add(String.format(Locale.ROOT, "%.1f %%", share(cell, tenant) * 100)));
      texts.add(String.format(Locale.ROOT, "%.3f", cell.mean(Row::fairness)));
      texts.add(String.format(Locale.ROOT, "%.3f", cell.mean(Row::maxMinFairness)));
      lines.add(Shown.line(cell.combination(), texts));
    }
    List<String> header = new ArrayList<>(List.of("combination"));
    header.addAll(tenants);
    header.addAll(List.of("Jain's index", "of max-min shares"));
    JsonObject option =
        Options.base()
            .put("grid", Options.grid(true))
            .put("tooltip", Options.tooltip("item"))
            .put("legend", Options.legend(tenants))
            .put("xAxis", Options.values("answered, % of what the tenant asked").put("nameGap", 24))
            .put("yAxis", Options.names(shown.names()))
            .put("series", series);
    return Optional.of(
        new Chart(
            "tenants",
            "Fairness",
            "What each tenant got of what it asked for; the largest tenants, at most "
                + MOST
                + ". Dots that are close together are a fair gateway.",
            option,
            110 + 26 * shown.cells().size(),
            Html.table("Answered share by tenant", header, lines)));
  }

  private static Served served(Cell cell, String tenant) {
    return cell.rows().stream()
        .map(row -> row.byTenant().get(tenant))
        .filter(java.util.Objects::nonNull)
        .reduce(Served::plus)
        .orElse(new Served(0, 0, 0, 0));
  }

  private static double share(Cell cell, String tenant) {
    return served(cell, tenant).share();
  }

  private static List<String> largest(List<Cell> cells) {
    Map<String, Long> requests = new HashMap<>();
    cells.forEach(
        cell ->
            cell.rows()
                .forEach(
                    row ->
                        row.byTenant()
                            .forEach(
                                (name, one) -> requests.merge(name, one.requests(), Long::sum))));
    return requests.entrySet().stream()
        .filter(tenant -> !tenant.getKey().isEmpty())
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(MOST)
        .map(Map.Entry::getKey)
        .toList();
  }
}
