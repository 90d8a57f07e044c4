package dev.forebay.openai;

import dev.forebay.spi.Caller;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.RequestInfo.CacheMode;

/** What the edge would say of requests. */
final class Asked {

  private Asked() {}

  /** A chat, streamed or as a whole. */
  static RequestInfo info(boolean streamed) {
    return info(Operation.CHAT, streamed);
  }

  /** A request with the id {@code r-1}. */
  static RequestInfo info(Operation operation, boolean streamed) {
    return new RequestInfo(
        "r-1",
        operation,
        "m",
        streamed,
        Caller.at("127.0.0.1"),
        RequestInfo.STANDARD,
        0,
        0,
        null,
        PrefixHashes.NONE,
        CacheMode.DEFAULT,
        0,
        Long.MAX_VALUE);
  }
}
