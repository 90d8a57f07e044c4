package dev.forebay.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EndpointSourceContract;
import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Heard;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConsulTest implements EndpointSourceContract {

  private final Vertx vertx = Vertx.vertx();
  private final ConsulDouble consul = new ConsulDouble(vertx);

  static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  @AfterEach
  void close() {
    done(vertx.close());
  }

  @Override
  public Map<String, String> exempt() {
    Map<String, String> exempt = new TreeMap<>();
    for (String rule : List.of("P8", "P9", "P10", "P11", "P12")) {
      exempt.put(rule, "it needs a network: there is none in virtual time");
    }
    return exempt;
  }

  @Override
  public Stage stage() {
    return new EventLoopStage(vertx, 1);
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public Plugin<EndpointSource> plugin() {
    return options();
  }

  private Consul options() {
    return Consul.service("llm").withUrl(consul.url()).withToken(ConsulDouble.TOKEN);
  }

  @Override
  public Outside outside() {
    return new Outside() {
      @Override
      public List<Instance> has(int instances) {
        return consul.has(instances);
      }

      @Override
      public void broken(boolean now) {
        consul.leaderless(now);
      }

      @Override
      public long asked() {
        return consul.asked();
      }

      @Override
      public long open() {
        return consul.open();
      }

      @Override
      public String secret() {
        return ConsulDouble.TOKEN;
      }
    };
  }

  @Test
  void aChangeComesWithTheQueryThatWasHeldBack() {
    List<Instance> first = consul.has(2);
    Heard heard = Heard.by(stage(), plugin());
    heard.await(first);
    heard.awaitThat(consul::holding);
    heard.await(consul.has(3));
    assertEquals("/v1/health/service/llm?passing=1", consul.queries.get(0));
    assertEquals("/v1/health/service/llm?passing=1&index=11&wait=60s", consul.queries.get(1));
    heard.close();
  }

  @Test
  void anIndexThatGoesBackStartsAgain() {
    List<Instance> first = consul.has(2);
    Heard heard = Heard.by(stage(), plugin());
    heard.await(first);
    heard.awaitThat(consul::holding);
    consul.forget();
    heard.awaitThat(() -> consul.asked() >= 4);
    assertEquals("/v1/health/service/llm?passing=1", consul.queries.get(2), "the index is 0");
    assertTrue(consul.queries.get(3).contains("&index=2&"), consul.queries.get(3));
    heard.await(consul.has(1));
    heard.close();
  }

  @Test
  void wakingUpForNothingIsNoChange() {
    List<Instance> first = consul.has(2);
    Heard heard = Heard.by(stage(), plugin());
    heard.await(first);
    heard.awaitThat(consul::holding);
    consul.wake();
    heard.awaitThat(() -> consul.asked() == 3);
    assertTrue(heard.lists().stream().allMatch(first::equals), heard.lists().toString());
    heard.close();
  }

  @Test
  void aWaitThatIsOverIsAskedAgain() {
    List<Instance> first = consul.has(1);
    Heard heard = Heard.by(stage(), options().withMaxWait(Duration.ofSeconds(1)));
    heard.await(first);
    heard.awaitThat(() -> consul.asked() >= 3);
    assertTrue(consul.queries.get(2).endsWith("&wait=1s"));
    heard.close();
  }

  @Test
  void whatIsNoAnswerOfConsulIsAFailure() {
    for (String odd : List.of("{", "{}", "[1]", "[{}]", "[{\"Node\":{},\"Service\":{}}]")) {
      consul.garbage(odd);
      Heard heard = Heard.by(stage(), plugin());
      String why = heard.awaitFailure();
      assertTrue(why.startsWith("Consul: "), why);
      heard.close();
    }
  }

  @Test
  void aTokenThatIsRefusedIsSaidWithoutTheToken() {
    Heard heard = Heard.by(stage(), Consul.service("llm").withUrl(consul.url()).withToken("no"));
    assertEquals(
        "Consul: status 403: the token may not read the service and its nodes",
        heard.awaitFailure());
    heard.close();
    assertFalse(options().toString().contains(ConsulDouble.TOKEN));
  }

  @Test
  void aQueryThatIsCutWhileItIsHeldBackIsAskedAnew() {
    List<Instance> first = consul.has(2);
    Heard heard = Heard.by(stage(), plugin());
    heard.await(first);
    heard.awaitThat(consul::holding);
    consul.cut();
    assertTrue(heard.awaitFailure().startsWith("Consul: broken ("));
    heard.awaitThat(consul::holding);
    assertEquals("/v1/health/service/llm?passing=1", consul.queries.get(2), "the index is 0");
    assertEquals(1, heard.failures().size());
    heard.await(consul.has(3));
    heard.close();
  }

  @Test
  void anInstanceWithoutAPortIsLeftOutAndCounted() {
    List<Instance> first = consul.has(2);
    consul.registers("sidecar", 0);
    EventLoopStage stage = new EventLoopStage(vertx, 1);
    Heard heard = Heard.by(stage, plugin());
    heard.await(first);
    assertEquals(List.of(), heard.failures());
    assertEquals(1, stage.count("skipped"));
    heard.close();
  }

  @Test
  void whereNoInstanceCanBeUsedThatIsAFailure() {
    consul.has(0);
    consul.registers("a", 0);
    consul.registers("b", 70_000);
    Heard heard = Heard.by(stage(), plugin());
    assertEquals(
        "Consul: no instance of 2 can be used: port: 70000 (expected: 1 to 65535)",
        heard.awaitFailure());
    heard.close();
  }

  @Test
  void tagsAndTheDatacenterAreAskedFor() {
    consul.has(1);
    Consul all =
        new Consul(
            consul.url(),
            "a b",
            List.of("gpu", "x&y"),
            ConsulDouble.TOKEN,
            "eu",
            "team",
            Duration.ofSeconds(5),
            null);
    Heard heard = Heard.by(stage(), all);
    heard.awaitThat(() -> consul.asked() >= 1);
    assertEquals(
        "/v1/health/service/a%20b?passing=1&tag=gpu&tag=x%26y&dc=eu&ns=team",
        consul.queries.get(0));
    heard.close();
  }

  @Test
  void theRulesOfIndexes() {
    assertEquals(1, ConsulSource.next(0, 0), "an index of 0 would be answered at once for ever");
    assertEquals(7, ConsulSource.next(3, 7));
    assertEquals(7, ConsulSource.next(7, 7));
    assertEquals(0, ConsulSource.next(7, 6));
  }

  @Test
  void aUrlWithAPasswordIsRefusedWithoutShowingIt() {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Consul.service("llm").withUrl("http://me:hunter2@host"))
            .getMessage();
    assertEquals(
        "url: no HTTP URL (expected: http://HOST[:PORT][/PATH] or https://…, without user, query or"
            + " fragment)",
        message);
  }
}
