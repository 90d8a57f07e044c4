package dev.forebay.redis.jobs;

import dev.forebay.spi.Headers;
import dev.forebay.spi.jobs.Claim;
import dev.forebay.spi.jobs.Creation;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvent;
import dev.forebay.spi.jobs.JobEvents;
import dev.forebay.spi.jobs.JobFigures;
import dev.forebay.spi.jobs.JobRequest;
import dev.forebay.spi.jobs.JobResult;
import dev.forebay.spi.jobs.JobState;
import io.vertx.core.json.JsonArray;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the scripts of jobs reply. */
final class Replies {

  private Replies() {}

  static Creation creation(Response reply) {
    return switch (kind(reply)) {
      case "created" -> new Creation.Created(job(reply.get(1)));
      case "repeated" -> new Creation.Repeated(job(reply.get(1)));
      case "reused" -> new Creation.KeyReused();
      case "full" -> new Creation.Full();
      default -> throw unexpected(reply);
    };
  }

  static Claim claim(Response reply) {
    return switch (kind(reply)) {
      case "claimed" -> new Claim.Claimed(job(reply.get(1)), reply.get(2).toBuffer());
      case "later" -> new Claim.Later(reply.get(1).toLong());
      case "over" -> new Claim.Over(job(reply.get(1)));
      case "unknown" -> new Claim.Unknown();
      default -> throw unexpected(reply);
    };
  }

  /** Yes or no. */
  static boolean yes(Response reply) {
    return switch (kind(reply)) {
      case "yes" -> true;
      case "no" -> false;
      case "gap" ->
          throw new IllegalArgumentException(
              "first: there would be a gap (expected: 1 to " + reply.get(1) + ")");
      default -> throw unexpected(reply);
    };
  }

  /** A job, or null if there is none. */
  static @Nullable Job known(Response reply) {
    return kind(reply).equals("unknown") ? null : job(reply.get(1));
  }

  static List<Job> jobs(Response reply) {
    List<Job> jobs = new ArrayList<>();
    for (int i = 1; i < reply.size(); i++) {
      jobs.add(job(reply.get(i)));
    }
    return jobs;
  }

  /** Events after a number; null if there is no such job. */
  static @Nullable JobEvents events(Response reply, long after) {
    if (kind(reply).equals("unknown")) {
      return null;
    }
    List<JobEvent> events = new ArrayList<>();
    for (Response each : reply.get(2)) {
      events.add(new JobEvent(Math.max(0, after) + events.size() + 1, each.toBuffer()));
    }
    return new JobEvents(events, job(reply.get(1)));
  }

  static @Nullable JobResult result(Response reply) {
    return kind(reply).equals("unknown")
        ? null
        : new JobResult(
            reply.get(1).toInteger(), headers(reply.get(2).toString()), reply.get(3).toBuffer());
  }

  static JobFigures figures(Response reply) {
    Map<JobState, Long> jobs = new EnumMap<>(JobState.class);
    for (JobState state : JobState.values()) {
      jobs.put(state, reply.get(1 + state.ordinal()).toLong());
    }
    return new JobFigures(jobs, (long) Double.parseDouble(reply.get(0).toString()));
  }

  /** Headers as a text: an array of names and values. */
  static String text(Headers headers) {
    JsonArray all = new JsonArray();
    headers.entries().forEach(each -> all.add(each.getKey()).add(each.getValue()));
    return all.encode();
  }

  private static Headers headers(String text) {
    JsonArray all = new JsonArray(text);
    List<Map.Entry<String, String>> entries = new ArrayList<>();
    for (int i = 0; i + 1 < all.size(); i += 2) {
      entries.add(Map.entry(all.getString(i), all.getString(i + 1)));
    }
    return Headers.copyOf(entries);
  }

  private static Job job(Response fields) {
    JobRequest request =
        new JobRequest(
            fields.get(0).toString(),
            fields.get(1).toString(),
            fields.get(2).toInteger(),
            fields.get(3).toLong(),
            fields.get(4).toString().equals("1"),
            fields.get(5).toBuffer());
    return new Job(
        request,
        JobState.valueOf(fields.get(6).toString().toUpperCase(Locale.ROOT)),
        fields.get(7).toInteger(),
        fields.get(8).toLong(),
        fields.get(9).toString(),
        fields.get(10).toLong(),
        fields.get(11).toLong(),
        fields.get(12).toLong(),
        fields.get(13).toString(),
        fields.get(14).toLong(),
        fields.get(15).toString().equals("1"));
  }

  private static String kind(Response reply) {
    return reply.get(0).toString();
  }

  private static IllegalStateException unexpected(Response reply) {
    return new IllegalStateException("reply: " + kind(reply) + " (expected: one of this script)");
  }
}
