package dev.forebay.jobs.memory;

import dev.forebay.spi.Named;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;

/**
 * Jobs in memory. They are gone when the process ends, so it promises no more than that.
 *
 * @param maxJobs that are kept at most, also those that are over
 * @param maxBytes of their bodies, events and results, at most
 */
@Named("memory")
@Doc("Jobs in the memory of one process: gone when it ends.")
public record MemoryStore(
    @Doc("Jobs that are kept at most; then it takes no more.")
        @Default("100000")
        @Range(min = 1, max = 1e7)
        int maxJobs,
    @Doc("Bytes of bodies, events and results; then it takes no more jobs.")
        @Default("256MiB")
        @Range(min = 1, max = 1L << 40)
        @Unit("bytes")
        long maxBytes)
    implements Plugin<JobStore> {

  /** A store with the default bounds. */
  public static MemoryStore create() {
    return Options.defaults(MemoryStore.class);
  }

  @Override
  public JobStore create(PluginContext context) {
    return new MemoryJobStore(this, context.timeline());
  }
}
