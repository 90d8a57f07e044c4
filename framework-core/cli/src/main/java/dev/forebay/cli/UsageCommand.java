package dev.forebay.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What was used, from the ledger of a running gateway. */
@Command(
    name = "usage",
    description = "Shows what was used, from the ledger of a running gateway.",
    footer = {"", "Example: forebay usage --tenant acme --from 2026-11-01 --by model"})
final class UsageCommand implements Callable<Integer> {

  private static final List<String> FIGURES =
      List.of(
          "requests",
          "promptTokens",
          "cachedTokens",
          "completionTokens",
          "reasoningTokens",
          "replayedTokens");

  enum Format {
    table,
    csv,
    json
  }

  enum By {
    tenant,
    day,
    model,
    key,
    backend,
    outcome,
    user
  }

  @Spec private CommandSpec spec = CommandSpec.create();
  @Mixin private LedgerTarget target = new LedgerTarget();
  @Mixin private LedgerTarget.Days days = new LedgerTarget.Days();

  @Option(names = "--tenant", paramLabel = "NAME", description = "only that of a tenant")
  private @Nullable String tenant;

  @Option(
      names = "--by",
      paramLabel = "WHAT",
      defaultValue = "tenant",
      description = "groups: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private By by = By.tenant;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private Format format = Format.table;

  @Override
  public Integer call() throws IOException, InterruptedException {
    String whose = tenant == null ? "" : "&tenant=" + LedgerTarget.escaped(tenant);
    JsonObject usage = target.get("/ledger/usage?by=" + by + "&" + days.query() + whose);
    PrintWriter out = spec.commandLine().getOut();
    JsonArray groups = usage.getJsonArray("groups");
    switch (format) {
      case json -> out.println(usage.encodePrettily());
      case csv -> {
        out.println(by + "," + String.join(",", FIGURES) + ",usd");
        groups.forEach(each -> out.println(csv((JsonObject) each)));
      }
      case table -> table(out, groups);
    }
    if (format == Format.table && usage.getLong("waiting", 0L) > 0) {
      out.println(usage.getLong("waiting") + " records are on their way");
    }
    out.flush();
    return Main.OK;
  }

  private static String csv(JsonObject group) {
    StringBuilder line = new StringBuilder(quoted(group.getString("group")));
    FIGURES.forEach(figure -> line.append(',').append(group.getLong(figure)));
    return line.append(',').append(usd(group)).toString();
  }

  /** No cell begins a formula in a spreadsheet. */
  private static String quoted(String text) {
    String safe = text.matches("[=+@-].*") ? "'" + text : text;
    return safe.matches("[\\w.:/' -]*") ? safe : '"' + safe.replace("\"", "\"\"") + '"';
  }

  private static String usd(JsonObject group) {
    return BigDecimal.valueOf(group.getLong("nanodollars"), 9).toPlainString();
  }

  private void table(PrintWriter out, JsonArray groups) {
    int width = by.name().length();
    for (Object each : groups) {
      width = Math.max(width, ((JsonObject) each).getString("group").length());
    }
    String line = "%-" + width + "s  %10s  %12s  %12s  %12s  %12s  %12s  %16s";
    out.println(
        String.format(
            Locale.ROOT,
            line,
            by,
            "requests",
            "prompt",
            "of it cached",
            "completion",
            "of it reason",
            "replayed",
            "USD"));
    for (Object each : groups) {
      JsonObject group = (JsonObject) each;
      out.println(
          String.format(
              Locale.ROOT,
              line,
              group.getString("group"),
              group.getLong("requests"),
              group.getLong("promptTokens"),
              group.getLong("cachedTokens"),
              group.getLong("completionTokens"),
              group.getLong("reasoningTokens"),
              group.getLong("replayedTokens"),
              usd(group)));
    }
  }
}
