package dev.forebay.replay.live;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Predicate;

/**
 * What client, gateway and upstream counted in one run, each for itself and warm-up included. The
 * numbers of requests agree in every run: none is lost between two of them, and none is counted
 * twice. How requests ended need not: a caller may leave while the end of its answer is on its way.
 *
 * @param combination that was run
 * @param seed of the run
 * @param client what the client wrote down
 * @param gatling requests that Gatling counted, with all tries of a caller as one
 * @param state of the gateway at the end, as its administration tells it
 * @param upstream events of the upstream's log; empty with a real upstream
 * @param crashes whether servers crash: what is written to one that just crashes never reaches it
 */
public record LiveCounts(
    String combination,
    long seed,
    Client client,
    long gatling,
    JsonObject state,
    JsonObject upstream,
    boolean crashes) {

  private static final String WARM_UP = "warm_up_";

  /**
   * What the client wrote down.
   *
   * @param requests all of them
   * @param sent tries that it wrote to a connection
   * @param ends how many ended in which way
   */
  public record Client(long requests, long sent, SortedMap<String, Long> ends) {}

  /** Requests that the gateway counted when they were over. */
  private long outcomes() {
    return sum(state.getJsonObject("outcomes"), any -> true);
  }

  /** The same, from its metrics. */
  private long metered() {
    return counters(name -> name.startsWith("gateway.requests{"));
  }

  /** Endpoints that the gateway chose, for requests and for health. */
  private long calls() {
    return counters(name -> name.endsWith("balance.picks") || name.endsWith(".probes"));
  }

  /** Calls of the gateway that it wrote to a connection: all but those that ended before. */
  private long written() {
    return counters(name -> name.matches(".*/openai-\\d+\\.written"));
  }

  private long counters(Predicate<String> which) {
    return sum(state.getJsonObject("counters"), which);
  }

  private static long sum(JsonObject numbers, Predicate<String> which) {
    long sum = 0;
    for (Map.Entry<String, Object> number : numbers) {
      sum += which.test(number.getKey()) ? ((Number) number.getValue()).longValue() : 0;
    }
    return sum;
  }

  private long logged(String kind) {
    return upstream.getLong(kind, 0L) + upstream.getLong(WARM_UP + kind, 0L);
  }

  private long arrived() {
    return logged("started") + logged("refused");
  }

  private long ended() {
    return logged("finished") + logged("failed") + logged("cancelled");
  }

  /** One sentence for each number that is another one than it must be; empty if all agree. */
  public List<String> differences() {
    List<String> found = new ArrayList<>();
    expect(found, "requests that Gatling counted", gatling, client.requests);
    expect(found, "requests that the gateway ended", outcomes(), client.sent);
    expect(found, "requests in the gateway's metrics", metered(), client.sent);
    if (!upstream.isEmpty()) {
      if (!crashes || arrived() > written()) {
        expect(found, "calls that reached the upstream", arrived(), written());
      }
      expect(found, "calls that the upstream ended", ended(), logged("started"));
    }
    return found;
  }

  private void expect(List<String> found, String what, long number, long expected) {
    if (number != expected) {
      found.add(
          "%s, seed %d: %s: %d (expected: %d)"
              .formatted(combination, seed, what, number, expected));
    }
  }

  JsonObject json() {
    JsonObject ends = new JsonObject();
    client.ends.forEach(ends::put);
    return new JsonObject()
        .put("combination", combination)
        .put("seed", seed)
        .put(
            "requests",
            new JsonObject()
                .put("client", client.requests)
                .put("gatling", gatling)
                .put("sent", client.sent)
                .put("gateway", outcomes())
                .put("gatewayMetrics", metered()))
        .put(
            "calls",
            new JsonObject()
                .put("gateway", calls())
                .put("written", written())
                .put("upstream", arrived()))
        .put("agree", differences().isEmpty())
        .put("client", ends)
        .put("gateway", state.getJsonObject("outcomes"))
        .put("upstream", upstream);
  }

  /** One sentence. */
  public String text() {
    return "%s, seed %d: %d requests in %d tries; the gateway counted %d, and wrote %d of %d calls to its upstream%s"
        .formatted(
            combination,
            seed,
            client.requests,
            client.sent,
            outcomes(),
            written(),
            calls(),
            upstream.isEmpty() ? "" : ", which counted " + arrived());
  }
}
