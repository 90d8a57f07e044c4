package dev.forebay.simulation;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;
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
        new RequestInfo(
            id,
            Operation.CHAT,
            "m",
            stream,
            Caller.at("127.0.0.1"),
            RequestInfo.STANDARD,
            promptTokens,
            bound,
            null,
            prefix,
            CacheMode.DEFAULT,
            timeline.nanos(),
            Long.MAX_VALUE);
    return new InferenceRequest(info, Buffer.buffer(), Call.root(timeline), Attempt.FIRST);
  }
}
