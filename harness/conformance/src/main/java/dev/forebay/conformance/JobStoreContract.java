package dev.forebay.conformance;

import static dev.forebay.conformance.JobTrial.KEEP;
import static dev.forebay.conformance.JobTrial.LEASE;
import static dev.forebay.conformance.JobTrial.RESULT;
import static dev.forebay.conformance.JobTrial.SHORT;
import static dev.forebay.conformance.Rule.require;

import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvents;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.jobs.JobStore.IdempotencyKey;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Rules for stores of jobs: J1 and following of {@code docs/spec.md}. A store may hold jobs of
 * earlier rules: ids and tenants are new in each.
 */
public interface JobStoreContract extends PluginContract<JobStore> {

  /** The stage of the test: by default in virtual time, with what {@link #lend} lends. */
  default Stage stage() {
    return Stage.virtual(lend(TestContext.create()));
  }

  private void rule(String number, Consumer<JobTrial> check) {
    Rule.check(
        this,
        number,
        () -> {
          JobTrial trial = new JobTrial(this);
          check.accept(trial);
          trial.close();
        });
  }

  /** J1: a job is kept as it was created; what is not there is null. */
  @Test
  default void j1_aJobIsKeptAsItWasCreated() {
    rule(
        "J1",
        trial -> {
          JobRequest request = trial.request("acme", true);
          long due = trial.now() + 5_000;
          Job made = JobTrial.created(trial.create(request, null, due, KEEP));
          Job found = trial.get(request.id());
          require(found.equals(made), "created %s, found %s", made, found);
          require(found.request().equals(request), "%s became %s", request, found.request());
          require(
              found.state() == JobState.QUEUED && found.dueMillis() == due && found.epoch() == 0,
              "found %s (expected: queued, due %d, epoch 0)",
              found,
              due);
          require(trial.ask(store -> store.get("nobody")) == null, "a job that nobody made");
          require(trial.ask(store -> store.result("nobody")) == null, "its result");
          require(
              trial.ask(store -> store.events("nobody", 0, 10, Duration.ZERO)) == null,
              "its events (expected: null)");
        });
  }

  /** J2: a claim makes it the worker's; nobody else can claim it, nor before it is due. */
  @Test
  default void j2_aClaimedJobIsTheWorkersAlone() {
    rule(
        "J2",
        trial -> {
          Job job = trial.create();
          Claim.Claimed claimed = trial.claim(job);
          require(
              claimed.job().state() == JobState.RUNNING
                  && claimed.job().epoch() == 1
                  && claimed.job().attempts() == 1
                  && claimed.job().owner().equals("worker-a"),
              "claimed %s (expected: running, epoch 1, 1 attempt, of worker-a)",
              claimed.job());
          require(claimed.body().equals(JobTrial.body(job.id())), "body: %s", claimed.body());
          Claim second = trial.ask(store -> store.claim(job.id(), "worker-b", LEASE));
          require(
              second instanceof Claim.Later later && later.untilMillis() > trial.now(),
              "second claim: %s (expected: Later, at the end of the lease)",
              second);
          long due = trial.now() + 60_000;
          Job early = JobTrial.created(trial.create(trial.request("acme", false), null, due, KEEP));
          Claim none = trial.ask(store -> store.claim(early.id(), "worker-a", LEASE));
          require(none.equals(new Claim.Later(due)), "%s (expected: Later, at %d)", none, due);
          Claim unknown = trial.ask(store -> store.claim("nobody", "worker-a", LEASE));
          require(unknown instanceof Claim.Unknown, "%s (expected: Unknown)", unknown);
        });
  }

  /** J3: a worker that was taken for dead cannot write when it comes back. */
  @Test
  default void j3_aWorkerTakenForDeadCannotWrite() {
    rule(
        "J3",
        trial -> {
          Job job = trial.create();
          JobLease dead = trial.claim(job.id(), "worker-a", SHORT).lease();
          trial.pause(SHORT.plusMillis(500));
          Claim.Claimed second = trial.claim(job.id(), "worker-a", LEASE);
          require(
              second.job().epoch() == 2 && second.job().attempts() == 2,
              "claimed %s (expected: epoch 2, 2 attempts)",
              second.job());
          Buffer late = Buffer.buffer("late");
          require(!trial.ask(store -> store.extend(dead, LEASE)), "it extended its lease");
          require(!trial.ask(store -> store.append(dead, 1, List.of(late))), "it appended");
          require(!trial.ask(store -> store.release(dead, LEASE)), "it released");
          require(!trial.ask(store -> store.retryAt(dead, 0, LEASE, "late")), "it retried");
          require(
              !trial.ask(store -> store.finish(dead, JobState.DONE, "", RESULT)), "it finished");
          Job found = trial.get(job.id());
          require(found.equals(second.job()), "%s became %s", second.job(), found);
          require(
              trial.finish(second, JobState.DONE, ""), "the worker that holds it cannot finish");
        });
  }

  /** J4: of many claims at once one is granted. */
  @Test
  default void j4_ofManyClaimsAtOnceOneIsGranted() {
    rule(
        "J4",
        trial -> {
          Job job = trial.create();
          List<Claim> claims =
              trial.ask(
                  store ->
                      Future.all(
                              IntStream.range(0, 20)
                                  .mapToObj(i -> store.claim(job.id(), "worker-" + i, LEASE))
                                  .toList())
                          .map(all -> all.<Claim>list()));
          long granted = claims.stream().filter(Claim.Claimed.class::isInstance).count();
          require(granted == 1, "%d claims were granted (expected: 1)", granted);
        });
  }

  /** J5: a lease that is extended holds. */
  @Test
  default void j5_aLeaseThatIsExtendedHolds() {
    rule(
        "J5",
        trial -> {
          Job job = trial.create();
          JobLease lease = trial.claim(job.id(), "worker-a", SHORT).lease();
          require(trial.ask(store -> store.extend(lease, LEASE)), "the lease is lost");
          trial.pause(SHORT.plusMillis(500));
          Claim other = trial.ask(store -> store.claim(job.id(), "worker-b", LEASE));
          require(other instanceof Claim.Later, "claim: %s (expected: Later)", other);
        });
  }

  /** J6: an end is final, and its result is kept byte for byte. */
  @Test
  default void j6_anEndIsFinalAndItsResultIsKept() {
    rule(
        "J6",
        trial -> {
          for (JobState state : List.of(JobState.DONE, JobState.FAILED, JobState.DEAD)) {
            Claim.Claimed claimed = trial.claim(trial.create());
            String id = claimed.job().id();
            require(trial.finish(claimed, state, "because"), "finish was refused");
            require(trial.finish(claimed, state, "because"), "asked again, it was refused");
            Job found = trial.get(id);
            require(
                found.state() == state
                    && found.reason().equals("because")
                    && found.endedMillis() > 0,
                "found %s (expected: %s, because)",
                found,
                state);
            require(
                RESULT.equals(trial.ask(store -> store.result(id))), "result: not as it was given");
            Claim after = trial.ask(store -> store.claim(id, "worker-b", LEASE));
            require(after instanceof Claim.Over, "claim: %s (expected: Over)", after);
            require(
                !trial.ask(store -> store.retryAt(claimed.lease(), 0, LEASE, "again")),
                "an ended job was put back");
            require(trial.get(id).equals(found), "%s became %s", found, trial.get(id));
          }
        });
  }

  /** J7: a cancelled job is over at once, also in the middle of work; others stay as they are. */
  @Test
  default void j7_aCancelledJobIsOverAtOnce() {
    rule(
        "J7",
        trial -> {
          Job waiting = trial.create();
          Job cancelled = trial.ask(store -> store.cancel(waiting.id(), "the caller left"));
          require(
              cancelled != null && cancelled.state() == JobState.CANCELLED,
              "%s (expected: cancelled)",
              cancelled);
          Claim.Claimed claimed = trial.claim(trial.create());
          String id = claimed.job().id();
          trial.ask(store -> store.cancel(id, "the caller left"));
          require(!trial.ask(store -> store.extend(claimed.lease(), LEASE)), "it is still leased");
          require(!trial.finish(claimed, JobState.DONE, ""), "its worker finished it");
          trial.requireState(id, JobState.CANCELLED);
          Claim.Claimed done = trial.claim(trial.create());
          trial.finish(done, JobState.DONE, "");
          trial.ask(store -> store.cancel(done.job().id(), "late"));
          trial.requireState(done.job().id(), JobState.DONE);
          require(trial.ask(store -> store.cancel("nobody", "")) == null, "nobody was cancelled");
        });
  }

  /** J8: a job that is put back waits for its due time; one that is given back had no try. */
  @Test
  default void j8_aJobThatIsPutBackWaits() {
    rule(
        "J8",
        trial -> {
          Claim.Claimed claimed = trial.claim(trial.create());
          String id = claimed.job().id();
          long due = trial.now() + 60_000;
          require(trial.ask(store -> store.retryAt(claimed.lease(), due, LEASE, "503")), "refused");
          Job back = trial.get(id);
          require(
              back.state() == JobState.QUEUED
                  && back.dueMillis() == due
                  && back.attempts() == 1
                  && back.reason().equals("503"),
              "found %s (expected: queued, due %d, 1 attempt)",
              back,
              due);
          Claim early = trial.ask(store -> store.claim(id, "worker-b", LEASE));
          require(early.equals(new Claim.Later(due)), "claim: %s (expected: Later)", early);
          Claim.Claimed other = trial.claim(trial.create());
          require(trial.ask(store -> store.release(other.lease(), LEASE)), "refused");
          Job released = trial.get(other.job().id());
          require(
              released.state() == JobState.QUEUED && released.attempts() == 0,
              "found %s (expected: queued, no attempt)",
              released);
          Claim.Claimed again = trial.claim(released);
          require(again.job().epoch() == 2, "epoch: %d (expected: 2)", again.job().epoch());
        });
  }

  /** J9: a key gives the same job again, in its tenant; another fingerprint is refused. */
  @Test
  default void j9_anIdempotencyKeyGivesTheSameJobAgain() {
    rule(
        "J9",
        trial -> {
          IdempotencyKey key = new IdempotencyKey("order 66", "hash-1");
          Job first = JobTrial.created(trial.create(trial.request("acme", false), key, 0, KEEP));
          Creation again = trial.create(trial.request("acme", false), key, 0, KEEP);
          require(
              again instanceof Creation.Repeated repeated && repeated.job().id().equals(first.id()),
              "%s (expected: Repeated, of %s)",
              again,
              first.id());
          IdempotencyKey other = new IdempotencyKey("order 66", "hash-2");
          Creation reused = trial.create(trial.request("acme", false), other, 0, KEEP);
          require(reused instanceof Creation.KeyReused, "%s (expected: KeyReused)", reused);
          Creation foreign = trial.create(trial.request("rival", false), other, 0, KEEP);
          require(foreign instanceof Creation.Created, "%s (expected: Created)", foreign);
          require(trial.ask(store -> store.withdraw(first.id())), "withdraw was refused");
          Creation free = trial.create(trial.request("acme", false), other, 0, KEEP);
          require(free instanceof Creation.Created, "%s (expected: Created)", free);
        });
  }

  /** J10: events are numbered, and are read byte for byte from any number. */
  @Test
  default void j10_eventsAreReadFromAnyNumber() {
    rule(
        "J10",
        trial -> {
          Job job = trial.create();
          JobLease first = trial.claim(job.id(), "worker-a", SHORT).lease();
          List<Buffer> two = List.of(Buffer.buffer("a\n\n"), Buffer.buffer("\u00fc"));
          require(trial.ask(store -> store.append(first, 1, two)), "append was refused");
          require(trial.ask(store -> store.append(first, 1, two)), "the same was refused");
          List<Buffer> third = List.of(Buffer.buffer("\u00fc"), Buffer.buffer("c"));
          require(trial.ask(store -> store.append(first, 2, third)), "append was refused");
          Future<Boolean> gap =
              trial.stage.await("append", () -> trial.store.append(first, 5, two));
          require(gap.failed(), "events 5 and 6 were taken without 4 (expected: a failure)");
          List<String> all = trial.events(job.id(), 0, 100);
          require(all.equals(List.of("1:a\n\n", "2:\u00fc", "3:c")), "events: %s", all);
          require(
              trial.events(job.id(), 1, 1).equals(List.of("2:\u00fc")),
              "after 1, at most 1: %s",
              trial.events(job.id(), 1, 1));
          trial.pause(SHORT.plusMillis(500));
          Claim.Claimed second = trial.claim(job.id(), "worker-b", LEASE);
          require(second.job().events() == 3, "events of the claim: %d", second.job().events());
          trial.ask(store -> store.append(second.lease(), 4, List.of(Buffer.buffer("d"))));
          require(
              trial.events(job.id(), 3, 100).equals(List.of("4:d")),
              "after 3: %s",
              trial.events(job.id(), 3, 100));
        });
  }

  /** J11: a reader that waits is told of an event, of the end, and when the wait is over. */
  @Test
  default void j11_aReaderThatWaitsIsTold() {
    rule(
        "J11",
        trial -> {
          Claim.Claimed claimed = trial.claim(trial.create());
          String id = claimed.job().id();
          Duration wait = Duration.ofSeconds(20);
          long before = trial.stage.requestTimeline().nanos();
          JobEvents told =
              trial.ask(
                  store -> {
                    Future<JobEvents> waiting = store.events(id, 0, 10, wait);
                    return store
                        .append(claimed.lease(), 1, List.of(Buffer.buffer("a")))
                        .compose(done -> waiting);
                  });
          require(JobTrial.texts(told).equals(List.of("1:a")), "told: %s", told);
          JobEvents end =
              trial.ask(
                  store -> {
                    Future<JobEvents> waiting = store.events(id, 1, 10, wait);
                    return store
                        .finish(claimed.lease(), JobState.DONE, "", null)
                        .compose(done -> waiting);
                  });
          require(
              end.events().isEmpty() && end.job().state().over(), "told: %s (expected: over)", end);
          long took = trial.stage.requestTimeline().nanos() - before;
          require(took < wait.toNanos() / 2, "it took %d ns (expected: at once)", took);
          Job quiet = trial.create();
          JobEvents none = trial.ask(store -> store.events(quiet.id(), 0, 10, SHORT));
          require(
              none != null && none.events().isEmpty() && !none.job().state().over(),
              "after the wait: %s (expected: nothing)",
              none);
        });
  }

  /** J12: what nobody has looked at by its check time is given out, once. */
  @Test
  default void j12_whatNobodyLooksAtIsGivenOutOnce() {
    rule(
        "J12",
        trial -> {
          long soon = trial.now() + 300;
          Duration again = Duration.ofMinutes(1);
          JobRequest lost = trial.request("acme", false);
          trial.ask(store -> store.create(lost, JobTrial.body(lost.id()), null, 0, soon, KEEP));
          JobRequest known = trial.request("acme", false);
          trial.ask(store -> store.create(known, JobTrial.body(known.id()), null, 0, soon, KEEP));
          trial.ask(store -> store.enqueued(known.id(), trial.now() + 3_600_000));
          require(trial.get(known.id()).enqueued(), "enqueued is not noted");
          Job silent = trial.create();
          trial.claim(silent.id(), "worker-a", SHORT);
          Job ended = JobTrial.created(trial.create(trial.request("acme", true), null, 0, KEEP));
          trial.finish(trial.claim(ended), JobState.DONE, "");
          trial.pause(SHORT.plusMillis(500));
          List<String> first = ids(trial.ask(store -> store.overdue(1_000, again)));
          require(first.contains(lost.id()), "the job that was never enqueued is missing");
          require(first.contains(silent.id()), "the job of the silent worker is missing");
          require(first.contains(ended.id()), "the job with a callback is missing");
          require(!first.contains(known.id()), "a job was given out before its check time");
          List<String> second = ids(trial.ask(store -> store.overdue(1_000, again)));
          second.retainAll(first);
          require(second.isEmpty(), "given out twice: %s", second);
          trial.ask(store -> store.checkAt(known.id(), trial.now() - 1));
          trial.ask(store -> store.checkAt(ended.id(), JobStore.NEVER));
          List<String> third = ids(trial.ask(store -> store.overdue(1_000, again)));
          require(third.contains(known.id()), "checkAt had no effect");
        });
  }

  private static List<String> ids(List<Job> jobs) {
    return new ArrayList<>(jobs.stream().map(Job::id).toList());
  }

  /** J13: a job that is over is forgotten after its time, with its key; others never. */
  @Test
  default void j13_aJobThatIsOverIsForgottenAfterItsTime() {
    rule(
        "J13",
        trial -> {
          IdempotencyKey key = new IdempotencyKey("key", "hash");
          Job over = JobTrial.created(trial.create(trial.request("acme", false), key, 0, SHORT));
          Job waiting =
              JobTrial.created(trial.create(trial.request("acme", false), null, 0, SHORT));
          Claim.Claimed claimed = trial.claim(over);
          trial.ask(store -> store.append(claimed.lease(), 1, List.of(Buffer.buffer("a"))));
          trial.finish(claimed, JobState.DONE, "");
          trial.requireState(over.id(), JobState.DONE);
          trial.pause(SHORT);
          Job gone = trial.until(store -> store.get(over.id()), found -> found == null);
          require(gone == null, "it is still there: %s", gone);
          require(trial.ask(store -> store.result(over.id())) == null, "its result is still there");
          Creation free = trial.create(trial.request("acme", false), key, 0, KEEP);
          require(free instanceof Creation.Created, "its key: %s (expected: Created)", free);
          trial.requireState(waiting.id(), JobState.QUEUED);
        });
  }

  /** J14: jobs are listed, the newest first, by tenant and state, and counted. */
  @Test
  default void j14_jobsAreListedAndCounted() {
    rule(
        "J14",
        trial -> {
          Job first = trial.create();
          trial.pause(Duration.ofMillis(20));
          Job second = trial.create();
          trial.pause(Duration.ofMillis(20));
          Job third = trial.create();
          JobTrial.created(trial.create(trial.request("rival", false), null, 0, KEEP));
          trial.finish(trial.claim(second), JobState.DONE, "");
          String tenant = trial.tenant("acme");
          List<String> all = ids(trial.ask(store -> store.list(tenant, null, 10)));
          require(
              all.equals(List.of(third.id(), second.id(), first.id())), "list of acme: %s", all);
          List<String> waiting = ids(trial.ask(store -> store.list(tenant, JobState.QUEUED, 1)));
          require(waiting.equals(List.of(third.id())), "one that waits: %s", waiting);
          require(
              trial.ask(store -> store.list(null, null, 1_000)).size() >= 4, "list of all: short");
          var figures =
              trial.until(
                  JobStore::figures,
                  found -> count(found, JobState.QUEUED) >= 3 && count(found, JobState.DONE) >= 1);
          require(
              count(figures, JobState.QUEUED) >= 3 && count(figures, JobState.DONE) >= 1,
              "figures: %s (expected: 3 that wait, 1 that is done)",
              figures);
        });
  }

  private static long count(JobFigures figures, JobState state) {
    return figures.jobs().getOrDefault(state, -1L);
  }

  /** J15: a job that is over can begin again; one that nobody counts on can be withdrawn. */
  @Test
  default void j15_aJobThatIsOverCanBeginAgain() {
    rule(
        "J15",
        trial -> {
          Claim.Claimed claimed = trial.claim(trial.create());
          String id = claimed.job().id();
          long check = trial.now() + 60_000;
          require(trial.ask(store -> store.revive(id, check)) == null, "a running job was revived");
          trial.finish(claimed, JobState.DEAD, "all tries failed");
          Job revived = trial.ask(store -> store.revive(id, check));
          require(
              revived != null
                  && revived.state() == JobState.QUEUED
                  && revived.attempts() == 0
                  && !revived.enqueued(),
              "%s (expected: queued, no attempt)",
              revived);
          require(trial.ask(store -> store.result(id)) == null, "the old result is there");
          require(trial.claim(revived).job().epoch() == 2, "the epoch did not go on");
          require(!trial.ask(store -> store.withdraw(id)), "a claimed job was withdrawn");
          Job fresh = trial.create();
          require(trial.ask(store -> store.withdraw(fresh.id())), "withdraw was refused");
          require(trial.ask(store -> store.get(fresh.id())) == null, "it is still there");
          Job noted = trial.create();
          trial.ask(store -> store.enqueued(noted.id(), check));
          require(!trial.ask(store -> store.withdraw(noted.id())), "an enqueued job was withdrawn");
        });
  }
}
