package dev.forebay.replay.live;

import dev.forebay.replay.run.Cell;
import dev.forebay.replay.run.JsonReport;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Row;
import dev.forebay.replay.run.TableReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What a live comparison found, and whether it can be believed.
 *
 * @param report the same columns as in virtual time
 * @param proofs what the client says of itself, for each run
 * @param counts what client, gateway and upstream counted in each run
 */
public record LiveReport(Report report, List<ClientProof> proofs, List<LiveCounts> counts) {

  /**
   * What a report leads with; empty if in all runs the client was in time, something was answered,
   * and no count differs.
   */
  public List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    for (ClientProof proof : proofs) {
      if (proof.late()) {
        warnings.add(
            "the client was late, so its figures are not those of the trace's arrivals (expected:"
                + " p99 of the send lag of at most 1 % of the median): "
                + proof.text());
      }
    }
    for (Cell cell : report.cells()) {
      cell.rows().stream()
          .filter(LiveReport::unanswered)
          .map(LiveReport::losses)
          .forEach(warnings::add);
    }
    for (LiveCounts each : counts) {
      each.differences()
          .forEach(difference -> warnings.add("counts that do not agree: " + difference));
    }
    return warnings;
  }

  private static boolean unanswered(Row row) {
    return row.requests() > 0 && row.ok() == 0;
  }

  /** What became of requests of which none was answered. */
  private static String losses(Row row) {
    SortedMap<String, Long> reasons = new TreeMap<>(row.failures());
    row.rejected().forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
    row.wrong().forEach((reason, count) -> reasons.merge(reason, count, Long::sum));
    String told =
        reasons.entrySet().stream()
            .map(reason -> reason.getKey() + ": " + reason.getValue())
            .collect(Collectors.joining(", "));
    return "nothing was answered, so no time was measured: %s, seed %d: %d requests (%s)"
        .formatted(row.combination(), row.seed(), row.requests(), told);
  }

  /** As {@code report.json}. */
  public JsonObject json() {
    JsonArray clients = new JsonArray();
    proofs.forEach(proof -> clients.add(proof.json()));
    JsonArray counted = new JsonArray();
    counts.forEach(each -> counted.add(each.json()));
    JsonObject json =
        new JsonObject().put("warnings", new JsonArray(warnings())).put("mode", "live");
    return json.mergeIn(JsonReport.of(report))
        .put("mode", "live")
        .put("client", clients)
        .put("counts", counted);
  }

  /**
   * As a table.
   *
   * @param wide whether to show every column
   * @param colour whether to set the header off
   */
  public String table(boolean wide, boolean colour) {
    StringBuilder text = new StringBuilder();
    warnings().forEach(warning -> text.append(TableReport.wrapped("WARNING: " + warning)));
    text.append(TableReport.of(report, "live", wide, colour));
    proofs.stream()
        .filter(proof -> !proof.late())
        .forEach(proof -> text.append(TableReport.wrapped("client: " + proof.text())));
    counts.forEach(each -> text.append(TableReport.wrapped("counts: " + each.text())));
    return text.toString();
  }
}
