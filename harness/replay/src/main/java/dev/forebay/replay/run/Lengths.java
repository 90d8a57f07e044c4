package dev.forebay.replay.run;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.simulation.AnswerIdentity;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.spi.InferenceRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the answer to each request of a trace is: what simulated servers know and policies do not.
 * Equal prompts have equal answers, those of the first of them. A probe of a pool is no request of
 * the trace: its answer is as long as it asks for.
 */
public final class Lengths implements AnswerLength {

  /** Keeps prompts apart from models in the sum of both: larger than any hash code. */
  private static final long PRIME = 4_294_967_311L;

  /** The header by which the request of a job is known: a job has ids of its own. */
  static final String CALLERS_ID = "x-client-request-id";

  private final int[] tokens;
  private final AnswerIdentity[] identities;
  private final int blockTokens;

  /** The answers to the requests of a trace. */
  public Lengths(Trace trace) {
    List<TraceRequest> requests = trace.requests();
    blockTokens = trace.blockTokens() > 0 ? trace.blockTokens() : ServerParameters.BLOCK_TOKENS;
    tokens = new int[requests.size()];
    identities = new AnswerIdentity[requests.size()];
    Map<Long, Integer> byPrompt = new HashMap<>();
    for (int i = 0; i < tokens.length; i++) {
      TraceRequest request = requests.get(i);
      int length = Math.max(1, request.outputTokens());
      if (request.promptId() != TraceRequest.UNKNOWN_PROMPT) {
        Integer first = byPrompt.putIfAbsent(request.promptId(), length);
        length = first == null ? length : first;
      }
      tokens[i] = length;
      identities[i] = identity(request, i);
    }
  }

  /** The id of a request, as it is sent after so many tries; each is a request of its own. */
  public static String id(int index, int tries) {
    return tries == 0 ? "r" + index : "r" + index + "." + tries;
  }

  /**
   * Whose question it is, and which: the prompt and the model that it is put to. A prompt of which
   * nothing is known equals no other.
   */
  private static AnswerIdentity identity(TraceRequest request, int index) {
    boolean known = request.promptId() != TraceRequest.UNKNOWN_PROMPT;
    long prompt = known ? request.promptId() * 2 : index * 2L + 1;
    return new AnswerIdentity(
        String.valueOf(request.tenant()).hashCode(),
        prompt * PRIME + String.valueOf(request.model()).hashCode());
  }

  /** The identity of the right answer. */
  public AnswerIdentity identity(int index) {
    return identities[index];
  }

  /** The length of the right answer, in tokens, at least 1. */
  public int of(int index) {
    return tokens[index];
  }

  @Override
  public int blockTokens() {
    return blockTokens;
  }

  @Override
  public int tokens(InferenceRequest request) {
    int index = index(request);
    return index < 0 ? Math.max(1, request.info().maxOutputTokens()) : tokens[index];
  }

  @Override
  public AnswerIdentity identity(InferenceRequest request) {
    int index = index(request);
    return index < 0 ? AnswerLength.super.identity(request) : identities[index];
  }

  private static int index(InferenceRequest request) {
    int index = index(request.info().id());
    String callers = index < 0 ? request.head().headers().get(CALLERS_ID) : null;
    return callers == null ? index : index(callers);
  }

  /** The place of a request in the trace, by its id; -1 if it is not from there. */
  public static int index(String id) {
    boolean traced = id.length() > 1 && id.charAt(0) == 'r' && Character.isDigit(id.charAt(1));
    int dot = id.indexOf('.');
    return traced ? Integer.parseInt(id, 1, dot < 0 ? id.length() : dot, 10) : -1;
  }
}
