package dev.forebay.replay.run;

import static java.util.Objects.requireNonNull;

import dev.forebay.core.stream.Streams;
import dev.forebay.simulation.AnswerIdentity;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Timeline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.function.Consumer;

/** A caller that was given a job: follows its events until it is over, and looks at the answer. */
final class Deferral {

  private static final long PATIENCE_NANOS = Duration.ofHours(1).toNanos();

  /** How a job ended for its caller. */
  enum End {
    ANSWERED,
    /** The job failed, or was not over within an hour. */
    LOST,
    WRONG
  }

  private final Gateways gateways;
  private final String job;
  private final String tenant;
  private final AnswerIdentity expected;
  private final int expectedTokens;
  private final Consumer<End> then;
  private boolean seen;
  private boolean wrong;
  private boolean over;

  /**
   * A job.
   *
   * @param job its path, as {@code Location} says
   * @param expectedTokens length of the correct answer
   * @param then is told once how it ended
   */
  Deferral(
      Gateways gateways,
      String job,
      String tenant,
      AnswerIdentity expected,
      int expectedTokens,
      Consumer<End> then) {
    this.gateways = gateways;
    this.job = job.substring(job.lastIndexOf('/') + 1);
    this.tenant = tenant;
    this.expected = expected;
    this.expectedTokens = expectedTokens;
    this.then = then;
  }

  void follow(Timeline timeline) {
    timeline.after(PATIENCE_NANOS, () -> end(End.LOST));
    gateways
        .ask(job, "/events", tenant)
        .compose(answer -> Streams.forEach(requireNonNull(answer.stream()), this::event))
        .compose(over -> gateways.ask(job, "", tenant))
        .onComplete(
            (answer, thrown) ->
                timeline.execute(
                    () -> end(answer == null ? End.LOST : told(new JsonObject(answer.body())))));
  }

  private void event(Chunk chunk) {
    if (chunk.kind() == Chunk.Kind.CONTENT) {
      look(chunk.data());
    }
  }

  private void look(Buffer data) {
    AnswerIdentity found = AnswerIdentity.in(data);
    seen |= found != null;
    wrong |= found != null && !found.equals(expected);
  }

  private End told(JsonObject job) {
    if (!job.getString("state").equals("done")) {
      return End.LOST;
    }
    if (!job.getBoolean("stream")) {
      JsonObject answer = job.getJsonObject("result").getJsonObject("body");
      look(answer.toBuffer());
      int tokens = answer.getJsonObject("usage").getInteger("completion_tokens");
      wrong |= tokens != expectedTokens;
    }
    return seen && !wrong ? End.ANSWERED : End.WRONG;
  }

  private void end(End how) {
    if (!over) {
      over = true;
      then.accept(how);
    }
  }
}
