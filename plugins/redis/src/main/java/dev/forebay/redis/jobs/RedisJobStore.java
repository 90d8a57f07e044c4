package dev.forebay.redis.jobs;

import dev.forebay.redis.BoundedScripts;
import dev.forebay.redis.Redis;
import dev.forebay.redis.RedisFailure;
import dev.forebay.redis.RedisScript;
import dev.forebay.redis.RedisWire;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvents;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobLease;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.jobs.JobStore;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Jobs in a Redis: a script for each step, so that a step is atomic for all gateways and workers.
 *
 * <p>All keys of a store have one hash tag, so one master of a Cluster has them all. A tag for each
 * job was rejected: idempotency keys, check times and counts belong to many jobs, and a step that
 * changes a job and these must be one script. Several stores spread by their prefixes.
 */
final class RedisJobStore implements JobStore {

  private static final List<String> STEPS =
      List.of(
          "create",
          "enqueued",
          "withdraw",
          "get",
          "result",
          "list",
          "figures",
          "claim",
          "extend",
          "append",
          "events",
          "retry",
          "release",
          "finish",
          "cancel",
          "revive",
          "overdue",
          "check");

  private static final Map<String, RedisScript> SCRIPTS = scripts();
  private static final int MOST_LOOKED_AT = 20_000;
  private static final int MOST_EVENT_BYTES = 8 << 20;

  private final String base;
  private final long maxJobs;
  private final RedisWire wire;
  private final BoundedScripts bounds;
  private final Safety safety;
  private final Readers readers;

  RedisJobStore(RedisJobs options, Redis redis, RedisWire wire, PluginContext context) {
    this.base = "{" + options.prefix() + ":jobs:1}";
    this.maxJobs = options.maxJobs();
    this.wire = wire;
    this.bounds = new BoundedScripts(redis, wire, context);
    this.safety = new Safety(wire, context);
    this.readers = new Readers(wire, context.timeline(), base + ":news");
  }

  private static Map<String, RedisScript> scripts() {
    Map<String, RedisScript> scripts = new LinkedHashMap<>();
    for (String step : STEPS) {
      scripts.put(step, RedisScript.of(RedisJobStore.class, "head.lua", step + ".lua"));
    }
    return scripts;
  }

  @Override
  public Future<Void> ready() {
    return bounds.within(base, safety::check);
  }

  @Override
  public Future<Creation> create(
      JobRequest request,
      Buffer body,
      @Nullable IdempotencyKey key,
      long dueMillis,
      long checkMillis,
      Duration keep) {
    return run(
            "create",
            request.id(),
            request.tenant(),
            request.priority(),
            request.createdMillis(),
            request.callback() ? 1 : 0,
            request.facts(),
            keep.toMillis(),
            body,
            key == null ? "" : request.tenant().length() + ":" + request.tenant() + ":" + key.key(),
            key == null ? "" : key.fingerprint(),
            dueMillis,
            checkMillis,
            maxJobs)
        .map(Replies::creation)
        .recover(
            thrown ->
                thrown instanceof RedisFailure failure
                        && failure.reason() == RedisFailure.Reason.FULL
                    ? Future.succeededFuture(new Creation.Full())
                    : Future.failedFuture(thrown));
  }

  @Override
  public Future<Void> enqueued(String id, long checkMillis) {
    return run("enqueued", id, checkMillis).mapEmpty();
  }

  @Override
  public Future<Boolean> withdraw(String id) {
    return run("withdraw", id).map(Replies::yes);
  }

  @Override
  public Future<@Nullable Job> get(String id) {
    return run("get", id).map(Replies::known);
  }

  @Override
  public Future<@Nullable JobResult> result(String id) {
    return run("result", id).map(Replies::result);
  }

  @Override
  public Future<List<Job>> list(@Nullable String tenant, @Nullable JobState state, int most) {
    return run(
            "list",
            tenant == null ? "" : tenant,
            state == null ? "" : state,
            tenant == null ? 0 : 1,
            most,
            MOST_LOOKED_AT)
        .map(Replies::jobs);
  }

  @Override
  public Future<JobFigures> figures() {
    return run("figures").map(Replies::figures);
  }

  @Override
  public Future<Claim> claim(String id, String owner, Duration lease) {
    return run("claim", id, owner, lease.toMillis()).map(Replies::claim);
  }

  @Override
  public Future<Boolean> extend(JobLease lease, Duration by) {
    return write("extend", lease, by.toMillis());
  }

  @Override
  public Future<Boolean> append(JobLease lease, long first, List<Buffer> data) {
    List<Object> arguments = new ArrayList<>();
    arguments.add(first);
    arguments.addAll(data);
    return write("append", lease, arguments.toArray());
  }

  @Override
  public Future<@Nullable JobEvents> events(String id, long after, int most, Duration wait) {
    return wait.isZero()
        ? events(id, after, most)
        : readers.await(id, wait, () -> events(id, after, most));
  }

  private Future<@Nullable JobEvents> events(String id, long after, int most) {
    return run("events", id, after, most, MOST_EVENT_BYTES)
        .map(reply -> Replies.events(reply, after));
  }

  @Override
  public Future<Boolean> retryAt(JobLease lease, long dueMillis, Duration grace, String reason) {
    return write("retry", lease, dueMillis, grace.toMillis(), reason);
  }

  @Override
  public Future<Boolean> release(JobLease lease, Duration grace) {
    return write("release", lease, grace.toMillis());
  }

  @Override
  public Future<Boolean> finish(
      JobLease lease, JobState state, String reason, @Nullable JobResult result) {
    return result == null
        ? write("finish", lease, state, reason, "", "", "")
        : write(
            "finish",
            lease,
            state,
            reason,
            result.status(),
            Replies.text(result.headers()),
            result.body());
  }

  @Override
  public Future<@Nullable Job> cancel(String id, String reason) {
    return run("cancel", id, reason).map(Replies::known);
  }

  @Override
  public Future<@Nullable Job> revive(String id, long checkMillis) {
    return run("revive", id, checkMillis).map(Replies::known);
  }

  @Override
  public Future<List<Job>> overdue(int most, Duration again) {
    return run("overdue", most, again.toMillis()).map(Replies::jobs);
  }

  @Override
  public Future<Void> checkAt(String id, long checkMillis) {
    return run("check", id, checkMillis).mapEmpty();
  }

  @Override
  public Future<Void> close() {
    readers.close();
    return bounds.close();
  }

  private Future<Boolean> write(String step, JobLease lease, Object... arguments) {
    List<Object> all = new ArrayList<>(List.of(lease.id(), lease.owner(), lease.epoch()));
    all.addAll(List.of(arguments));
    return run(step, all.toArray()).map(Replies::yes);
  }

  private Future<Response> run(String step, Object... arguments) {
    RedisScript script = Objects.requireNonNull(SCRIPTS.get(step));
    List<Buffer> all = new ArrayList<>();
    for (Object each : arguments) {
      all.add(each instanceof Buffer buffer ? buffer : Buffer.buffer(each.toString()));
    }
    return bounds
        .within(base, () -> wire.evaluate(script, base, all))
        .map(
            reply -> {
              if (reply == null) {
                throw new IllegalStateException("reply: none (expected: one of " + step + ".lua)");
              }
              return reply;
            });
  }
}
