package dev.forebay.replay.run;

import dev.forebay.replay.run.Course.Figure;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What happened in a run, as it happens. */
public final class Tally {

  private static final long LONGEST_GAP_NANOS = 3_600_000_000_000L;

  /** No trace says so far that a caller left; one that loses patience was failed. */
  private static final long CANCELLED = 0;

  private final Objective objective;
  private final Digest digest = new Digest();
  private final Samples all = new Samples();
  private final Samples latency = new Samples();
  private final Samples ofHits = new Samples();
  private final Samples ofComputed = new Samples();
  private final Samples firstToken = new Samples();
  private final Samples perToken = new Samples();
  private final Samples deferredAnswers = new Samples();
  private final Histogram interToken = new Histogram(LONGEST_GAP_NANOS, 3);
  private final SortedMap<String, Long> rejected = new TreeMap<>();
  private final SortedMap<String, Long> failures = new TreeMap<>();
  private final SortedMap<String, Long> wrong = new TreeMap<>();
  private final Groups groups = new Groups();
  private final CourseRecorder course = new CourseRecorder();
  private long requests;
  private long ok;
  private long failed;
  private long stuck;
  private long beganNanos = -1;
  private long endedNanos;
  private long needless;
  private long hits;
  private long good;
  private long savedPromptTokens;
  private long savedOutputTokens;
  private long promptTokens;
  private long outputTokens;
  private long events;
  private long over;
  private long retries;
  private long advised;
  private long misled;
  private long deferred;

  /** Nothing yet. */
  public Tally(Objective objective) {
    this.objective = objective;
  }

  /** A request arrives. */
  public void arrived(TraceRequest request, long now) {
    if (beganNanos < 0) {
      beganNanos = now;
    }
    requests++;
    course.count(Figure.ARRIVALS, now - beganNanos);
    groups.arrived(request);
  }

  /** A content of an answer comes. */
  public void content(int index, long now) {
    events++;
    digest.add(now ^ ((long) index << 40));
  }

  /** Time between two contents of an answer. */
  public void between(long nanos) {
    interToken.recordValue(Math.min(nanos, LONGEST_GAP_NANOS));
  }

  /**
   * An answer that was complete and right.
   *
   * @param servedBy the backend
   * @param cache what the gateway's cache did; null without one
   * @param tokens of the answer
   */
  public record Answered(String servedBy, @Nullable String cache, int tokens) {}

  /** A request is answered, completely and correctly. */
  public void answered(TraceRequest request, Answered answer, long arrived, long first, long now) {
    ok++;
    course.count(Figure.ANSWERS, now - beganNanos);
    groups.answered(request);
    all.add(now - arrived);
    latency.add(now - arrived);
    long firstNanos = (first < 0 ? now : first) - arrived;
    firstToken.add(firstNanos);
    if (answer.tokens() > 1 && first >= 0) {
      perToken.add((now - first) / (answer.tokens() - 1));
    }
    promptTokens += request.promptTokens();
    outputTokens += answer.tokens();
    String cache = answer.cache();
    boolean hit = "hit".equals(cache) || "joined".equals(cache) || "stale".equals(cache);
    (hit ? ofHits : ofComputed).add(now - arrived);
    if (hit) {
      hits++;
      course.count(Figure.HITS, now - beganNanos);
      savedPromptTokens += request.promptTokens();
      savedOutputTokens += request.outputTokens();
    }
    if (firstNanos <= objective.firstContent().toNanos()
        && now - arrived <= objective.total().toNanos()) {
      good++;
    }
    ended(request, answer.servedBy(), cache, now);
  }

  /** A complete answer that is not the right one, and why. */
  public void wrong(TraceRequest request, String why, long now) {
    course.count(Figure.FAILURES, now - beganNanos);
    unanswered(request);
    wrong.merge(why, 1L, Long::sum);
    ended(request, why, null, now);
  }

  /** Whether the gateway itself refused, and no server had a part in it. */
  public static boolean isRefusal(Failure failure) {
    return failure.status() == Status.REFUSED || failure.status() == Status.SATURATED;
  }

  /**
   * No answer.
   *
   * @param room whether a server could have answered in time when the gateway refused
   */
  public void failed(TraceRequest request, Failure failure, boolean room, long now) {
    unanswered(request);
    course.count(isRefusal(failure) ? Figure.REJECTIONS : Figure.FAILURES, now - beganNanos);
    if (isRefusal(failure)) {
      rejected.merge(failure.reason(), 1L, Long::sum);
      groups.refused(request, failure.status() == Status.REFUSED);
      needless += room ? 1 : 0;
    } else {
      failed++;
      String reason = failure.status() == Status.CANCELLED ? "gave_up" : failure.reason();
      failures.merge(reason, 1L, Long::sum);
    }
    ended(request, failure.reason(), failure.servedBy(), now);
  }

  /**
   * A request became a job, and that is over.
   *
   * @param answered whether the job was answered
   */
  void deferred(TraceRequest request, boolean answered, long arrived, long now) {
    deferred++;
    unanswered(request);
    if (answered) {
      deferredAnswers.add(now - arrived);
    }
    ended(request, answered ? "job" : "lost_job", null, now);
  }

  void stuck(TraceRequest request, long now) {
    stuck++;
    failed++;
    course.count(Figure.FAILURES, now - beganNanos);
    unanswered(request);
    failures.merge("stuck", 1L, Long::sum);
    ended(request, "stuck", null, now);
  }

  private void unanswered(TraceRequest request) {
    all.add(objective.patienceNanos(request));
  }

  private void ended(TraceRequest request, String how, @Nullable String more, long now) {
    endedNanos = now;
    over++;
    digest.add(request.index());
    digest.add(now);
    digest.add(how);
    digest.add(more == null ? "" : more);
  }

  /**
   * A look at what is under way.
   *
   * @param waiting requests in the gateways' queues
   * @param replicas servers that are members
   */
  void looked(double waiting, double replicas, long now) {
    if (beganNanos >= 0) {
      course.level(now - beganNanos, waiting, requests - over, replicas);
    }
  }

  /** A caller tries again. */
  public void retried() {
    retries++;
  }

  /** A try that began when a refusal had told it to is over: whether the head of an answer came. */
  public void followed(boolean answered) {
    advised++;
    misled += answered ? 0 : 1;
  }

  /** Further tries of callers. */
  public long retries() {
    return retries;
  }

  long over() {
    return over;
  }

  long stuck() {
    return stuck;
  }

  /** From the first arrival to the last end, in nanoseconds, at least 1. */
  public long nanos() {
    return Math.max(1, endedNanos - beganNanos);
  }

  /** Tokens of prompts that no backend worked on. */
  public long savedPromptTokens() {
    return savedPromptTokens;
  }

  /** Tokens of answers that no backend worked on. */
  public long savedOutputTokens() {
    return savedOutputTokens;
  }

  long ok() {
    return ok;
  }

  Distribution latency() {
    return latency.distribution();
  }

  long requests() {
    return requests;
  }

  /**
   * The row of a run.
   *
   * @param traffic fingerprint of what was offered
   * @param answerable how many could have been answered at most; null if that is not known
   * @param byBackend requests sent, by backend
   * @param plugin counters of all stages and plugins
   */
  public Row row(
      String combination,
      long seed,
      String traffic,
      @Nullable Double answerable,
      Spent spent,
      Map<String, Long> byBackend,
      SortedMap<String, Long> plugin,
      SortedMap<String, dev.forebay.spi.metrics.Distribution> histograms) {
    byBackend.forEach(
        (backend, count) -> {
          digest.add(backend);
          digest.add(count);
        });
    return new Row(
        combination,
        seed,
        traffic,
        requests,
        ok,
        answerable,
        wrong,
        failed,
        CANCELLED,
        rejected,
        needless,
        failures,
        new Deferred(deferred, deferredAnswers.size(), deferredAnswers.distribution()),
        latencies(),
        benchmark(),
        good * 1e9 / nanos(),
        requests == 0 ? 0 : (double) hits / requests,
        groups,
        new Advice(advised, misled),
        spent,
        byBackend,
        plugin,
        histograms,
        course.course(),
        events,
        digest.text());
  }

  private BenchmarkFigures benchmark() {
    return new BenchmarkFigures(
        ok,
        nanos() / 1e9,
        promptTokens,
        outputTokens,
        good,
        firstToken.deviation(),
        perToken.deviation(),
        interToken.getTotalCount() == 0
            ? BenchmarkFigures.Spread.NONE
            : new BenchmarkFigures.Spread(
                interToken.getMean() / 1e6,
                interToken.getValueAtPercentile(50) / 1e6,
                interToken.getStdDeviation() / 1e6,
                interToken.getValueAtPercentile(99) / 1e6),
        latency.deviation());
  }

  private Latencies latencies() {
    return new Latencies(
        all.distribution(),
        latency.distribution(),
        ofHits.distribution(),
        ofComputed.distribution(),
        firstToken.distribution(),
        interToken.getTotalCount() == 0
            ? Distribution.NONE
            : new Distribution(
                interToken.getMean() / 1e6,
                interToken.getValueAtPercentile(50) / 1e6,
                interToken.getValueAtPercentile(90) / 1e6,
                interToken.getValueAtPercentile(99) / 1e6),
        latency.spread(),
        firstToken.spread());
  }
}
