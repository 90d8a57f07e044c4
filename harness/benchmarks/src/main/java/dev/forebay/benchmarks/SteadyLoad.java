package dev.forebay.benchmarks;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Requests at a steady rate, whatever the gateway does (an open loop). Half of them, drawn by a
 * seed, ask one of 20 popular prompts; no other prompt is asked twice.
 */
final class SteadyLoad {

  private static final int POPULAR = 20;
  private static final int CONNECTIONS = 512;
  private static final int TAIL_MILLIS = 30_000;

  private final Vertx vertx;
  private final HttpClient client;
  private final int port;
  private final long gapNanos;
  private final SplittableRandom random = new SplittableRandom(1);
  private long number = POPULAR;

  SteadyLoad(Vertx vertx, int port, int perSecond) {
    this.vertx = vertx;
    this.port = port;
    this.gapNanos = 1_000_000_000L / perSecond;
    this.client =
        vertx.createHttpClient(
            new HttpClientOptions(), new PoolOptions().setHttp1MaxSize(CONNECTIONS));
  }

  /** Sends requests for so many seconds, and waits for the last answer. */
  Part run(String name, int seconds) {
    Part part = new Part(name);
    Promise<Void> done = Promise.promise();
    vertx.runOnContext(
        nothing -> {
          long began = System.nanoTime();
          new Round(part, began, began + seconds * 1_000_000_000L, done).turn();
        });
    done.future().await();
    return part;
  }

  /** One part of a run, on one event loop. */
  private final class Round {
    private final Part part;
    private final long endNanos;
    private final Promise<Void> done;
    private long dueNanos;
    private int open;

    Round(Part part, long beganNanos, long endNanos, Promise<Void> done) {
      this.part = part;
      this.dueNanos = beganNanos;
      this.endNanos = endNanos;
      this.done = done;
    }

    void turn() {
      long now = System.nanoTime();
      while (dueNanos <= now && dueNanos < endNanos) {
        send(dueNanos);
        dueNanos += gapNanos;
      }
      if (dueNanos < endNanos || (open > 0 && now < endNanos + TAIL_MILLIS * 1_000_000L)) {
        vertx.setTimer(1, timer -> turn());
      } else {
        part.failed += open;
        done.complete();
      }
    }

    /** From when it was due: a load that is late is the gateway's fault, too. */
    private void send(long due) {
      open++;
      long which = random.nextBoolean() ? random.nextInt(POPULAR) : number++;
      client
          .request(HttpMethod.POST, port, "127.0.0.1", "/v1/chat/completions")
          .compose(
              request ->
                  request
                      .putHeader("content-type", "application/json")
                      .send(Roles.body(false, which))
                      .compose(this::whole))
          .onComplete(
              result -> {
                open--;
                String how = result.succeeded() ? result.result() : "failed";
                part.add(how, (System.nanoTime() - due) / 1e6);
              });
    }

    private Future<String> whole(HttpClientResponse response) {
      String how = String.valueOf(response.getHeader("x-forebay-cache"));
      return response
          .body()
          .map(
              body ->
                  response.statusCode() == 200 && body.length() >= Roles.shortest(false)
                      ? how
                      : "failed");
    }
  }

  /** What came of a part. */
  static final class Part {
    private final String name;
    private final List<Double> misses = new ArrayList<>();
    private final List<Double> hits = new ArrayList<>();
    private long failed;

    Part(String name) {
      this.name = name;
    }

    static Part of(String name, List<Part> parts) {
      Part sum = new Part(name);
      for (Part part : parts) {
        sum.misses.addAll(part.misses);
        sum.hits.addAll(part.hits);
        sum.failed += part.failed;
      }
      return sum;
    }

    private void add(String how, double millis) {
      switch (how) {
        case "failed" -> failed++;
        case "hit" -> hits.add(millis);
        default -> misses.add(millis);
      }
    }

    long failed() {
      return failed;
    }

    double missP99Millis() {
      return percentile(misses, 99);
    }

    private static double percentile(List<Double> millis, int percent) {
      List<Double> sorted = millis.stream().sorted().toList();
      return sorted.isEmpty() ? Double.NaN : sorted.get((sorted.size() - 1) * percent / 100);
    }

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "%-16s %,6d misses, p50 %6.2f ms, p99 %6.2f ms; %,6d hits, p99 %6.2f ms; %d failed",
          name,
          misses.size(),
          percentile(misses, 50),
          missP99Millis(),
          hits.size(),
          percentile(hits, 99),
          failed);
    }
  }
}
