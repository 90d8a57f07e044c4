package dev.forebay.jobs;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.host.Section;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Unit;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The section {@code jobs}: takes requests that may be answered later ({@code Prefer:
 * respond-async}), and works on them.
 *
 * @param store the authority on jobs
 * @param queue tells workers what to look at
 * @param workers jobs that this process works on at once; 0 if it only takes them
 * @param priority the class that jobs run in, unless their own is less urgent
 * @param retries further tries after the first
 * @param pause before the first retry
 * @param growth of the pause with each retry
 * @param timeout of one try
 * @param lease how long a worker may be silent before another takes its job
 * @param keep how long an ended job and its result are kept
 * @param maxResult bytes of a result at most
 * @param maxWait the longest {@code wait} that a caller gets before its request becomes a job
 * @param check how often jobs are looked for that nobody works on
 * @param drain how long running jobs may go on when the process stops; then they are given back
 * @param callbacks how callers are told of the ends of their jobs; null if they are not
 */
@Doc("Takes requests that may be answered later, and works on them by the gateway's pipeline.")
public record Jobs(
    @Doc("Keeps jobs and their results.") Plugin<JobStore> store,
    @Doc("Tells workers which jobs to look at.") Plugin<JobQueue> queue,
    @Doc("Jobs that this process works on at once; 0 if it only takes them.")
        @Default("4")
        @Range(min = 0, max = 10_000)
        int workers,
    @Doc("The class that jobs run in, unless their own is less urgent.")
        @Default("2")
        @Range(min = 0, max = 7)
        int priority,
    @Doc("Tries after the first, if it fails by no fault of the caller.")
        @Default("3")
        @Range(min = 0, max = 100)
        int retries,
    @Doc("Before the first retry.") @Default("60s") @Range(min = 0, max = 86_400) Duration pause,
    @Doc("The pause grows by this factor with each retry.") @Default("1") @Range(min = 1, max = 10)
        double growth,
    @Doc("The longest that one try may take.") @Default("10m") @Range(min = 1, max = 86_400)
        Duration timeout,
    @Doc("How long a worker may be silent before another takes its job.")
        @Default("30s")
        @Range(min = 1, max = 3_600)
        Duration lease,
    @Doc("How long an ended job is kept, with its result.")
        @Default("1d")
        @Range(min = 1, max = 31_536_000)
        Duration keep,
    @Doc("A longer answer fails the job.")
        @Default("16MiB")
        @Range(min = 1, max = 1L << 30)
        @Unit("bytes")
        long maxResult,
    @Doc("The longest wait of `Prefer: respond-async, wait=N` before a request becomes a job.")
        @Default("60s")
        @Range(min = 0, max = 3_600)
        Duration maxWait,
    @Doc("How often jobs are looked for that nobody works on.")
        @Default("5s")
        @Range(min = 0.1, max = 3_600)
        Duration check,
    @Doc("How long running jobs may go on when the process stops; then others take them.")
        @Default("10s")
        @Range(min = 0, max = 20)
        Duration drain,
    @Doc("Tells callers of the ends of their jobs; without it, none are told.")
        @Nullable Callbacks callbacks)
    implements Plugin<Section> {

  private static final Duration LONGEST_PAUSE = Duration.ofDays(1);

  /** Jobs of a store and a queue, with the other options at their defaults. */
  public static Jobs in(Plugin<JobStore> store, Plugin<JobQueue> queue) {
    return Options.defaults(Jobs.class, Map.entry("store", store), Map.entry("queue", queue));
  }

  /** The time between a failed try and the next, in milliseconds. */
  long pauseMillis(int attempts) {
    double millis = pause.toMillis() * Math.pow(growth, Math.max(0, attempts - 1));
    return (long) Math.min(millis, LONGEST_PAUSE.toMillis());
  }

  @Override
  public Section create(PluginContext context) {
    return new JobSection(this, context);
  }
}
