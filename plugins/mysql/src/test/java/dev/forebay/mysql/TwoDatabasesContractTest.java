package dev.forebay.mysql;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.ledger.UsageLedger;

/** The contract on shards that two real servers have. */
class TwoDatabasesContractTest extends MysqlContractTest {

  @Override
  public Plugin<UsageLedger> plugin() {
    return Servers.ledger(
        Servers.database("first", Servers.server("first")),
        Servers.database("second", Servers.server("second")));
  }
}
