package dev.forebay.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KubernetesTest implements EndpointSourceContract {

  private static final String LIST =
      "/apis/discovery.k8s.io/v1/namespaces/ai/endpointslices"
          + "?labelSelector=kubernetes.io%2Fservice-name%3Dllm&limit=500";

  private final Vertx vertx = Vertx.vertx();
  private final ClusterDouble cluster = new ClusterDouble(vertx);

  @TempDir Path folder = Path.of("");

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

  private Kubernetes options() {
    return Kubernetes.service("ai", "llm").withUrl(cluster.url()).withTokenFile("").withCaFile("");
  }

  @Override
  public Outside outside() {
    return new Outside() {
      @Override
      public List<Instance> has(int instances) {
        return cluster.has(instances);
      }

      @Override
      public void broken(boolean now) {
        cluster.broken(now);
      }

      @Override
      public long asked() {
        return cluster.asked();
      }

      @Override
      public long open() {
        return cluster.open();
      }
    };
  }

  private Heard watching(List<Instance> first) {
    Heard heard = Heard.by(stage(), plugin());
    heard.await(first);
    heard.awaitThat(() -> cluster.watching() == 1);
    return heard;
  }

  @Test
  void itListsAndWatchesFromTheVersionOfTheList() {
    Heard heard = watching(cluster.has(3));
    assertEquals(LIST, cluster.queries.get(0));
    assertTrue(
        cluster
            .queries
            .get(1)
            .endsWith("&watch=1&allowWatchBookmarks=true&resourceVersion=102&timeoutSeconds=300"),
        cluster.queries.get(1));
    heard.close();
  }

  @Test
  void longListsComeInPages() {
    cluster.pages(1);
    Heard heard = watching(cluster.has(5));
    assertEquals(LIST + "&continue=2", cluster.queries.get(2));
    heard.close();
  }

  @Test
  void aWatchThatBreaksIsBegunAgainFromTheLastBookmark() {
    Heard heard = watching(cluster.has(2));
    long version = cluster.bookmark();
    List<Instance> more = cluster.has(2);
    stage().quiet();
    cluster.cut();
    heard.awaitThat(() -> cluster.asked() >= 3 && cluster.watching() == 1);
    assertTrue(
        cluster.queries.get(2).contains("&resourceVersion=" + version + "&"),
        cluster.queries.toString());
    assertEquals(List.of(), heard.failures());
    assertEquals(more, heard.lists().getLast());
    heard.await(cluster.has(4));
    heard.close();
  }

  @Test
  void whatHappenedWhileTheWatchWasBrokenIsNotMissed() {
    Heard heard = watching(cluster.has(2));
    cluster.cut();
    heard.await(cluster.has(5));
    heard.close();
  }

  @Test
  void aVersionThatIsGoneIsListedAnew() {
    Heard heard = watching(cluster.has(2));
    cluster.cut();
    List<Instance> now = cluster.has(3);
    cluster.compact();
    heard.await(now);
    heard.awaitThat(() -> cluster.watching() == 1);
    assertEquals(List.of(), heard.failures(), "410 is a part of the protocol");
    assertEquals(2, cluster.queries.stream().filter(LIST::equals).count());
    heard.close();
  }

  @Test
  void aVersionThatIsGoneInsideOfAWatchIsListedAnew() {
    Heard heard = watching(cluster.has(2));
    cluster.gone();
    heard.awaitThat(() -> cluster.queries.stream().filter(LIST::equals).count() == 2);
    heard.awaitThat(() -> cluster.watching() == 1);
    heard.await(cluster.has(1));
    assertEquals(List.of(), heard.failures());
    heard.close();
  }

  @Test
  void onlyReadyEndpointsCountAndEachOnce() {
    JsonObject unknown = ClusterDouble.endpoint("pod-2", "10.0.0.2", true);
    unknown.remove("conditions");
    JsonObject leaving = ClusterDouble.endpoint("pod-3", "10.0.0.3", true);
    leaving.getJsonObject("conditions").put("terminating", true);
    JsonArray endpoints =
        new JsonArray()
            .add(ClusterDouble.endpoint("pod-0", "10.0.0.0", true))
            .add(ClusterDouble.endpoint("pod-1", "10.0.0.1", false))
            .add(unknown)
            .add(leaving);
    cluster.slice("llm-a", endpoints);
    cluster.slice("llm-b", new JsonArray().add(ClusterDouble.endpoint("pod-0", "10.0.0.0", true)));
    Heard heard =
        watching(
            List.of(
                new Instance("pod-0", "10.0.0.0", 8000, 1, 0),
                new Instance("pod-2", "10.0.0.2", 8000, 1, 0)));
    heard.close();
  }

  @Test
  void aPortIsFoundByItsName() {
    cluster.has(1);
    Heard heard = Heard.by(stage(), options().withPort("metrics"));
    heard.await(List.of(new Instance("pod-0", "10.0.0.0", 9000, 1, 0)));
    heard.close();
  }

  @Test
  void eventsThatAreNoneAreAFailureAndTheListIsAskedForAnew() {
    for (String odd :
        List.of("{", "[]", "{\"type\":\"ADDED\"}", "{\"type\":\"X\",\"object\":{}}")) {
      List<Instance> all = cluster.has(2);
      Heard heard = watching(all);
      cluster.say(odd);
      assertTrue(heard.awaitFailure().startsWith("Kubernetes: "));
      heard.awaitThat(() -> cluster.watching() == 1);
      heard.await(all);
      heard.close();
      heard.awaitThat(() -> cluster.watching() == 0);
    }
  }

  @Test
  void aTokenIsReadAnewForEachRequest() throws IOException {
    Path token = folder.resolve("token");
    Files.writeString(token, "first\n");
    cluster.has(1);
    Heard heard =
        Heard.by(
            stage(),
            Kubernetes.service("ai", "llm")
                .withUrl(cluster.url())
                .withTokenFile(token.toString())
                .withCaFile(""));
    heard.awaitThat(() -> cluster.watching() == 1);
    Files.writeString(token, "second\n");
    cluster.cut();
    heard.awaitThat(() -> cluster.asked() == 3);
    assertEquals(List.of("Bearer first", "Bearer first", "Bearer second"), cluster.tokens);
    Files.delete(token);
    cluster.cut();
    assertFalse(heard.awaitFailure().contains("second"));
    heard.close();
  }
}
