package dev.forebay.openai;

import dev.forebay.spi.Caller;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo;

/** What the edge would say of requests. */
final class Asked {

  private Asked() {}

  /** A chat, streamed or as a whole. */
  static RequestInfo info(boolean streamed) {
    return info(Operation.CHAT, streamed);
  }

  /** A request with the id {@code r-1}. */
  static RequestInfo info(Operation operation, boolean streamed) {
    return RequestInfo.chat("r-1", "m", Caller.at("127.0.0.1"), 0)
        .withOperation(operation)
        .withStream(streamed);
  }
}
