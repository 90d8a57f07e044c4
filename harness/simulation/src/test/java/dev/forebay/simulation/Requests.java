package dev.forebay.simulation;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Timeline;
import io.vertx.core.buffer.Buffer;

/** Requests for tests. */
final class Requests {

  private Requests() {}

  static InferenceRequest chat(Timeline timeline, String id, int promptTokens) {
    return of(timeline, id, promptTokens, 0, true, PrefixHashes.NONE);
  }

  static InferenceRequest of(
      Timeline timeline,
      String id,
      int promptTokens,
      int bound,
      boolean stream,
      PrefixHashes prefix) {
    RequestInfo info =
        RequestInfo.chat(id, "m", Caller.at("127.0.0.1"), timeline.nanos())
            .withStream(stream)
            .withPrompt(promptTokens, null, prefix)
            .withMaxOutputTokens(bound);
    return new InferenceRequest(info, Buffer.buffer(), Call.root(timeline), Attempt.FIRST);
  }
}
