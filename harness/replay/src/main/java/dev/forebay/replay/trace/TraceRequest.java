package dev.forebay.replay.trace;

import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * One request of a trace: when it came, how long prompt and answer were, and what else is known.
 *
 * @param index its place in the order of arrival, from 0
 * @param arrivalNanos when it came, in nanoseconds from the start of the trace
 * @param promptTokens length of the prompt, 0 to {@link #MAX_TOKENS}
 * @param outputTokens length of the answer, 0 to {@link #MAX_TOKENS}; 0 where the original request
 *     failed
 * @param tenant whose request it is; null where the trace does not say
 * @param user the user or client within the tenant; null where the trace does not say
 * @param session the conversation it belongs to; null where the trace does not say
 * @param turn its place in its session, from 0
 * @param thinkNanos the least time between the end of the previous turn's answer and this request;
 *     0 where it is not known
 * @param model the model asked for; null where the trace does not say
 * @param prefix hashes of the prompt's leading blocks
 * @param promptId equal for requests with exactly the same prompt; -1 where it is not known
 * @param priority 0 is the most urgent, as in {@link RequestInfo}
 * @param stream whether the answer is to be streamed
 * @param patienceNanos how long after its arrival its caller leaves; 0 for as long as the others do
 */
@RecordBuilder
public record TraceRequest(
    int index,
    long arrivalNanos,
    int promptTokens,
    int outputTokens,
    @Nullable String tenant,
    @Nullable String user,
    @Nullable String session,
    int turn,
    long thinkNanos,
    @Nullable String model,
    PrefixHashes prefix,
    long promptId,
    int priority,
    boolean stream,
    long patienceNanos)
    implements TraceRequestBuilder.With {

  /** The most tokens that a prompt or an answer may have. */
  public static final int MAX_TOKENS = 100_000_000;

  /** The {@link #promptId} of a prompt of which nothing is known. */
  public static final long UNKNOWN_PROMPT = -1;

  /** A streamed request of standard priority of which nothing else is known. */
  public static TraceRequest of(long arrivalNanos, int promptTokens, int outputTokens) {
    return new TraceRequest(
        0,
        arrivalNanos,
        promptTokens,
        outputTokens,
        null,
        null,
        null,
        0,
        0,
        null,
        PrefixHashes.NONE,
        UNKNOWN_PROMPT,
        RequestInfo.STANDARD,
        true,
        0);
  }

  /** This request at another place and time. */
  public TraceRequest at(int otherIndex, long nanos) {
    return otherIndex == index && nanos == arrivalNanos
        ? this
        : with(copy -> copy.index(otherIndex).arrivalNanos(nanos));
  }

  /** This request from another caller. */
  @SuppressWarnings("NullAway") // the generated copy does not say what may be null
  public TraceRequest from(@Nullable String otherTenant, @Nullable String otherUser) {
    return with(copy -> copy.tenant(otherTenant).user(otherUser));
  }

  /** This request as a turn of a session. */
  @SuppressWarnings("NullAway") // the generated copy does not say what may be null
  public TraceRequest inSession(@Nullable String id, int place, long think) {
    return with(copy -> copy.session(id).turn(place).thinkNanos(think));
  }

  /** This request with another prompt, and the answer that belongs to it. */
  public TraceRequest withPrompt(long id, PrefixHashes blocks, int prompt, int output) {
    return with(copy -> copy.promptId(id).prefix(blocks).promptTokens(prompt).outputTokens(output));
  }

  /** This request with another manner of asking. */
  @SuppressWarnings("NullAway") // the generated copy does not say what may be null
  public TraceRequest asking(@Nullable String otherModel, int otherPriority, boolean streamed) {
    return with(copy -> copy.model(otherModel).priority(otherPriority).stream(streamed));
  }

  /** This request from a caller that leaves so long after its arrival. */
  public TraceRequest leavingAfter(long nanos) {
    return nanos == patienceNanos ? this : withPatienceNanos(nanos);
  }

  TraceRequest thinking(long nanos) {
    return nanos == thinkNanos ? this : withThinkNanos(nanos);
  }
}
