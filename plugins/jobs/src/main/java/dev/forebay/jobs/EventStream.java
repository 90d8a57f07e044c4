package dev.forebay.jobs;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.jobs.Job;
import dev.forebay.spi.jobs.JobEvent;
import dev.forebay.spi.jobs.JobEvents;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The events of a job from a number on, as they come, each with its number as the {@code id} of a
 * server-sent event; at the end the job itself, as an event {@code job}. It holds no event: each
 * {@link #next} reads what the store has. On the gateway's timeline.
 */
final class EventStream implements TokenStream {

  private static final Duration WAIT = Duration.ofSeconds(15);
  private static final int MOST = 100;

  private final JobService jobs;
  private final Timeline timeline;
  private final String id;
  private final long startedNanos;
  private final Promise<Outcome> outcome = Promise.promise();
  private @Nullable Promise<Chunk> waiting;
  private long after;
  private boolean over;

  EventStream(JobService jobs, Timeline timeline, String id, long after) {
    this.jobs = jobs;
    this.timeline = timeline;
    this.id = id;
    this.after = after;
    this.startedNanos = timeline.nanos();
  }

  @Override
  public Future<Chunk> next() {
    Promise<Chunk> chunk = Promise.promise();
    if (over) {
      return Future.failedFuture(Failure.cancelled());
    }
    waiting = chunk;
    jobs.bounded
        .ask(WAIT, () -> jobs.store.events(id, after, MOST, WAIT))
        .onComplete(
            (events, thrown) -> {
              if (waiting == chunk) {
                waiting = null;
                read(chunk, events);
              }
            });
    return chunk.future();
  }

  private void read(Promise<Chunk> chunk, @Nullable JobEvents events) {
    if (events == null) {
      Failure why = Failure.saturated("jobs_unavailable", "the job cannot be read now");
      finish(Outcome.failed(why, startedNanos, timeline.nanos()));
      chunk.fail(why);
      return;
    }
    Buffer text = Buffer.buffer();
    for (JobEvent event : events.events()) {
      text.appendString("id: " + event.number() + "\n").appendBuffer(event.data());
      after = event.number();
    }
    Job job = events.job();
    boolean last = job.state().over() && after >= job.events();
    if (last) {
      text.appendString("event: job\ndata: " + JobJson.of(job).encode() + "\n\n");
      complete(chunk, text);
    } else if (events.events().isEmpty()) {
      chunk.complete(new Chunk(Buffer.buffer(": waiting\n\n"), Chunk.Kind.WAITING, 0, false));
    } else {
      chunk.complete(Chunk.content(text, 0));
    }
  }

  private void complete(Promise<Chunk> chunk, Buffer text) {
    finish(
        Outcome.ok(Usage.NONE, new Outcome.Timings(startedNanos, startedNanos, timeline.nanos())));
    chunk.complete(Chunk.whole(text, 0));
  }

  /** Ends it, since the gateway stops: the reader resumes at another. */
  void stop() {
    Promise<Chunk> reader = waiting;
    waiting = null;
    if (reader != null) {
      complete(reader, Buffer.buffer());
    } else {
      cancel();
    }
  }

  @Override
  public void cancel() {
    Promise<Chunk> reader = waiting;
    waiting = null;
    finish(Outcome.failed(Failure.cancelled(), startedNanos, timeline.nanos()));
    if (reader != null) {
      reader.fail(Failure.cancelled());
    }
  }

  private void finish(Outcome how) {
    over = true;
    outcome.tryComplete(how);
  }

  @Override
  public Future<Outcome> outcome() {
    return outcome.future();
  }
}
