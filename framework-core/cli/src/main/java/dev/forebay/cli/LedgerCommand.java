package dev.forebay.cli;

import dev.forebay.config.Registry;
import dev.forebay.ledger.Ledger;
import dev.forebay.mysql.MysqlLedger;
import dev.forebay.mysql.MysqlOperations;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.options.Plugins;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The databases of a ledger. */
@Command(
    name = "ledger",
    description = "Brings the databases of a ledger up to date, or moves a shard between them.",
    footer = {
      "",
      "Example: forebay ledger move-shard gateway.yaml 7 --to second",
    },
    subcommands = {LedgerCommand.Migrate.class, LedgerCommand.MoveShard.class})
final class LedgerCommand implements Runnable {

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "no action (expected: migrate or move-shard)");
  }

  private static MysqlLedger ledger(Path file) {
    Registry registry = Registry.load(LedgerCommand.class.getClassLoader());
    return GatewayDocument.read(file, registry).blueprint().sections().stream()
        .map(Plugins::options)
        .filter(Ledger.class::isInstance)
        .map(section -> Plugins.options(((Ledger) section).store()))
        .filter(MysqlLedger.class::isInstance)
        .map(MysqlLedger.class::cast)
        .findFirst()
        .orElseThrow(
            () ->
                new WrongInput(
                    file
                        + ": no ledger in mysql (expected: ledger: { store: { plugin:"
                        + " mysql, ... } })"));
  }

  /** {@code migrate}. */
  @Command(name = "migrate", description = "Brings the tables of all databases up to date.")
  static final class Migrate implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "GATEWAY.yaml", description = "the gateway")
    private Path file = Path.of("");

    @Override
    public Integer call() throws IOException, InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      Vertx vertx = Vertx.vertx();
      try (MysqlOperations operations =
          new MysqlOperations(ledger(file), vertx, Duration.ZERO, out::println)) {
        operations
            .migrate()
            .forEach((database, applied) -> out.println(database + ": applied " + applied));
      } finally {
        vertx.close();
      }
      out.flush();
      return Main.OK;
    }
  }

  /** {@code move-shard}. */
  @Command(
      name = "move-shard",
      description = "Moves a shard to another database while gateways go on writing.")
  static final class MoveShard implements Callable<Integer> {

    @Spec private CommandSpec spec = CommandSpec.create();

    @Parameters(
        index = "0",
        paramLabel = "GATEWAY.yaml",
        description = "a gateway that has both databases; all gateways must")
    private Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "SHARD", description = "0 to 15")
    private int shard;

    @Option(
        names = "--to",
        paramLabel = "DATABASE",
        required = true,
        description = "the database's name in the file")
    private String to = "";

    @Override
    public Integer call() throws IOException, InterruptedException {
      PrintWriter out = spec.commandLine().getOut();
      Vertx vertx = Vertx.vertx();
      try (MysqlOperations operations =
          new MysqlOperations(
              ledger(file), vertx, Duration.ofSeconds(5), spec.commandLine().getErr()::println)) {
        long records = operations.move(shard, to);
        out.println("shard " + shard + ": " + records + " records at " + to);
      } finally {
        vertx.close();
      }
      out.flush();
      return Main.OK;
    }
  }
}
