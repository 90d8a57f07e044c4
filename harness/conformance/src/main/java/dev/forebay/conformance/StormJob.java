package dev.forebay.conformance;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.random.RandomGenerator;

/**
 * What a job of the storm is: how long each try takes, and how it ends.
 *
 * @param millis of a try
 * @param end how each try ends
 */
record StormJob(int millis, End end) {

  /** How a try ends. */
  enum End {
    DONE,
    FAILED,
    /** The backend fails each time, until a dead letter is left. */
    DEAD
  }

  /** Most are short and succeed. */
  static StormJob any(RandomGenerator random) {
    int millis = random.nextInt(10) == 0 ? random.nextInt(500, 2_500) : random.nextInt(5, 150);
    int end = random.nextInt(100);
    return new StormJob(millis, end < 4 ? End.DEAD : end < 10 ? End.FAILED : End.DONE);
  }

  Buffer body() {
    return new JsonObject().put("millis", millis).put("end", end.name()).toBuffer();
  }

  static StormJob of(Buffer body) {
    JsonObject json = new JsonObject(body);
    return new StormJob(json.getInteger("millis"), End.valueOf(json.getString("end")));
  }
}
