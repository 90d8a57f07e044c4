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
import dev.forebay.spi.policy.ConcurrencyLimiter;
import dev.forebay.spi.policy.RateLimiter;
import dev.forebay.spi.policy.RateLimiter.Admit;
import dev.forebay.spi.policy.RateLimiter.Decision;
import dev.forebay.spi.policy.RateLimiter.Quantity;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Three gateways, each on an event loop of its own, with a real Redis that is killed and paused.
 */
class LiveSharedTest {

  private static final int GATEWAYS = 3;
  private static final int LIMIT = 1_000;
  private static final int SHARE = 200;

  private final Vertx vertx = Vertx.vertx();
  private final List<EventLoopStage> stages = new ArrayList<>();
  private final List<RateLimiter> gateways = new ArrayList<>();
  private RedisProcess redis;
  private final AtomicInteger admitted = new AtomicInteger();

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
        .acquire(Requests.chat("r", Requests.caller(1), 0), Amounts.EXPECTED)
        .onSuccess(
            decision -> {
              if (decision instanceof Admit) {
                admitted.incrementAndGet();
              }
            });
  }

  /** Requests of which each must be decided at once. */
  private void askWithoutWaiting(int gateway, int requests) {
    Future<Void> asked =
        stages
            .get(gateway)
            .await(
                () -> {
                  for (int i = 0; i < requests; i++) {
                    if (!askOnce(gateway).isComplete()) {
                      return Future.failedFuture("request " + i + " waits");
                    }
                  }
                  return Future.succeededFuture();
                });
    assertTrue(asked.succeeded(), () -> String.valueOf(asked.cause()));
  }

  private int askAll(int requests) {
    int all = 0;
    for (int i = 0; i < GATEWAYS; i++) {
      all += ask(i, requests);
    }
    return all;
  }

  @Test
  void aThousandRequestsAtOnceOnOneKeyOfThreeGateways() {
    gateways(patient());
    assertEquals(LIMIT, askAll(LIMIT), "of " + GATEWAYS * LIMIT);
    long questions = stages.stream().mapToLong(stage -> stage.count("questions")).sum();
    assertTrue(questions <= 5L * GATEWAYS, questions + " questions");
    System.out.printf(
        "LiveSharedTest: %d of %d requests at once on one key were admitted, with %d questions to"
            + " the Redis%n",
        admitted.get(), GATEWAYS * LIMIT, questions);
  }

  /** Uses up what was leased, so that the gateway learns that the Redis is gone. */
  private void learn(int gateway) {
    EventLoopStage stage = stages.get(gateway);
    stage.until(
        "counts by itself", () -> askOnce(gateway).map(done -> stage.count("local_decisions") > 0));
  }

  private long seconds() throws IOException {
    return Long.parseLong(redis.command("TIME").lines().findFirst().orElseThrow().strip());
  }

  private long uptime() throws IOException {
    return redis
        .command("INFO", "server")
        .lines()
        .filter(line -> line.startsWith("uptime_in_seconds:"))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whileItIsKilledNobodyWaitsAndOneThatComesBackEmptyDoesNotGiveTheLimitAgain()
      throws IOException {
    gateways(patient());
    assertEquals(300, askAll(100));
    long contact = seconds();
    redis.kill();
    for (int i = 0; i < GATEWAYS; i++) {
      learn(i);
      askWithoutWaiting(i, LIMIT);
    }
    assertTrue(admitted.get() >= 300 + GATEWAYS * SHARE, admitted + " while it was gone");
    do { // the server tells its start in whole seconds
      redis.restart();
    } while (seconds() - uptime() <= contact);
    for (int i = 0; i < GATEWAYS; i++) {
      EventLoopStage stage = stages.get(i);
      RateLimiter gateway = gateways.get(i);
      int caller = i + 10; // nobody knows it: that the Redis answers can be seen
      stage.until(
          "asked again",
          () ->
              gateway
                  .acquire(Requests.chat("r", Requests.caller(caller), 0), Amounts.EXPECTED)
                  .compose(done -> vertx.timer(5, TimeUnit.MILLISECONDS))
                  .map(done -> stage.count("undecided") > 0));
    }
    askAll(LIMIT);
    assertTrue(
        admitted.get() <= LIMIT + GATEWAYS * SHARE, admitted + " with those after it came back");
  }

  @Test
  void whileItStandsStillNobodyWaitsAndAfterwardsItKnowsWhatWasTaken() throws IOException {
    gateways(patient().withTimeout(Duration.ofMillis(500)));
    askAll(100);
    redis.pause();
    for (int i = 0; i < GATEWAYS; i++) {
      learn(i);
      askWithoutWaiting(i, LIMIT);
    }
    int before = admitted.get();
    assertTrue(before >= 300 + GATEWAYS * SHARE, before + " while it stood still");
    redis.resume();
    for (int i = 0; i < GATEWAYS; i++) {
      int gateway = i;
      stages.get(i).until("admitted again", () -> askOnce(gateway).map(Admit.class::isInstance));
    }
    askAll(LIMIT);
    int all = admitted.get();
    assertTrue(all <= LIMIT + GATEWAYS * SHARE, all + "");
    assertTrue(all >= LIMIT, all + ": what is left of the limit is there again");
  }

  /** The commands that the guide lists are enough, for keys with the prefix alone. */
  @Test
  void aUserWithTheCommandsOfTheGuideMayCount() throws IOException {
    Path guide = Path.of("..", "..", "docs", "guide.md");
    Matcher listed =
        Pattern.compile("`ACL SETUSER forebay on >PASSWORD (~forebay:\\*) ([^`]+)`")
            .matcher(Files.readString(guide));
    assertTrue(listed.find(), "the guide lists the commands");
    List<String> user =
        new ArrayList<>(List.of("ACL", "SETUSER", "forebay", "on", ">secret", listed.group(1)));
    user.addAll(List.of(listed.group(2).split(" ")));
    redis.command(user.toArray(String[]::new));
    Connection allowed = patient().withUser("forebay").withPassword("secret");
    gateways(allowed);
    assertEquals(LIMIT, askAll(LIMIT));
    assertEquals(0, stages.stream().mapToLong(stage -> stage.count("local_decisions")).sum());
    EventLoopStage stage = stages.get(0);
    ConcurrencyLimiter slots = SharedFixed.of("team", 5, allowed).create(stage.context());
    stage.until(
        "holds a slot of the account",
        () -> {
          slots.acquire(Requests.chat("r", Requests.caller(1), 0));
          return Future.succeededFuture(slots.inFlight() > 1); // its share without the Redis is 1
        });
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
