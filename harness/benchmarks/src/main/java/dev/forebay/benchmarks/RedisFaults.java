package dev.forebay.benchmarks;

import dev.forebay.caching.lru.Lru;
import dev.forebay.caching.tiered.Tiered;
import dev.forebay.conformance.Answers;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Requests;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.openai.OpenAi;
import dev.forebay.redis.Redis;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.policy.ResponseCache;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a Redis that is paused (SIGSTOP), killed and restarted under load costs requests: a gateway
 * with the cache {@code redis} beside the same gateway without a cache, and how soon what one
 * gateway forgets leaves the local tier of another.
 */
final class RedisFaults {

  private static final int PARTS = 5;
  private static final int INVALIDATIONS = 500;

  private RedisFaults() {}

  /**
   * Runs.
   *
   * @param seconds of each of the five parts, at least 2
   * @param perSecond requests, at a steady rate, half of them for 20 popular prompts
   */
  static void run(int seconds, int perSecond, PrintStream out) throws IOException {
    if (seconds < 2 || perSecond < 1 || perSecond > 5_000) {
      throw new IllegalArgumentException(
          "seconds, requests/s: "
              + seconds
              + ", "
              + perSecond
              + " (expected: 2 or more, 1 to 5000)");
    }
    Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(3));
    try (RedisProcess redis =
        RedisProcess.start("maxmemory 256mb", "maxmemory-policy volatile-ttl")) {
      int upstream = Roles.upstream(vertx, 0).await();
      SteadyLoad plain = new SteadyLoad(vertx, port(vertx, upstream, null), perSecond);
      SteadyLoad cached = new SteadyLoad(vertx, port(vertx, upstream, redis.url()), perSecond);
      plain.run("warm-up", seconds);
      cached.run("warm-up", seconds);
      SteadyLoad.Part without = plain.run("without a cache", PARTS * seconds);
      out.println(without);
      List<SteadyLoad.Part> parts = new ArrayList<>();
      parts.add(cached.run("redis up", seconds));
      redis.pause();
      parts.add(cached.run("redis paused", seconds));
      redis.resume();
      parts.add(cached.run("redis goes on", seconds));
      redis.kill();
      parts.add(cached.run("redis killed", seconds));
      redis.restart();
      parts.add(cached.run("redis restarted", seconds));
      parts.forEach(out::println);
      SteadyLoad.Part all = SteadyLoad.Part.of("all five", parts);
      out.println(all);
      out.printf(
          Locale.ROOT,
          "p99 of misses: %.1f ms more than without a cache; failed requests: %d%n",
          all.missP99Millis() - without.missP99Millis(),
          all.failed());
      invalidations(vertx, redis.url(), out);
    } finally {
      vertx.close().await();
    }
  }

  private static int port(Vertx vertx, int upstream, @Nullable String redis) {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                p -> {
                  if (redis != null) {
                    p.cache(Redis.at(redis));
                  }
                  p.backends(OpenAi.at("a", "http://127.0.0.1:" + upstream));
                })
            .build();
    return GatewayServer.of(gateway)
        .options(EdgeOptions.DEFAULTS.at("127.0.0.1", 0))
        .listen(vertx)
        .map(GatewayServer::port)
        .await();
  }

  /** From the call at one gateway to the first lookup at the other that finds nothing. */
  private static void invalidations(Vertx vertx, String redis, PrintStream out) {
    EventLoopStage one = new EventLoopStage(vertx, 1);
    EventLoopStage two = new EventLoopStage(vertx, 2);
    ResponseCache first = tiered(one, redis);
    ResponseCache second = tiered(two, redis);
    two.until("listening", () -> Future.succeededFuture(two.count("local_emptied") == 1));
    List<Double> millis = new ArrayList<>();
    for (int round = 0; round < INVALIDATIONS; round++) {
      int i = round;
      PromptKey key = new PromptKey(i, i);
      one.await(() -> first.put(key, Requests.any(), Answers.of("answer " + i, 1)));
      two.until("an own hit", () -> localHit(two, second, key));
      long began = System.nanoTime();
      one.requestTimeline().execute(() -> first.invalidate(key));
      while (two.await(() -> second.get(key, Requests.any())).result() != null) {
        Thread.onSpinWait();
      }
      millis.add((System.nanoTime() - began) / 1e6);
    }
    millis.sort(null);
    out.printf(
        Locale.ROOT,
        "from invalidate() at one gateway to a miss at the other, which had the answer in its"
            + " memory, %d times: p50 %.2f ms, p99 %.2f ms, most %.2f ms%n",
        INVALIDATIONS,
        millis.get(INVALIDATIONS / 2),
        millis.get(INVALIDATIONS * 99 / 100),
        millis.get(INVALIDATIONS - 1));
    one.await(first::close);
    two.await(second::close);
  }

  private static Future<Boolean> localHit(
      EventLoopStage stage, ResponseCache cache, PromptKey key) {
    long before = stage.count("local_hits");
    return cache.get(key, Requests.any()).map(found -> stage.count("local_hits") > before);
  }

  private static ResponseCache tiered(EventLoopStage stage, String redis) {
    return Tiered.of(Lru.entries(1024), Redis.at(redis)).create(stage.context());
  }
}
