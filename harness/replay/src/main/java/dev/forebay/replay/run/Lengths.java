package dev.forebay.replay.run;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.spi.InferenceRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long the answer to each request of a trace is: what simulated servers know and policies do
 * not. Equal prompts have equal answers, those of the first of them. A probe of a pool is no
 * request of the trace: its answer is as long as it asks for.
 */
final class Lengths implements AnswerLength {

  private final int[] tokens;

  Lengths(Trace trace) {
    List<TraceRequest> requests = trace.requests();
    tokens = new int[requests.size()];
    Map<Long, Integer> byPrompt = new HashMap<>();
    for (int i = 0; i < tokens.length; i++) {
      TraceRequest request = requests.get(i);
      int length = Math.max(1, request.outputTokens());
      if (request.promptId() != TraceRequest.UNKNOWN_PROMPT) {
        Integer first = byPrompt.putIfAbsent(request.promptId(), length);
        length = first == null ? length : first;
      }
      tokens[i] = length;
    }
  }

  static String id(int index) {
    return "r" + index;
  }

  int of(int index) {
    return tokens[index];
  }

  @Override
  public int tokens(InferenceRequest request) {
    String id = request.info().id();
    boolean traced = id.length() > 1 && id.charAt(0) == 'r' && Character.isDigit(id.charAt(1));
    return traced
        ? tokens[Integer.parseInt(id, 1, id.length(), 10)]
        : Math.max(1, request.info().maxOutputTokens());
  }
}
