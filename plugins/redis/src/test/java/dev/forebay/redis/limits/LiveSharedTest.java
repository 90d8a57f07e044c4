package dev.forebay.redis.limits;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.Amounts;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Requests;
import dev.forebay.limiting.rate.Per;
import dev.forebay.limiting.slidingwindow.SlidingWindow;
import dev.forebay.redis.Redis;
import dev.forebay.servers.RedisCluster;
import dev.forebay.servers.RedisProcess;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Three gateways, each on an event loop of its own, with a real Redis that is killed and paused.
 */
class LiveSharedTest {

  private static final int GATEWAYS = 3;
  private static final int LIMIT = 1_000;

  private final Vertx vertx = Vertx.vertx();
  private final List<EventLoopStage> stages = new ArrayList<>();
  private final List<RateLimiter> gateways = new ArrayList<>();
  private RedisProcess redis;
  private int ids;

  @BeforeEach
  void start() throws IOException {
    redis = RedisProcess.start("maxmemory-policy noeviction");
  }

  @AfterEach
  void stop() throws IOException {
    vertx.close().toCompletionStage().toCompletableFuture().join();
    redis.close();
  }

  /** The answer may take long on a busy machine: a slow one is not gone. */
  private void gateways(Connection connection) {
    Shared shared =
        Shared.of(
            SlidingWindow.of(Quantity.REQUESTS, LIMIT, Duration.ofHours(1)).withPer(Per.KEY),
            connection);
    for (int i = 0; i < GATEWAYS; i++) {
      EventLoopStage stage = new EventLoopStage(vertx, i + 1);
      stages.add(stage);
      gateways.add(shared.create(stage.context()));
    }
  }

  private Connection patient() {
    return Connection.at(redis.url())
        .withTimeout(Duration.ofSeconds(5))
        .withSocketTimeout(Duration.ofSeconds(20))
        .withPause(Duration.ofMillis(50));
  }

  /** Requests of one caller at once; how many were admitted. */
  private int ask(int gateway, int requests) {
    List<Future<Decision>> all = new ArrayList<>();
    stages
        .get(gateway)
        .await(
            () -> {
              for (int i = 0; i < requests; i++) {
                all.add(askOnce(gateway));
              }
              return Future.all(all);
            });
    return (int) all.stream().filter(each -> each.result() instanceof Admit).count();
  }

  private Future<Decision> askOnce(int gateway) {
    return gateways
        .get(gateway)
        .acquire(Requests.chat("r" + ids++, Requests.caller(1), 0), Amounts.EXPECTED);
  }

  /** Requests of which each must be decided at once. */
  private int askWithoutWaiting(int gateway, int requests) {
    int[] admitted = {0};
    stages
        .get(gateway)
        .await(
            () -> {
              for (int i = 0; i < requests; i++) {
                Future<Decision> asked = askOnce(gateway);
                assertTrue(asked.isComplete(), "a request waits");
                admitted[0] += asked.result() instanceof Admit ? 1 : 0;
              }
              return Future.succeededFuture();
            });
    return admitted[0];
  }

  private int askAll(int requests) {
    int admitted = 0;
    for (int i = 0; i < GATEWAYS; i++) {
      admitted += ask(i, requests);
    }
    return admitted;
  }

  @Test
  void aThousandRequestsAtOnceOnOneKeyOfThreeGateways() {
    gateways(patient());
    int admitted = askAll(LIMIT);
    assertEquals(LIMIT, admitted, "of " + GATEWAYS * LIMIT);
    long questions = stages.stream().mapToLong(stage -> stage.count("questions")).sum();
    assertTrue(questions <= 5L * GATEWAYS, questions + " questions");
    System.out.printf(
        "LiveSharedTest: %d of %d requests at once on one key were admitted, with %d questions to"
            + " the Redis%n",
        admitted, GATEWAYS * LIMIT, questions);
  }

  @Test
  void whileItIsKilledNobodyWaitsAndOneThatComesBackEmptyDoesNotGiveTheLimitAgain()
      throws IOException {
    gateways(patient());
    int before = askAll(100);
    assertEquals(300, before);
    String contact = redis.command("TIME").lines().findFirst().orElseThrow();
    redis.kill();
    int share = (int) (LIMIT * 0.2);
    int gone = 0;
    for (int i = 0; i < GATEWAYS; i++) {
      gone += ask(i, 1); // learns that it is gone
      gone += askWithoutWaiting(i, LIMIT);
    }
    assertTrue(gone >= GATEWAYS * share && before + gone <= LIMIT + GATEWAYS * share, gone + "");
    do { // the server tells its start in whole seconds
      redis.restart();
    } while (redis.command("TIME").startsWith(contact));
    for (int i = 0; i < GATEWAYS; i++) {
      int gateway = i;
      long asked = stages.get(i).count("questions");
      stages
          .get(i)
          .until(
              "asked again",
              () ->
                  askOnce(gateway)
                      .map(done -> stages.get(gateway).count("questions") > asked)
                      .compose(yes -> vertx.timer(5, TimeUnit.MILLISECONDS).map(over -> yes)));
    }
    int later = askAll(LIMIT);
    assertTrue(before + gone + later <= LIMIT + GATEWAYS * share, later + " after it came back");
  }

  @Test
  void whileItStandsStillNobodyWaitsAndAfterwardsItKnowsWhatWasTaken() throws IOException {
    gateways(patient().withTimeout(Duration.ofMillis(500)));
    int before = askAll(100);
    redis.pause();
    int share = (int) (LIMIT * 0.2);
    int gone = 0;
    for (int i = 0; i < GATEWAYS; i++) {
      ask(i, 1);
      gone += askWithoutWaiting(i, LIMIT);
    }
    assertTrue(gone >= GATEWAYS * (share - 1), gone + "");
    redis.resume();
    for (int i = 0; i < GATEWAYS; i++) {
      int gateway = i;
      stages.get(i).until("admitted again", () -> askOnce(gateway).map(Admit.class::isInstance));
    }
    int after = askAll(LIMIT);
    assertTrue(before + gone + after <= LIMIT + GATEWAYS * share, after + "");
    assertTrue(after >= LIMIT - before - GATEWAYS * share, after + " of the limit are left");
  }

  @Test
  void aClusterCountsToo() throws IOException {
    try (RedisCluster cluster = RedisCluster.start(3, "maxmemory-policy noeviction")) {
      gateways(
          patient().withTopology(Redis.Topology.CLUSTER).withServers(cluster.urls().subList(0, 1)));
      assertEquals(LIMIT, askAll(LIMIT));
    }
  }
}
