package dev.forebay.cli;

import dev.forebay.edge.identity.KeyHash;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Keys and budgets of running gateways. */
@Command(
    name = "keys",
    description = "Issues, limits, revokes and lists the keys of running gateways.",
    footer = {
      "",
      "The gateways have a section ledger. A change holds in all of them within 2 s.",
      "Example: forebay keys issue alice-laptop --tenant acme",
      "         forebay keys limit --tenant acme --usd 50"
    },
    subcommands = {
      KeysCommand.Issue.class,
      KeysCommand.Limit.class,
      KeysCommand.Revoke.class,
      KeysCommand.ListKeys.class
    })
final class KeysCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "no action (expected: issue, limit, revoke or list)");
  }

  /** {@code issue}. */
  @Command(
      name = "issue",
      description = "Makes a key, and prints it: it is shown once, and kept nowhere.")
  static final class Issue implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private LedgerTarget target = new LedgerTarget();

    @Parameters(paramLabel = "ID", description = "how logs and reports name the key")
    private String id = "";

    @Option(names = "--tenant", paramLabel = "NAME", required = true, description = "whose it is")
    private String tenant = "";

    @Option(
        names = "--priority",
        paramLabel = "N",
        defaultValue = "1",
        description = "the most urgent priority that it allows, 0 to 7 (default: ${DEFAULT-VALUE})")
    private int priority = 1;

    @Option(
        names = "--models",
        paramLabel = "NAME",
        split = ",",
        description = "models that it may use (default: all)")
    private List<String> models = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
      String key = KeyHash.newKey();
      JsonObject body =
          new JsonObject()
              .put("id", id)
              .put("sha256", sha256(key))
              .put("tenant", tenant)
              .put("priority", priority)
              .put("models", new JsonArray(models))
              .put("by", LedgerTarget.by());
      target.ask(HttpMethod.POST, "/ledger/keys", body);
      PrintWriter out = spec.commandLine().getOut();
      out.println("key: " + key);
      out.flush();
      return Main.OK;
    }

    private static String sha256(String key) {
      try {
        return HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8)));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has SHA-256", e);
      }
    }
  }

  /** {@code limit}. */
  @Command(
      name = "limit",
      description = "Sets what a tenant or a key may use in a month of the calendar (UTC).")
  static final class Limit implements Callable<Integer> {

    private static final int NANO_DIGITS = 9;

    @Mixin private LedgerTarget target = new LedgerTarget();

    @ArgGroup(multiplicity = "1")
    private Whose whose = new Whose();

    @ArgGroup(multiplicity = "1")
    private Most most = new Most();

    /** A tenant or a key. */
    static final class Whose {
      @Option(names = "--tenant", paramLabel = "NAME", description = "of a tenant")
      private @Nullable String tenant;

      @Option(names = "--key", paramLabel = "ID", description = "of a key")
      private @Nullable String key;
    }

    /** Money or tokens. */
    static final class Most {
      @Option(names = "--usd", paramLabel = "AMOUNT", description = "US dollars, or none")
      private @Nullable String usd;

      @Option(names = "--tokens", paramLabel = "N", description = "tokens, or none")
      private @Nullable String tokens;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
      String key = whose.key;
      JsonObject body =
          new JsonObject()
              .put("scope", key == null ? "tenant" : "key")
              .put("of", key == null ? whose.tenant : key)
              .put("unit", most.usd == null ? "tokens" : "nanodollars")
              .put("limit", limit())
              .put("by", LedgerTarget.by());
      target.ask(HttpMethod.POST, "/ledger/budgets", body);
      return Main.OK;
    }

    private long limit() {
      String usd = most.usd;
      String text = String.valueOf(usd == null ? most.tokens : usd);
      if (text.equals("none")) {
        return -1;
      }
      try {
        BigDecimal amount = new BigDecimal(text).movePointRight(usd == null ? 0 : NANO_DIGITS);
        if (amount.signum() < 0) {
          throw new ArithmeticException("below 0");
        }
        return amount.longValueExact();
      } catch (NumberFormatException | ArithmeticException e) {
        throw new WrongInput(
            usd == null
                ? "--tokens: " + text + " (expected: a whole number >= 0, or none)"
                : "--usd: "
                    + text
                    + " (expected: a number >= 0 of at most nine decimals, or none)");
      }
    }
  }

  /** {@code revoke}. */
  @Command(name = "revoke", description = "Ends keys, for good.")
  static final class Revoke implements Callable<Integer> {

    @Mixin private LedgerTarget target = new LedgerTarget();

    @Parameters(paramLabel = "ID", arity = "1..*", description = "ids of keys")
    private List<String> ids = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
      for (String id : ids) {
        target.ask(
            HttpMethod.DELETE,
            "/ledger/keys/"
                + LedgerTarget.escaped(id)
                + "?by="
                + LedgerTarget.escaped(LedgerTarget.by()),
            null);
      }
      return Main.OK;
    }
  }

  /** {@code list}. */
  @Command(name = "list", description = "Lists keys, budgets and the newest changes.")
  static final class ListKeys implements Callable<Integer> {

    enum Format {
      table,
      json
    }

    @Spec private CommandSpec spec = CommandSpec.create();
    @Mixin private LedgerTarget target = new LedgerTarget();

    @Option(
        names = "--format",
        paramLabel = "FORMAT",
        defaultValue = "table",
        description = "table or json (default: ${DEFAULT-VALUE})")
    private Format format = Format.table;

    @Override
    public Integer call() throws IOException, InterruptedException {
      JsonObject known = target.get("/ledger/keys");
      PrintWriter out = spec.commandLine().getOut();
      if (format == Format.json) {
        out.println(known.encodePrettily());
      } else {
        known.getJsonArray("keys").forEach(each -> out.println(key((JsonObject) each)));
        known.getJsonArray("budgets").forEach(each -> out.println(budget((JsonObject) each)));
        known.getJsonArray("changes").forEach(each -> out.println(change((JsonObject) each)));
      }
      out.flush();
      return Main.OK;
    }

    private static String key(JsonObject key) {
      JsonArray models = key.getJsonArray("models");
      return "key %s  tenant %s  priority %d%s"
          .formatted(
              key.getString("id"),
              key.getString("tenant"),
              key.getInteger("priority"),
              models.isEmpty() ? "" : "  models " + models.encode());
    }

    private static String budget(JsonObject budget) {
      boolean money = budget.getString("unit").equals("nanodollars");
      return "budget of %s %s: %s a month; this gateway used %s of its part of %s in %s"
          .formatted(
              budget.getString("scope"),
              budget.getString("of"),
              amount(budget.getLong("limit"), money),
              amount(budget.getLong("spentHere"), money),
              amount(budget.getLong("grantedHere"), money),
              budget.getString("month"));
    }

    private static String amount(long amount, boolean money) {
      return money
          ? "USD " + BigDecimal.valueOf(amount, 9).stripTrailingZeros().toPlainString()
          : amount + " tokens";
    }

    private static String change(JsonObject change) {
      return "change %s  by %s: %s"
          .formatted(
              Instant.ofEpochMilli(change.getLong("at")),
              change.getString("by"),
              change.getString("what"));
    }
  }
}
