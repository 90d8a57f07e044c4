package dev.forebay.cli.served;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Callers that ask several gateways by turns, each its next question as soon as the last is
 * answered: half of the questions are among 20, the others are asked once. The length of an answer
 * tells which question it belongs to.
 */
final class RedisLoad implements AutoCloseable {

  private static final int POPULAR = 20;

  private final List<Fronted> gateways;
  private final String key;
  private final ExecutorService callers;
  private Part part = new Part();
  private boolean stopped;

  RedisLoad(List<Fronted> gateways, int callers, String key) {
    this.gateways = gateways;
    this.key = key;
    this.callers = Executors.newFixedThreadPool(callers);
    for (int caller = 0; caller < callers; caller++) {
      int seed = caller;
      this.callers.execute(() -> call(seed));
    }
  }

  private void call(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; !stopped(); i++) {
      int popular = random.nextInt(POPULAR);
      boolean known = random.nextBoolean();
      String words = known ? "popular " + popular : "once " + seed + " " + i;
      ask(gateways.get((seed + i) % gateways.size()), words, 1 + popular);
    }
  }

  private void ask(Fronted gateway, String words, int tokens) {
    String body =
        new JsonObject()
            .put("model", Served.MODEL)
            .put("max_tokens", tokens)
            .put("messages", List.of(Map.of("role", "user", "content", words)))
            .encode();
    long began = System.nanoTime();
    String wrong = "";
    boolean hit = false;
    try {
      HttpResponse<String> answer = gateway.post(key, body);
      hit = answer.headers().firstValue("x-forebay-cache").orElse("").equals("hit");
      wrong = isRight(answer, tokens) ? "" : answer.statusCode() + " " + answer.body();
    } catch (IOException | InterruptedException | RuntimeException e) {
      wrong = e.toString();
    }
    answered((System.nanoTime() - began) / 1e6, hit, wrong);
  }

  private static boolean isRight(HttpResponse<String> answer, int tokens) {
    if (answer.statusCode() != 200) {
      return false;
    }
    JsonObject choice = new JsonObject(answer.body()).getJsonArray("choices").getJsonObject(0);
    return " tok".repeat(tokens).equals(choice.getJsonObject("message").getString("content"));
  }

  private synchronized boolean stopped() {
    return stopped;
  }

  private synchronized void answered(double millis, boolean hit, String wrong) {
    (hit ? part.hits : part.misses).add(millis);
    if (!wrong.isEmpty() && !stopped) {
      part.wrong.add(wrong);
    }
    notifyAll();
  }

  /** The next so many answers, from now on. */
  synchronized Part next(int answers) throws InterruptedException {
    part = new Part();
    while (part.hits.size() + part.misses.size() < answers) {
      wait();
    }
    return part.copy();
  }

  @Override
  public void close() {
    synchronized (this) {
      stopped = true;
    }
    callers.close();
  }

  /** What came of a part of the load. */
  static final class Part {
    private final List<Double> hits = new ArrayList<>();
    private final List<Double> misses = new ArrayList<>();
    private final List<String> wrong = new ArrayList<>();

    private Part copy() {
      Part copy = new Part();
      copy.hits.addAll(hits.stream().sorted().toList());
      copy.misses.addAll(misses.stream().sorted().toList());
      copy.wrong.addAll(wrong);
      return copy;
    }

    /** Requests that failed, or had an answer that was not theirs. */
    List<String> wrong() {
      return wrong;
    }

    double mostMillis() {
      return Math.max(percentile(hits, 100), percentile(misses, 100));
    }

    private static double percentile(List<Double> sorted, int percent) {
      return sorted.isEmpty() ? 0 : sorted.get((sorted.size() - 1) * percent / 100);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%d misses, p99 %.1f ms; %d hits, p99 %.1f ms; most %.1f ms; %d failed",
          misses.size(),
          percentile(misses, 99),
          hits.size(),
          percentile(hits, 99),
          mostMillis(),
          wrong.size());
    }
  }
}
