package dev.forebay.replay.warm;

import java.io.IOException;

/**
 * One warm-up: the requests of a list one after the other, at most so many per second, each only
 * when the gateway has idle capacity. One at a time, because a warm-up may take as long as it
 * takes.
 */
public final class Warmup {

  private static final long BUSY_PAUSE_MILLIS = 250;
  private static final long MAX_BUSY_PAUSE_MILLIS = 5_000;

  private final WarmupList list;
  private final Target target;
  private final WarmupProgress progress;
  private final double perSecond;
  private final double idleBelow;
  private final long patienceMillis;
  private int asked;
  private int hits;
  private int bypassed;
  private int failed;
  private long waitedMillis;

  /**
   * A warm-up.
   *
   * @param perSecond requests per second, at most
   * @param idleBelow share of the gateway's capacity that may be in use
   * @param patienceMillis how long to wait for idle capacity, for one request
   */
  public Warmup(
      WarmupList list,
      GatewayTarget target,
      WarmupProgress progress,
      double perSecond,
      double idleBelow,
      long patienceMillis) {
    this(list, (Target) target, progress, perSecond, idleBelow, patienceMillis);
  }

  Warmup(
      WarmupList list,
      Target target,
      WarmupProgress progress,
      double perSecond,
      double idleBelow,
      long patienceMillis) {
    this.list = list;
    this.target = target;
    this.progress = progress;
    this.perSecond = perSecond;
    this.idleBelow = idleBelow;
    this.patienceMillis = patienceMillis;
  }

  /**
   * What was done.
   *
   * @param asked requests of this run
   * @param hits of them, those that were there already
   * @param bypassed of them, those whose answers are not kept
   * @param failed of them, those that have no answer
   * @param before requests that an earlier run did
   * @param left requests that are not done, since the gateway was busy for too long
   * @param waitedSeconds how long it waited for idle capacity
   */
  public record Figures(
      int asked, int hits, int bypassed, int failed, int before, int left, double waitedSeconds) {}

  /** Is told after each request. */
  @FunctionalInterface
  public interface Watcher {
    /** So many of so many are done. */
    void done(int requests, int of);
  }

  /** Runs to the end of the list, or until the gateway was busy for too long. */
  public Figures run(Watcher watcher) throws IOException, InterruptedException {
    int before = progress.done();
    int size = list.requests().size();
    watcher.done(before, size);
    while (progress.done() < size) {
      long began = target.nowMillis();
      if (!one(list.requests().get(progress.done()))) {
        break;
      }
      progress.next();
      watcher.done(progress.done(), size);
      long rest = (long) (1000 / perSecond) - (target.nowMillis() - began);
      if (rest > 0 && progress.done() < size) {
        target.pause(rest);
      }
    }
    return new Figures(
        asked, hits, bypassed, failed, before, size - progress.done(), waitedMillis / 1000.0);
  }

  /** Whether it was done: not where the gateway was busy for too long. */
  private boolean one(WarmupRequest request) throws IOException, InterruptedException {
    long began = target.nowMillis();
    Target.Answer answer = asked(request);
    for (long pause = BUSY_PAUSE_MILLIS; answer == Target.Answer.BUSY; pause = longer(pause)) {
      if (target.nowMillis() - began >= patienceMillis) {
        return false;
      }
      waitedMillis += pause;
      target.pause(pause);
      answer = asked(request);
    }
    asked++;
    hits += answer == Target.Answer.HIT ? 1 : 0;
    bypassed += answer == Target.Answer.BYPASSED ? 1 : 0;
    failed += answer == Target.Answer.FAILED ? 1 : 0;
    return true;
  }

  private Target.Answer asked(WarmupRequest request) throws IOException, InterruptedException {
    return target.load() < idleBelow ? target.ask(request) : Target.Answer.BUSY;
  }

  private static long longer(long pause) {
    return Math.min(2 * pause, MAX_BUSY_PAUSE_MILLIS);
  }
}
