package dev.forebay.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Call;
import dev.forebay.spi.policy.EndpointSource;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When it asks again, in virtual time. */
class KubernetesPausesTest {

  private static final double SECOND = 1e9;

  private final TestContext context = TestContext.create();
  private final Scripted api = new Scripted();
  private final List<String> told = new ArrayList<>();
  private final KubernetesSource source =
      new KubernetesSource(api, Kubernetes.service("ai", "llm"), context);

  private void watch() {
    source.watch(
        new EndpointSource.Watcher() {
          @Override
          public void members(List<Instance> all) {
            told.add("members " + all.size());
          }

          @Override
          public void failed(String why) {
            told.add(why);
          }
        });
  }

  @AfterEach
  void nothingStaysScheduled() {
    source.close();
    assertEquals(0, context.timeline().pending());
  }

  @Test
  void pausesGrowWhereTheListWorksAndTheWatchIsForbidden() {
    api.watch = () -> Future.failedFuture("status 403 (expected: 200)");
    watch();
    context.passSeconds(600);
    pausesGrowUpTo30Seconds();
    assertEquals("members 1", told.removeFirst());
    assertTrue(told.stream().allMatch("Kubernetes: status 403 (expected: 200)"::equals), say());
    assertTrue(told.size() > 10, say());
  }

  @Test
  void listsAreToldMeanwhileWhereTheyDiffer() {
    api.watch = () -> Future.failedFuture("status 403 (expected: 200)");
    watch();
    context.passSeconds(10);
    api.pods = 2;
    context.passSeconds(30);
    assertEquals(1, told.stream().filter("members 1"::equals).count(), say());
    assertEquals(1, told.stream().filter("members 2"::equals).count(), say());
  }

  @Test
  void itIsWellAgainOnceAWatchHasLasted() {
    api.watch = () -> Future.failedFuture("status 403 (expected: 200)");
    watch();
    context.passSeconds(100);
    api.watch = () -> Promise.<Void>promise().future();
    context.passSeconds(40);
    assertEquals("members 1", told.getLast());
    api.lists.clear();
    api.watch = () -> Future.failedFuture("status 403 (expected: 200)");
    api.end(new IllegalStateException("broken"));
    context.pass(500_000_000);
    assertEquals(1, api.lists.size(), "the first pause is a short one again");
  }

  @Test
  void pausesGrowWhereEveryVersionIsGone() {
    api.watch = () -> Future.failedFuture(new KubernetesSource.Gone());
    watch();
    context.passSeconds(600);
    pausesGrowUpTo30Seconds();
    assertTrue(told.stream().allMatch("members 1"::equals), say());
  }

  @Test
  void watchesThatEndAtOnceAreBegunWithGrowingPauses() {
    api.watch = Future::succeededFuture;
    watch();
    context.passSeconds(600);
    assertEquals(1, api.lists.size());
    assertTrue(api.watches < 40, "watches: " + api.watches);
  }

  @Test
  void aTokenOfAPageThatIsGoneBeginsTheListAnew() {
    api.expiring = true;
    watch();
    context.passSeconds(1);
    assertEquals(List.of("", "next", "", "next"), api.tokens());
    assertEquals(List.of("members 2"), told, "410 is a part of the protocol");
  }

  private void pausesGrowUpTo30Seconds() {
    List<Double> pauses = api.pauses();
    for (int i = 0; i < 5; i++) {
      double bound = i == 0 ? 0.5 : 0.5 * Math.pow(2, i);
      assertTrue(pauses.get(i) <= bound, i + ": " + pauses);
    }
    assertTrue(pauses.size() < 40, "lists: " + pauses);
    assertTrue(pauses.stream().skip(8).allMatch(each -> each >= 15 && each <= 30), "" + pauses);
  }

  private String say() {
    return told.toString();
  }

  private interface Watch {
    Future<Void> begin();
  }

  /** An API server that does as it is told. */
  private final class Scripted implements KubernetesSource.Api {
    private record Asked(String token, long nanos) {}

    private final List<Asked> lists = new ArrayList<>();
    private Watch watch = () -> Promise.<Void>promise().future();
    private Promise<Void> current = Promise.promise();
    private int watches;
    private int pods = 1;
    private boolean expiring;

    List<String> tokens() {
      return lists.stream().map(Asked::token).toList();
    }

    List<Double> pauses() {
      List<Double> pauses = new ArrayList<>();
      for (int i = 1; i < lists.size(); i++) {
        pauses.add((lists.get(i).nanos() - lists.get(i - 1).nanos()) / SECOND);
      }
      return pauses;
    }

    void end(Throwable thrown) {
      current.fail(thrown);
    }

    @Override
    public Future<JsonObject> list(String token, Call call) {
      lists.add(new Asked(token, context.timeline().nanos()));
      if (!token.isEmpty() && lists.size() == 2) {
        return Future.failedFuture(new KubernetesSource.Gone());
      }
      JsonObject metadata = new JsonObject().put("resourceVersion", "7");
      if (expiring && token.isEmpty()) {
        metadata.put("continue", "next");
      }
      String name = "llm" + token;
      JsonArray endpoints = new JsonArray();
      for (int i = 0; i < pods; i++) {
        endpoints.add(ClusterDouble.endpoint("pod-" + i + token, "10.0.0." + i, true));
      }
      JsonObject slice =
          new JsonObject()
              .put("metadata", new JsonObject().put("name", name))
              .put("ports", new JsonArray().add(new JsonObject().put("port", 8000)))
              .put("endpoints", endpoints);
      return Future.succeededFuture(
          new JsonObject().put("metadata", metadata).put("items", new JsonArray().add(slice)));
    }

    @Override
    public Future<Void> watch(String version, Call call, Consumer<JsonObject> event) {
      watches++;
      current = Promise.promise();
      watch.begin().onComplete(over -> finish(over.cause()));
      return current.future();
    }

    private void finish(@org.jspecify.annotations.Nullable Throwable cause) {
      if (cause == null) {
        current.complete();
      } else {
        current.fail(cause);
      }
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
