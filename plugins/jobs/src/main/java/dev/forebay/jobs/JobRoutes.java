package dev.forebay.jobs;

import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.Status;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import dev.forebay.spi.options.Names;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Jobs by HTTP. For callers: {@code GET /v1/jobs/ID}, {@code …/result} (the answer, byte for byte),
 * {@code …/events} (server-sent events, from {@code Last-Event-ID} or {@code starting_after} on),
 * and {@code DELETE}. On the administration: {@code GET /jobs}, {@code /jobs/ID}, {@code POST
 * /jobs/ID/retry} and {@code DELETE /jobs/ID}.
 */
final class JobRoutes {

  /** Readers of events at once. */
  private static final int MOST_READERS = 10_000;

  private static final int MOST = 1_000;
  private static final int DEFAULT_MOST = 100;

  private final JobService jobs;
  private final Timeline timeline;
  private final Supplier<JsonObject> figures;
  private final Set<EventStream> readers = new LinkedHashSet<>();

  JobRoutes(JobService jobs, Timeline timeline, Supplier<JsonObject> figures) {
    this.jobs = jobs;
    this.timeline = timeline;
    this.figures = figures;
  }

  void add(HttpRoutes routes) {
    routes.add(Listener.EDGE, HttpRoute.get("/v1/jobs/:id", this::show));
    routes.add(Listener.EDGE, HttpRoute.get("/v1/jobs/:id/result", this::result));
    routes.add(Listener.EDGE, HttpRoute.get("/v1/jobs/:id/events", this::events));
    routes.add(Listener.EDGE, new HttpRoute("DELETE", "/v1/jobs/:id", 0, this::cancel));
    routes.add(Listener.ADMINISTRATION, HttpRoute.get("/jobs", this::list));
    routes.add(Listener.ADMINISTRATION, HttpRoute.get("/jobs/:id", this::detail));
    routes.add(Listener.ADMINISTRATION, HttpRoute.post("/jobs/:id/retry", 0, this::retry));
    routes.add(Listener.ADMINISTRATION, new HttpRoute("DELETE", "/jobs/:id", 0, this::stop));
  }

  /** Ends all streams of events. */
  void stopReaders() {
    List.copyOf(readers).forEach(EventStream::stop);
  }

  private Future<Job> mine(RouteRequest request) {
    return jobs.find(request.caller().tenant(), request.parameter("id"));
  }

  private Future<RouteAnswer> show(RouteRequest request) {
    return mine(request).compose(this::shown);
  }

  private Future<RouteAnswer> shown(Job job) {
    return jobs.result(job)
        .map(
            result -> {
              JsonObject json = JobJson.of(job);
              return json(200, result == null ? json : json.put("result", JobJson.of(result)));
            });
  }

  private static RouteAnswer json(int status, JsonObject json) {
    return RouteAnswer.json(status, json.toBuffer());
  }

  private Future<RouteAnswer> result(RouteRequest request) {
    return mine(request)
        .compose(
            job ->
                jobs.result(job)
                    .map(result -> result == null ? pending(job) : answer(job, result)));
  }

  private static RouteAnswer answer(Job job, JobResult result) {
    return result.body().length() == 0 && job.events() > 0
        ? new RouteAnswer(
            303, Headers.of("location", "/v1/jobs/" + job.id() + "/events"), Buffer.buffer())
        : new RouteAnswer(result.status(), result.headers(), result.body());
  }

  /** Not over yet, or over without an answer. */
  private static RouteAnswer pending(Job job) {
    return json(job.state().over() ? 410 : 202, JobJson.of(job));
  }

  private Future<RouteAnswer> events(RouteRequest request) {
    String last = request.head().headers().get("last-event-id");
    String asked = query(request, "starting_after");
    String named = asked == null ? "Last-Event-ID" : "starting_after";
    String after = asked != null ? asked : last == null ? "0" : last;
    if (!after.matches("[0-9]{1,9}")) {
      return wrong(named + ": " + shortened(after) + " (expected: the number of an event)");
    }
    if (readers.size() >= MOST_READERS) {
      return Future.failedFuture(
          Failure.saturated("too_many_readers", MOST_READERS + " readers follow jobs"));
    }
    return mine(request)
        .map(
            job -> {
              EventStream stream = new EventStream(jobs, timeline, job.id(), Long.parseLong(after));
              readers.add(stream);
              stream.outcome().onComplete(over -> readers.remove(stream));
              return RouteAnswer.events(stream);
            });
  }

  private Future<RouteAnswer> cancel(RouteRequest request) {
    return mine(request)
        .compose(job -> jobs.cancel(job, "its caller"))
        .map(job -> json(200, JobJson.of(job)));
  }

  private Future<RouteAnswer> list(RouteRequest request) {
    String named = query(request, "state");
    JobState state = null;
    for (JobState each : JobState.values()) {
      state = each.toString().equals(named) ? each : state;
    }
    if (named != null && state == null) {
      List<String> states = Stream.of(JobState.values()).map(JobState::toString).toList();
      return wrong(
          "state: " + shortened(named) + " (expected: " + Names.oneOf(states, named) + ")");
    }
    String count = query(request, "most");
    int most =
        count == null ? DEFAULT_MOST : count.matches("[0-9]{1,4}") ? Integer.parseInt(count) : 0;
    if (most < 1 || most > MOST) {
      return wrong("most: " + shortened(String.valueOf(count)) + " (expected: 1 to " + MOST + ")");
    }
    return jobs.list(query(request, "tenant"), state, most)
        .map(
            found -> {
              Buffer lines = Buffer.buffer();
              found.forEach(job -> lines.appendString(JobJson.detailed(job).encode() + "\n"));
              return RouteAnswer.of(200, "application/x-ndjson", lines);
            });
  }

  private Future<Job> any(String id) {
    return jobs.get(id).compose(job -> job == null ? missing(id) : Future.succeededFuture(job));
  }

  private static <V> Future<V> missing(String id) {
    String message = "job: " + shortened(id) + " (expected: one that is kept)";
    return Future.failedFuture(Failure.of(Status.CALLER_FAULT, 404, "job_not_found", message));
  }

  private Future<RouteAnswer> detail(RouteRequest request) {
    if (request.parameter("id").equals("figures")) {
      return Future.succeededFuture(json(200, figures.get()));
    }
    return any(request.parameter("id")).map(job -> json(200, JobJson.detailed(job)));
  }

  private Future<RouteAnswer> retry(RouteRequest request) {
    return any(request.parameter("id"))
        .compose(job -> jobs.revive(job.id()))
        .compose(
            job ->
                job == null
                    ? Future.failedFuture(
                        Failure.of(
                            Status.CALLER_FAULT,
                            409,
                            "job_not_over",
                            "job: it is not over (expected: one that is)"))
                    : Future.succeededFuture(json(200, JobJson.detailed(job))));
  }

  private Future<RouteAnswer> stop(RouteRequest request) {
    return any(request.parameter("id"))
        .compose(job -> jobs.cancel(job, "those who run the gateway"))
        .map(job -> json(200, JobJson.detailed(job)));
  }

  private static Future<RouteAnswer> wrong(String message) {
    return Future.failedFuture(Failure.of(Status.CALLER_FAULT, 400, "invalid_request", message));
  }

  private static String shortened(String text) {
    return text.length() > 100 ? text.substring(0, 100) + "…" : text;
  }

  private static @Nullable String query(RouteRequest request, String name) {
    List<String> values = request.query().getOrDefault(name, List.of());
    return values.isEmpty() ? null : values.getFirst();
  }
}
