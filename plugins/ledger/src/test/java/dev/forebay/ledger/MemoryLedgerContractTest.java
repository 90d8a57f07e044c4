package dev.forebay.ledger;

import dev.forebay.conformance.UsageLedgerContract;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.ledger.UsageLedger;

class MemoryLedgerContractTest implements UsageLedgerContract {

  @Override
  public Plugin<UsageLedger> plugin() {
    return new MemoryLedger(1000);
  }
}
