package dev.forebay.live;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** One run of a plan: its time begins when Gatling injects the first user. */
final class TraceRun {

  private final Plan plan;
  private final Path file;
  private @Nullable Results results;

  TraceRun(Plan plan, Path file) {
    this.plan = plan;
    this.file = file;
  }

  Plan plan() {
    return plan;
  }

  /**
   * The results; the first that asks begins the time.
   *
   * @param first when the asker's conversation begins in the plan
   */
  synchronized Results results(long first) {
    if (results == null) {
      long now = System.nanoTime();
      results = new Results(file, now + Arrivals.LEAD - first, LiveClient::lost);
      results.begin(now);
    }
    return results;
  }

  /** The end of Gatling's run. */
  synchronized void close() {
    if (results != null) {
      results.close();
    }
  }
}
