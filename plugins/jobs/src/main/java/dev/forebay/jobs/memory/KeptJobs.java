package dev.forebay.jobs.memory;

import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in a map, and three orders of them: those that wait by due time, all by check time, those
 * that are over by when they are forgotten. So each step costs O(log n).
 */
final class KeptJobs {

  private record Name(String tenant, String key) {}

  private final LinkedHashMap<String, Kept> jobs = new LinkedHashMap<>();
  private final Map<Name, Kept> names = new HashMap<>();
  private final NavigableSet<Kept> waiting = index(job -> job.dueMillis);
  private final NavigableSet<Kept> checks = index(job -> job.checkMillis);
  private final NavigableSet<Kept> expiring = index(Kept::expiresMillis);
  private final Map<JobState, Long> counts = new EnumMap<>(JobState.class);
  private long bytes;

  private static NavigableSet<Kept> index(ToLongFunction<Kept> order) {
    return new TreeSet<>(Comparator.comparingLong(order).thenComparingLong(job -> job.sequence));
  }

  int size() {
    return jobs.size();
  }

  /** What bodies, results and events take. */
  long bytes() {
    return bytes;
  }

  /** Events of a job came. */
  void grew(long added) {
    bytes += added;
  }

  @Nullable Kept find(String id) {
    return jobs.get(id);
  }

  /** The job of a tenant's key. */
  @Nullable Kept named(String tenant, String key) {
    return names.get(new Name(tenant, key));
  }

  List<Kept> newestFirst() {
    List<Kept> newestFirst = new ArrayList<>(jobs.values());
    Collections.reverse(newestFirst);
    return newestFirst;
  }

  JobFigures figures() {
    return new JobFigures(counts, waiting.isEmpty() ? 0 : waiting.first().dueMillis);
  }

  /** The job that is to be checked first, if its time has come. */
  @Nullable Kept toCheck(long now) {
    return checks.isEmpty() || checks.first().checkMillis > now ? null : checks.first();
  }

  void add(Kept job) {
    jobs.put(job.request.id(), job);
    if (job.key != null) {
      names.put(new Name(job.request.tenant(), job.key.key()), job);
    }
    bytes += job.bytes();
    insert(job);
  }

  /** Changes a job out of all orders, so that they stay right. */
  void change(Kept job, Consumer<Kept> step) {
    take(job);
    bytes -= job.bytes();
    step.accept(job);
    bytes += job.bytes();
    insert(job);
  }

  private void insert(Kept job) {
    if (job.state == JobState.QUEUED) {
      waiting.add(job);
    }
    if (job.checkMillis != JobStore.NEVER) {
      checks.add(job);
    }
    if (job.state.over()) {
      expiring.add(job);
    }
    counts.merge(job.state, 1L, Long::sum);
  }

  private void take(Kept job) {
    if (job.state == JobState.QUEUED) {
      waiting.remove(job);
    }
    if (job.checkMillis != JobStore.NEVER) {
      checks.remove(job);
    }
    if (job.state.over()) {
      expiring.remove(job);
    }
    counts.merge(job.state, -1L, Long::sum);
  }

  void forget(Kept job) {
    take(job);
    bytes -= job.bytes();
    job.events.forEach(event -> bytes -= event.length());
    jobs.remove(job.request.id());
    if (job.key != null) {
      names.remove(new Name(job.request.tenant(), job.key.key()));
    }
  }

  /** Forgets those whose time is over. */
  void expire(long now) {
    while (!expiring.isEmpty() && expiring.first().expiresMillis() <= now) {
      forget(expiring.first());
    }
  }
}
