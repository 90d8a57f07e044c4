package dev.forebay.simulation;

import dev.forebay.core.stream.Streams;
import dev.forebay.timeline.VirtualTimeline;
import java.util.List;
import java.util.Locale;

/**
 * Measures how many content chunks per second go from a simulated server through its backend to a
 * reader, in virtual time on one thread. Run its main; the best of five rounds counts.
 */
public final class StreamRate {

  private static final int REQUESTS = 20_000;
  private static final int TOKENS = 200;

  private StreamRate() {}

  /** Measures and prints. */
  public static void main(String[] arguments) {
    double best = 0;
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      long chunks = run();
      double rate = chunks / ((System.nanoTime() - start) / 1e9);
      best = Math.max(best, rate);
      System.out.printf(Locale.ROOT, "round %d: %,d chunks, %,.0f chunks/s%n", round, chunks, rate);
    }
    System.out.printf(Locale.ROOT, "best: %,.0f chunks/s%n", best);
  }

  private static long run() {
    VirtualTimeline timeline = new VirtualTimeline();
    SimulatedServer server =
        new SimulatedServer(timeline, ServerParameters.DEFAULT, List.of(), 1, request -> TOKENS);
    SimulatedBackend backend = new SimulatedBackend("a", server);
    long[] chunks = {0};
    for (int i = 0; i < REQUESTS; i++) {
      String id = "r" + i;
      timeline.after(
          i * 200_000_000L,
          () ->
              backend
                  .serve(Requests.chat(timeline, id, 100))
                  .compose(
                      answer ->
                          Streams.forEach(answer.tokens(), chunk -> chunks[0] += chunk.tokens())));
    }
    timeline.run();
    if (!server.stats().settled() || server.stats().finished() != REQUESTS) {
      throw new IllegalStateException(server.stats().toString());
    }
    return chunks[0];
  }
}
