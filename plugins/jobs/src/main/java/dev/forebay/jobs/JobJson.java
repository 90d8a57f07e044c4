package dev.forebay.jobs;

import dev.forebay.spi.Failure;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobResult;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** Jobs as callers and operators see them. */
final class JobJson {

  private static final int MILLIS = 1_000;

  private JobJson() {}

  /** A job for its caller. */
  static JsonObject of(Job job) {
    JsonObject json =
        new JsonObject()
            .put("id", job.id())
            .put("object", "job")
            .put("state", job.state().toString())
            .put("model", Facts.model(job.request().facts()))
            .put("stream", Facts.isStream(job.request().facts()))
            .put("attempts", job.attempts())
            .put("created_at", job.request().createdMillis() / MILLIS)
            .put("events", job.events());
    if (!job.state().over()) {
      json.put("due_at", job.dueMillis() / MILLIS);
    }
    if (job.endedMillis() > 0) {
      json.put("ended_at", job.endedMillis() / MILLIS);
    }
    return job.reason().isEmpty() ? json : json.put("reason", job.reason());
  }

  /** A job for those who run the gateway. */
  static JsonObject detailed(Job job) {
    return of(job)
        .put("tenant", job.request().tenant())
        .put("priority", job.request().priority())
        .put("owner", job.owner())
        .put("epoch", job.epoch())
        .put("due_millis", job.dueMillis())
        .put("lease_until_millis", job.leaseUntilMillis());
  }

  /** A result: its status, and its body as JSON, or as text if it is none. */
  static JsonObject of(JobResult result) {
    Object body;
    try {
      body = result.body().length() == 0 ? null : Json.decodeValue(result.body());
    } catch (DecodeException e) {
      body = result.body().toString();
    }
    return new JsonObject().put("status", result.status()).put("body", body);
  }

  /** What a failure is as an answer: an upstream's own words if the request is at fault. */
  static Buffer error(Failure failure) {
    Buffer own = failure.status().callersFault() ? failure.body() : null;
    return own != null && own.length() > 0 ? own : error(failure.reason(), failure.getMessage());
  }

  static Buffer error(String code, @Nullable String message) {
    JsonObject error =
        new JsonObject()
            .put("message", message == null ? code : message)
            .put("type", "job_error")
            .put("param", null)
            .put("code", code);
    return new JsonObject().put("error", error).toBuffer();
  }
}
