package dev.forebay.jobs.memory;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;

/**
 * A queue of jobs in memory, the more urgent priority first, then the earlier due time. Gone when
 * the process ends.
 *
 * @param maxEntries that wait at most; beyond, no job is taken
 * @param maxDeadLetters that are kept; the oldest go first
 */
@Named("memory")
@Doc("A queue of jobs in the memory of one process: gone when it ends.")
public record MemoryQueue(
    @Doc("Entries that wait at most.") @Default("100000") @Range(min = 1, max = 1e7) int maxEntries,
    @Doc("Dead letters that are counted among the newest.")
        @Default("1000")
        @Range(min = 1, max = 1e6)
        int maxDeadLetters)
    implements Plugin<JobQueue> {

  /** A queue with the default bounds. */
  public static MemoryQueue create() {
    return Options.defaults(MemoryQueue.class);
  }

  @Override
  public JobQueue create(PluginContext context) {
    return new MemoryJobQueue(new Entries(this), context.timeline());
  }
}
