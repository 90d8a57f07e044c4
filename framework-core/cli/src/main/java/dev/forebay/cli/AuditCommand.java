package dev.forebay.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Whether the ledger has what gateways counted, and what callers say. */
@Command(
    name = "audit",
    description = "Compares the ledger's records with what gateways counted, by tenant and day.",
    footer = {
      "",
      "Exit code 1 if they differ. Ask while no requests end: what is on its way is a difference.",
      "Below 0, there are more records than counts: of a gateway that was killed, for instance.",
      "--callers: a file with lines of DAY,TENANT,TOKENS, what callers saw in their answers."
    })
final class AuditCommand implements Callable<Integer> {

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private LedgerTarget target = new LedgerTarget();
  @Mixin private LedgerTarget.Days days = new LedgerTarget.Days();

  @Option(
      names = "--callers",
      paramLabel = "FILE",
      description = "what callers saw: lines of DAY,TENANT,TOKENS")
  private @Nullable Path callers;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json (default: ${DEFAULT-VALUE})")
  private Format format = Format.table;

  enum Format {
    table,
    json
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Map<String, Long> seen = seen();
    JsonObject audit = target.get("/ledger/audit?" + days.query());
    List<JsonObject> lines =
        audit.getJsonArray("days").stream().map(JsonObject.class::cast).toList();
    boolean drift = false;
    for (JsonObject line : lines) {
      Long tokens = seen.remove(line.getString("day") + "," + line.getString("tenant"));
      if (tokens != null) {
        line.put("driftCallers", tokens - line.getJsonObject("recorded").getLong("tokens"));
      }
      drift |= drifts(line);
    }
    drift |= !seen.isEmpty();
    PrintWriter out = spec.commandLine().getOut();
    if (format == Format.json) {
      out.println(audit.encodePrettily());
    } else {
      lines.forEach(line -> out.println(text(line)));
      seen.forEach((place, tokens) -> out.println(place + ": only its caller knows of it"));
      out.println(drift ? "DRIFT" : "drift 0");
    }
    out.flush();
    return drift ? Main.FAILED : Main.OK;
  }

  private static boolean drifts(JsonObject line) {
    return line.getLong("driftRequests") != 0
        || line.getLong("driftTokens") != 0
        || line.getLong("driftNanodollars") != 0
        || line.getLong("driftCallers", 0L) != 0;
  }

  private static String text(JsonObject line) {
    JsonObject recorded = line.getJsonObject("recorded");
    return String.format(
        Locale.ROOT,
        "%s  %-20s  %d requests  %d tokens  USD %s  drift: %d requests, %d tokens, USD %s%s",
        line.getString("day"),
        line.getString("tenant"),
        recorded.getLong("requests"),
        recorded.getLong("tokens"),
        usd(recorded.getLong("nanodollars")),
        line.getLong("driftRequests"),
        line.getLong("driftTokens"),
        usd(line.getLong("driftNanodollars")),
        line.containsKey("driftCallers")
            ? ", of callers " + line.getLong("driftCallers") + " tokens"
            : "");
  }

  private static String usd(long nanodollars) {
    return BigDecimal.valueOf(nanodollars, 9).toPlainString();
  }

  private Map<String, Long> seen() throws IOException {
    Map<String, Long> seen = new TreeMap<>();
    if (callers != null) {
      int number = 0;
      if (!Files.isReadable(callers)) {
        throw new WrongInput("--callers: " + callers + " (expected: a file that can be read)");
      }
      for (String line : Files.readAllLines(callers)) {
        number++;
        String[] cells = line.split(",", -1);
        if (line.isBlank() || line.startsWith("day,")) {
          continue;
        }
        if (cells.length != 3 || !cells[2].matches("\\d{1,15}")) {
          throw new WrongInput(
              callers + ":" + number + ": " + line + " (expected: DAY,TENANT,TOKENS)");
        }
        seen.merge(cells[0] + "," + cells[1], Long.parseLong(cells[2]), Long::sum);
      }
    }
    return seen;
  }
}
