package dev.forebay.mysql;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.UsageLedgerContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.ledger.UsageLedger;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The contract on one real server. */
class MysqlContractTest implements UsageLedgerContract {

  @Override
  public Plugin<UsageLedger> plugin() {
    return Servers.ledger(Servers.database("a", Servers.server("one")));
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(Servers.VERTX, 1);
  }

  @Override
  public String unique() {
    return "t" + Long.toHexString(System.nanoTime());
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new HashMap<>();
    for (String rule : List.of("P7", "P8", "P9", "P10", "P11", "P12")) {
      exempt.put(rule, "it needs a network, which virtual time does not have");
    }
    return exempt;
  }
}
