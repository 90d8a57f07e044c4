package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.servers.RedisProcess;
import dev.forebay.simulation.http.Emulator;
import dev.forebay.simulation.http.EmulatorEvent;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two served gateways, each with a local tier, over one real Redis and one upstream. */
@Timeout(120)
class RedisServedTest {

  private static final String ACME = "sk-acme";
  private static final String OTHER = "sk-other";
  private static final long PATIENCE_MILLIS = 20_000;

  /** Of a lookup, for a machine that others use, too, where each must be a hit. */
  private static final String PATIENT = "5s";

  private static final int INVALIDATIONS = 30;
  private static final int PER_PHASE = 600;
  private static final int CALLERS = 6;

  /** Far above every bound on the way, for a machine that others use, too. */
  private static final long MOST_MILLIS = 5_000;

  private final Vertx vertx = Vertx.vertx();
  private final List<Fronted> opened = new ArrayList<>();
  private RedisProcess redis;
  private Emulator upstream;
  private Fronted one;
  private Fronted two;

  @BeforeEach
  void start() throws Exception {
    redis = RedisProcess.start("maxmemory 32mb", "maxmemory-policy volatile-ttl");
    upstream = Served.await(Emulator.start(vertx, Served.fast(), request -> 50));
    one = gateway(PATIENT);
    two = gateway(PATIENT);
    listening();
  }

  private void listening() throws Exception {
    for (Fronted each : List.of(one, two)) {
      until("listening", () -> each.counter("cache/tiered.local_emptied") == 1);
    }
  }

  @AfterEach
  void stop() throws IOException {
    opened.forEach(Fronted::close);
    Served.await(upstream.close());
    Served.await(vertx.close());
    redis.close();
  }

  private Fronted gateway(String timeout) {
    String yaml =
        """
        cache-key-secret: "a secret that both gateways have"
        keys:
          - { id: acme, key: "%s", tenant: acme }
          - { id: other, key: "%s", tenant: other }
        models: [%s]
        pipeline:
          - cache:
              store:
                plugin: tiered
                local: { plugin: lru, max-entries: 1024 }
                remote: { plugin: redis, servers: ["%s"], timeout: %s }
          - balance: round-robin
        backends:
          - { plugin: openai, id: upstream, url: "%s" }
        """
            .formatted(ACME, OTHER, Served.MODEL, redis.url(), timeout, upstream.url());
    Fronted gateway = new Fronted(yaml, Map.of());
    opened.add(gateway);
    return gateway;
  }

  /** A question of its own; its answer has so many tokens. */
  private static String question(String words, int tokens) {
    return new JsonObject()
        .put("model", Served.MODEL)
        .put("max_tokens", tokens)
        .put("messages", List.of(Map.of("role", "user", "content", words)))
        .encode();
  }

  private static String how(HttpResponse<String> answer) {
    return answer.headers().firstValue("x-forebay-cache").orElse("none");
  }

  private static void isWhole(HttpResponse<String> answer, int tokens) {
    assertEquals(200, answer.statusCode(), answer::body);
    JsonObject choice = new JsonObject(answer.body()).getJsonArray("choices").getJsonObject(0);
    assertEquals(" tok".repeat(tokens), choice.getJsonObject("message").getString("content"));
  }

  private long asked() {
    return upstream.events().stream()
        .filter(event -> event.kind() == EmulatorEvent.Kind.STARTED)
        .count();
  }

  private void untilStored(int answers) throws Exception {
    until("stored", () -> redis.command("DBSIZE").equals(Integer.toString(answers)));
  }

  /** Asks again and again, with a round trip between. */
  private static void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000;
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, what + ": not within " + PATIENCE_MILLIS + " ms");
    }
  }

  @Test
  void anAnswerOfOneIsAHitOfTheOther() throws Exception {
    String question = question("hello", 3);
    HttpResponse<String> made = one.post(ACME, question);
    assertEquals("miss", how(made));
    untilStored(1);
    HttpResponse<String> shared = two.post(ACME, question);
    assertEquals("hit", how(shared));
    isWhole(shared, 3);
    assertEquals(made.body(), shared.body());
    assertEquals(1, two.counter("cache/tiered.remote_hits"));
    until("a hit of its own memory", () -> localHit(two, question)); // once the news are through
    assertEquals(1, asked());
  }

  @Test
  void twoTenantsNeverShare() throws Exception {
    String question = question("hello", 3);
    HttpResponse<String> first = one.post(ACME, question);
    untilStored(1);
    assertEquals("hit", how(two.post(ACME, question)), "it would be there to share");
    for (Fronted each : List.of(one, two)) {
      HttpResponse<String> refused =
          each.post(OTHER, question, "x-forebay-cache", "only-if-cached");
      assertEquals(504, refused.statusCode(), refused::body);
    }
    HttpResponse<String> second = two.post(OTHER, question);
    assertEquals("miss", how(second));
    assertEquals(2, asked());
    untilStored(2);
    assertNotEquals(id(first), id(second));
    assertEquals(id(first), id(two.post(ACME, question)));
    assertEquals(id(second), id(one.post(OTHER, question)));
    assertEquals(2, asked());
  }

  private static String id(HttpResponse<String> answer) {
    return new JsonObject(answer.body()).getString("id");
  }

  @Test
  void whatTheAdministrationOfOneForgetsLeavesTheMemoryOfTheOther() throws Exception {
    List<Double> millis = new ArrayList<>();
    for (int round = 0; round < INVALIDATIONS; round++) {
      String question = question("question " + round, 3);
      one.post(ACME, question);
      untilStored(1);
      until("a hit of its own memory", () -> localHit(two, question));
      String line = new JsonObject().put("tenant", "acme").put("body", question).encode();
      long began = System.nanoTime();
      HttpResponse<String> forgotten = one.administer("/cache/invalidate", line);
      assertEquals(200, forgotten.statusCode(), forgotten::body);
      until(
          "forgotten",
          () -> two.post(ACME, question, "x-forebay-cache", "only-if-cached").statusCode() == 504);
      millis.add((System.nanoTime() - began) / 1e6);
    }
    millis.sort(null);
    System.out.printf(
        Locale.ROOT,
        "RedisServedTest: from the call of POST /cache/invalidate at one gateway to the answer of"
            + " the other that it has nothing, %d times: p50 %.1f ms, most %.1f ms%n",
        INVALIDATIONS,
        millis.get(INVALIDATIONS / 2),
        millis.get(INVALIDATIONS - 1));
  }

  private static boolean localHit(Fronted gateway, String question) throws Exception {
    long before = gateway.counter("cache/tiered.local_hits");
    assertEquals("hit", how(gateway.post(ACME, question)));
    return gateway.counter("cache/tiered.local_hits") > before;
  }

  @Test
  void noRequestFailsWhateverRedisDoesAndHitsReturn() throws Exception {
    one = gateway("15ms");
    two = gateway("15ms");
    listening();
    try (RedisLoad load = new RedisLoad(List.of(one, two), CALLERS, ACME)) {
      phase(load, "warm-up");
      phase(load, "up");
      assertTrue(remoteHits() > 0, "gateways share");
      redis.pause();
      phase(load, "paused");
      assertTrue(failures("timeout") > 0, "the pause was noticed");
      redis.resume();
      hitsReturn("it went on");
      phase(load, "goes on");
      redis.kill();
      phase(load, "killed");
      assertTrue(failures("gone") > 0, "the end was noticed");
      redis.restart();
      hitsReturn("it was restarted");
      phase(load, "restarted");
    }
  }

  private void phase(RedisLoad load, String name) throws Exception {
    RedisLoad.Part part = load.next(PER_PHASE);
    System.out.println("RedisServedTest: " + name + ": " + part);
    assertEquals(List.of(), part.wrong(), name);
    assertTrue(part.mostMillis() < MOST_MILLIS, part.toString());
  }

  /** What one stores anew is found by the other. */
  private void hitsReturn(String since) throws Exception {
    long began = System.nanoTime();
    int[] number = {0};
    until(
        "hits",
        () -> {
          String question = question("since " + since + " " + number[0]++, 3);
          isWhole(one.post(ACME, question), 3);
          HttpResponse<String> found =
              two.post(ACME, question, "x-forebay-cache", "only-if-cached");
          return found.statusCode() == 200;
        });
    System.out.printf(
        Locale.ROOT,
        "RedisServedTest: since %s, an answer of one gateway was a hit of the other after %.0f"
            + " ms%n",
        since,
        (System.nanoTime() - began) / 1e6);
  }

  private long remoteHits() throws Exception {
    return one.counter("cache/tiered.remote_hits") + two.counter("cache/tiered.remote_hits");
  }

  private long failures(String reason) throws Exception {
    String name = "cache/tiered/remote.failures{reason=" + reason + "}";
    return one.counter(name) + two.counter(name);
  }
}
