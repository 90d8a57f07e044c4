package dev.forebay.replay.live;

import dev.forebay.replay.run.JsonReport;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.TableReport;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * What a live comparison found, and whether it can be believed.
 *
 * @param report the same columns as in virtual time
 * @param proofs what the client says of itself, for each run
 * @param counts what client, gateway and upstream counted in each run
 */
public record LiveReport(Report report, List<ClientProof> proofs, List<LiveCounts> counts) {

  /** What a report leads with; empty if the client was in time in all runs and no count differs. */
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
    for (LiveCounts each : counts) {
      each.differences()
          .forEach(difference -> warnings.add("counts that do not agree: " + difference));
    }
    return warnings;
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
