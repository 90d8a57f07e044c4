package dev.forebay.consul;

import dev.forebay.spi.Call;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One blocking query after the other, by the rules that Consul gives for them ("Blocking Queries"):
 * an index that goes back starts again at 0, one of 0 counts as 1, and a pause lies between queries
 * that return at once. An instance that cannot be used, such as one without a port, is left out and
 * counted ({@code skipped}, with each answer that holds it). After a failure the index is
 * forgotten, too: an agent that was started anew may hold a query with an index from before back
 * for the whole wait.
 */
final class ConsulSource implements EndpointSource {

  private static final long LEAST_PAUSE_NANOS = Duration.ofMillis(100).toNanos();
  private static final long FIRST_PAUSE_NANOS = Duration.ofMillis(500).toNanos();
  private static final long LONGEST_PAUSE_NANOS = Duration.ofSeconds(60).toNanos();
  private static final int MOST_FAILURES = 30;

  private final Api agent;
  private final PluginContext context;
  private final Counter skipped;
  private Registration timer = Registration.NONE;
  private @Nullable Call call;
  private @Nullable Watcher watcher;
  private long index;
  private int failures;

  ConsulSource(Api agent, PluginContext context) {
    this.agent = agent;
    this.context = context;
    this.skipped = context.counter("skipped");
  }

  @Override
  public void watch(Watcher who) {
    watcher = who;
    ask();
  }

  private void ask() {
    Call current = Call.root(context.timeline());
    call = current;
    agent
        .ask(index, current)
        .onComplete(
            (answer, thrown) ->
                context
                    .timeline()
                    .execute(
                        () -> {
                          current.end();
                          answered(answer, thrown);
                        }));
  }

  private void answered(@Nullable Answer answer, @Nullable Throwable thrown) {
    Watcher who = watcher;
    if (who == null) {
      return;
    }
    if (answer == null) {
      index = 0;
      failures = Math.min(failures + 1, MOST_FAILURES);
      timer = context.timeline().after(pauseNanos(), this::ask);
      who.failed("Consul: " + (thrown == null ? "no answer" : thrown.getMessage()));
      return;
    }
    failures = 0;
    skipped.add(answer.skipped());
    index = next(index, answer.index());
    timer = context.timeline().after(LEAST_PAUSE_NANOS, this::ask);
    who.members(answer.instances());
  }

  /** The index of the next query; 0 for one that is answered at once. */
  static long next(long before, long now) {
    if (now < before) {
      return 0;
    }
    return Math.max(1, now);
  }

  private long pauseNanos() {
    double bound = Math.min(LONGEST_PAUSE_NANOS, FIRST_PAUSE_NANOS * Math.pow(2, failures - 1.0));
    return (long) (bound * (0.5 + context.random().nextDouble() / 2));
  }

  @Override
  public Future<Void> close() {
    watcher = null;
    timer.cancel();
    if (call != null) {
      call.end();
    }
    return agent.close();
  }

  /** What is asked of Consul: the instances of one service that pass their checks. */
  interface Api {

    /**
     * Asks for them.
     *
     * @param index of the answer before; 0 for an answer at once, else it comes with a change, or
     *     when the wait is over
     * @param call ends the question
     */
    Future<Answer> ask(long index, Call call);

    /** Closes its connections. */
    Future<Void> close();
  }

  /**
   * An answer.
   *
   * @param index the value of {@code X-Consul-Index}; 0 where there is none
   * @param instances that can be used
   * @param skipped how many cannot
   */
  record Answer(long index, List<Instance> instances, int skipped) {}
}
