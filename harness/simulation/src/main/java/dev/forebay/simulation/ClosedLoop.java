package dev.forebay.simulation;

import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Callers that each ask a simulated server again when they have their answer, as the benchmarks of
 * inference servers do ({@code --max-concurrency}). In virtual time.
 */
final class ClosedLoop {

  private final VirtualTimeline timeline = new VirtualTimeline();
  private final SimulatedServer server;
  private final int answerTokens;
  private final List<Long> firsts = new ArrayList<>();
  private final List<Double> gaps = new ArrayList<>();
  private int left;
  private int sent;

  /** A server whose every answer has so many tokens, at least 2. */
  ClosedLoop(ServerParameters parameters, int answerTokens) {
    this.answerTokens = answerTokens;
    this.server = new SimulatedServer(timeline, parameters, List.of(), 1, request -> answerTokens);
  }

  /** Sends {@code requests} of a prompt's length, by {@code callers} that begin at once. */
  ClosedLoop run(int callers, int requests, int promptTokens) {
    return run(callers, requests, promptTokens, PrefixHashes.NONE);
  }

  /** As {@link #run(int, int, int)}, all with the same leading blocks. */
  ClosedLoop run(int callers, int requests, int promptTokens, PrefixHashes prefix) {
    left = requests;
    for (int i = 0; i < callers && left > 0; i++) {
      ask(promptTokens, prefix);
    }
    timeline.run();
    return this;
  }

  /** Tokens of answers per second of virtual time, from the first request to the last answer. */
  double tokensPerSecond() {
    return sent * (double) answerTokens / (timeline.nanos() / 1e9);
  }

  /** Time to the first token of a share of the requests, 0 to 1 (nearest rank), in milliseconds. */
  double firstMillis(double share) {
    List<Long> sorted = new ArrayList<>(firsts);
    Collections.sort(sorted);
    return sorted.get((int) Math.ceil(share * sorted.size()) - 1) / 1e6;
  }

  /** Time to the first token of the last request, in milliseconds. */
  double lastFirstMillis() {
    return firsts.get(firsts.size() - 1) / 1e6;
  }

  /** Mean over the requests of the time for each further token, in milliseconds. */
  double perTokenMillis() {
    return gaps.stream().mapToDouble(Double::doubleValue).average().orElse(0) / 1e6;
  }

  private void ask(int promptTokens, PrefixHashes prefix) {
    left--;
    String id = "request-" + sent++;
    RequestInfo info =
        RequestInfo.chat(id, "simulated", new Caller(id, "", "", "", ""), timeline.nanos())
            .withPrompt(promptTokens, null, prefix);
    server.submit(
        new InferenceRequest(info, Buffer.buffer(), Call.root(timeline), Attempt.FIRST),
        new Watch(promptTokens, prefix));
  }

  private final class Watch implements Answer {
    private final int promptTokens;
    private final PrefixHashes prefix;
    private final long asked = timeline.nanos();
    private long first = -1;

    Watch(int promptTokens, PrefixHashes prefix) {
      this.promptTokens = promptTokens;
      this.prefix = prefix;
    }

    @Override
    public void accepted() {}

    @Override
    public void waiting() {}

    @Override
    public void tokens(int count) {
      if (first < 0) {
        first = timeline.nanos();
        firsts.add(first - asked);
      }
    }

    @Override
    public void ended(Ending how, Usage usage) {
      if (!how.ok()) {
        throw new IllegalStateException(how.message());
      }
      gaps.add((timeline.nanos() - first) / (answerTokens - 1.0));
      if (left > 0) {
        ask(promptTokens, prefix);
      }
    }
  }
}
