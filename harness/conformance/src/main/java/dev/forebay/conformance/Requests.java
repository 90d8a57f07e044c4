package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Ticket;
import io.vertx.core.buffer.Buffer;

/** Requests for tests: streamed chats of 100 prompt tokens for the model {@code test}. */
public final class Requests {

  /** Tokens of the prompt of every request here. */
  public static final int PROMPT_TOKENS = 100;

  /** The bound on the answer of every request here, in tokens. */
  public static final int MAX_OUTPUT_TOKENS = 64;

  private static final InferenceRequest ANY =
      inference("any", Call.root(TestContext.create().timeline()));

  private Requests() {}

  /** A chat of the caller at 192.0.2.1, arrived at 0 ns. */
  public static RequestInfo chat(String id) {
    return chat(id, Caller.at("192.0.2.1"), 0);
  }

  /** A chat of a caller, arrived at a time in nanoseconds. */
  public static RequestInfo chat(String id, Caller caller, long arrivedNanos) {
    return chat(id, caller, arrivedNanos, MAX_OUTPUT_TOKENS);
  }

  private static RequestInfo chat(String id, Caller caller, long arrivedNanos, int maxTokens) {
    return RequestInfo.chat(id, "test", caller, arrivedNanos)
        .withPrompt(PROMPT_TOKENS, key(id.hashCode()), PrefixHashes.NONE)
        .withMaxOutputTokens(maxTokens);
  }

  /** A caller that differs from every other number in address, key, tenant, user and session. */
  public static Caller caller(int number) {
    String address =
        "10." + (number >> 16 & 255) + "." + (number >> 8 & 255) + "." + (number & 255);
    return new Caller(
        address, "key-" + number, "tenant-" + number, "user-" + number, "session-" + number);
  }

  /** A prompt key of a number. */
  public static PromptKey key(long number) {
    return new PromptKey(number * 0x9E3779B97F4A7C15L, number * 0xC2B2AE3D27D4EB4FL + 1);
  }

  /** Hashes of a prompt of so many blocks that shares none with a prompt of another number. */
  public static PrefixHashes prefix(long number, int blocks) {
    long[] hashes = new long[blocks];
    for (int i = 0; i < blocks; i++) {
      hashes[i] = (number * 31 + i + 1) * 0x9E3779B97F4A7C15L;
    }
    return PrefixHashes.of(hashes);
  }

  /** A ticket that never expires. */
  public static Ticket ticket(RequestInfo info, long enqueuedNanos) {
    return new Ticket(info, enqueuedNanos, Long.MAX_VALUE);
  }

  /** One and the same request, for stores that look at the key only. */
  public static InferenceRequest any() {
    return ANY;
  }

  /** A whole request with an OpenAI body, under a call. */
  public static InferenceRequest inference(String id, Call call) {
    return inference(id, call, MAX_OUTPUT_TOKENS);
  }

  /** A whole request with an OpenAI body and a bound on the answer in tokens, under a call. */
  public static InferenceRequest inference(String id, Call call, int maxOutputTokens) {
    RequestInfo info = chat(id, Caller.at("192.0.2.1"), call.timeline().nanos(), maxOutputTokens);
    return new InferenceRequest(info, body(maxOutputTokens), call, Attempt.FIRST);
  }

  private static Buffer body(int maxTokens) {
    return Buffer.buffer(
        """
        {"model":"test","stream":true,"max_tokens":%d,\
        "messages":[{"role":"user","content":"Hello"}]}\
        """
            .formatted(maxTokens));
  }
}
