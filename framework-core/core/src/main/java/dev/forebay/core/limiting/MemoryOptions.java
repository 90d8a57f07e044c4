package dev.forebay.core.limiting;

import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;

/**
 * How much memory the unfinished work of a gateway may hold.
 *
 * @param share of the largest heap of the process, 0.01 to 0.9
 */
@Doc("The bound over all unfinished bodies, answers and recordings of a gateway.")
public record MemoryOptions(
    @Doc("Share of the largest heap (-Xmx); the rest is for working copies and for caches.")
        @Default("0.25")
        @Range(min = 0.01, max = 0.9)
        @Unit("of the heap")
        double share) {

  /** Everything at its default. */
  public static final MemoryOptions DEFAULTS = new MemoryOptions(0.25);

  /** A budget of this share of the heap of this process. */
  public MemoryBudget budget() {
    return new MemoryBudget(Math.max(1, (long) (Runtime.getRuntime().maxMemory() * share)));
  }
}
