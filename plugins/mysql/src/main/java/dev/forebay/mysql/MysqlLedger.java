package dev.forebay.mysql;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.NotEmpty;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Redacted;
import dev.forebay.spi.options.Secret;
import dev.forebay.spi.options.Unit;
import io.soabase.recordbuilder.core.RecordBuilder;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in MySQL (8.0 or newer) or MariaDB (10.6 or newer).
 *
 * @param databases the first is the directory, too: it has the keys, the budgets, and the places of
 *     the shards
 * @param user a user of the databases, with the right to create tables, if {@code migrate}
 * @param password of the user
 * @param tls how servers are trusted; null for connections without TLS
 * @param writeConnections to each primary
 * @param readConnections to each replica
 * @param gateways how many gateways there are: for the check of {@code max_connections} only
 * @param idle after this time an idle connection is closed: below the server's {@code wait_timeout}
 * @param timeout a statement that takes longer counts as failed
 * @param maxLag a replica that is further behind is not read
 * @param statements prepared statements that each connection keeps
 * @param retention records, sums and changes are removed after this time, in whole days
 * @param migrate whether a gateway brings the tables up to date when it starts
 */
@RecordBuilder
@Named("mysql")
@Doc("A ledger in databases of MySQL or MariaDB.")
public record MysqlLedger(
    @Doc("Where records are; the first database has keys, budgets and the places of shards, too.")
        @NotEmpty
        List<Database> databases,
    @Doc("A user of the databases.") @Default("forebay") String user,
    @Doc("The user's password.") @Default("") @Secret String password,
    @Doc("Speaks TLS with all servers, and how they are trusted; without it, no TLS.")
        @Nullable Tls tls,
    @Doc("Connections to each primary.")
        @Default("4")
        @Range(min = 1, max = 1000)
        @Unit("connections")
        int writeConnections,
    @Doc("Connections to each replica.")
        @Default("4")
        @Range(min = 1, max = 1000)
        @Unit("connections")
        int readConnections,
    @Doc("How many gateways there are, for the check of max_connections at start.")
        @Default("1")
        @Range(min = 1, max = 10_000)
        @Unit("gateways")
        int gateways,
    @Doc("When an idle connection is closed: below the server's wait_timeout.")
        @Default("60s")
        @Range(min = 1, max = 28_800)
        Duration idle,
    @Doc("A statement that takes longer counts as failed.")
        @Default("10s")
        @Range(min = 0.1, max = 25)
        Duration timeout,
    @Doc("A replica that is further behind is not read.") @Default("5s") @Range(min = 1, max = 3600)
        Duration maxLag,
    @Doc("Prepared statements that each connection keeps.")
        @Default("128")
        @Range(min = 8, max = 10_000)
        @Unit("statements")
        int statements,
    @Doc("Records, sums and changes are removed after this time, in whole days.")
        @Default("400d")
        @Range(min = 172_800, max = 3_153_600_000.0)
        Duration retention,
    @Doc("Whether a gateway brings the tables up to date when it starts.") @Default("true")
        boolean migrate)
    implements Plugin<UsageLedger>, MysqlLedgerBuilder.With {

  /** Copies and checks. */
  public MysqlLedger {
    databases = List.copyOf(databases);
    Set<String> names = new HashSet<>();
    for (Database each : databases) {
      if (!names.add(each.name())) {
        throw new IllegalArgumentException("databases: " + each.name() + " is there twice");
      }
    }
    if (databases.isEmpty()) {
      throw new IllegalArgumentException("databases: none (expected: at least one)");
    }
  }

  /** In databases, with everything else at its default. */
  public static MysqlLedger in(List<Database> databases) {
    return Options.defaults(MysqlLedger.class, Map.entry("databases", databases));
  }

  @Override
  public UsageLedger create(PluginContext context) {
    Vertx vertx =
        context
            .resource(Vertx.class)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "mysql needs a network (expected: memory-ledger in a replay)"));
    return new MysqlRecords(new Databases(this, vertx, context), context);
  }

  /** Without the password. */
  @Override
  public String toString() {
    return Redacted.text(this);
  }
}
