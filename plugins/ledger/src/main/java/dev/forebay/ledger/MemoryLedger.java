package dev.forebay.ledger;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.ledger.UsageLedger;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;

/**
 * A ledger in the memory of one gateway, which ends with it: for tests, replays, and gateways that
 * only want budgets until they end.
 *
 * @param maxRecords records that are kept; the oldest are forgotten
 */
@Doc("A ledger in the memory of one gateway; it ends with it.")
public record MemoryLedger(
    @Doc("Records that are kept; the oldest are forgotten.")
        @Default("100000")
        @Range(min = 1, max = 10_000_000)
        @Unit("records")
        int maxRecords)
    implements Plugin<UsageLedger> {

  /** With everything at its default. */
  public static MemoryLedger defaults() {
    return new MemoryLedger(100_000);
  }

  @Override
  public UsageLedger create(PluginContext context) {
    return new MemoryRecords(maxRecords, new MemoryRegister(context.timeline()));
  }
}
