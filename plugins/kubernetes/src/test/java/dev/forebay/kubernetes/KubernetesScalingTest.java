package dev.forebay.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.scaling.Scaling;
import dev.forebay.scaling.Scaling.Scaled;
import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.SimulatedBackend;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.ScalingPolicy;
import dev.forebay.spi.policy.ScalingTarget;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The section {@code scaling} over the target {@code kubernetes}: the API server is asked for what
 * the log of decisions says, and for nothing else.
 */
@Timeout(60)
class KubernetesScalingTest {

  private static final int PODS = 3;

  private final Vertx vertx = Vertx.vertx();
  private final Timeline timeline = VertxTimeline.of(vertx);
  private final ScaleDouble cluster = new ScaleDouble(vertx, PODS);
  private final AtomicReference<HttpRoute> decisions = new AtomicReference<>();
  private final Gateway gateway = gateway();
  private volatile int wanted = PODS;

  @AfterEach
  void close() {
    KubernetesTest.done(gateway.close());
    KubernetesTest.done(vertx.close());
  }

  private Gateway gateway() {
    Host host =
        new Host(timeline, 1)
            .lend(Vertx.class, vertx)
            .lend(HttpRoutes.class, (listener, route) -> decisions.set(route));
    List<Plugin<Backend>> pods = new ArrayList<>();
    for (int i = 0; i < PODS; i++) {
      String id = "pod-" + i;
      SimulatedServer server =
          new SimulatedServer(
              timeline, ServerParameters.DEFAULT, List.of(), 1, AnswerLength.lognormal(1));
      pods.add(NamedPlugin.of(Backend.class, id, context -> new SimulatedBackend(id, server)));
    }
    return Gateway.builder(host)
        .pipeline(pipeline -> pipeline.backends(pods))
        .section(new Scaling(List.of(scaled()), Duration.ofMillis(100)))
        .build()
        .start();
  }

  private Scaled scaled() {
    Plugin<ScalingPolicy> played =
        NamedPlugin.of(
            ScalingPolicy.class,
            "played",
            context -> load -> new ScalingPolicy.Decision(wanted, "played", "nothing"));
    Plugin<ScalingTarget> target =
        KubernetesScale.deployment("ai", "llm")
            .withUrl(cluster.url())
            .withTokenFile("")
            .withCaFile("")
            .withAttempts(3);
    return Options.defaults(Scaled.class, Map.entry("by", played))
        .withTarget(target)
        .withMin(1)
        .withWarmUp(Duration.ZERO);
  }

  private void want(int replicas) throws InterruptedException {
    wanted = replicas;
    await(() -> cluster.replicas() == replicas);
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      TimeUnit.MILLISECONDS.sleep(5); // the double tells nobody of what it was asked
    }
  }

  private int serving() {
    Promise<Integer> told = Promise.promise();
    timeline.execute(() -> told.complete(gateway.pool("default").serving()));
    return KubernetesTest.done(told.future());
  }

  /** The decisions so far, the first first. */
  private List<JsonObject> log() {
    Promise<Buffer> told = Promise.promise();
    RouteRequest ask =
        new RouteRequest(
            Map.of(),
            Map.of(),
            new HttpHead("/scaling", Headers.EMPTY),
            Caller.at("127.0.0.1"),
            Buffer.buffer());
    timeline.execute(
        () -> {
          HttpRoute route = Objects.requireNonNull(decisions.get());
          route.handler().handle(ask).map(answer -> answer.body()).onComplete(told);
        });
    JsonArray all =
        KubernetesTest.done(told.future()).toJsonObject().getJsonArray("default", new JsonArray());
    List<JsonObject> log = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0; i--) {
      log.add(all.getJsonObject(i));
    }
    return log;
  }

  /** What was decided, without the decisions that changed nothing, as the double notes a write. */
  private List<String> changes() {
    return log().stream()
        .filter(decision -> !decision.getInteger("from").equals(decision.getInteger("to")))
        .map(decision -> "PUT " + decision.getInteger("to"))
        .toList();
  }

  private List<String> puts() {
    return cluster.written().stream().filter(call -> call.startsWith("PUT")).toList();
  }

  @Test
  void theCallsAreThoseThatTheLogOfDecisionsTells() throws Exception {
    want(5);
    want(2);
    want(4);
    assertEquals(List.of("PUT 5", "PUT 2", "PUT 4"), changes());
    assertEquals(changes(), puts());
    List<String> marks =
        cluster.written().stream().filter(call -> call.startsWith("PATCH")).toList();
    assertEquals(1, marks.size(), "of 3 pods one leaves; two of 5 were not there yet");
    assertEquals(1, cluster.written().indexOf(marks.get(0)), "before the scale is written");
    assertTrue(log().size() > changes().size(), "decisions that change nothing write nothing");
  }

  @Test
  void conflictsAndErrorsAreTriedAgainUnderOneDecision() throws Exception {
    cluster.next(409, 500);
    want(5);
    assertEquals(List.of("PUT 5", "PUT 5", "PUT 5"), puts());
    assertEquals(List.of("PUT 5"), changes());
  }

  @Test
  void aLostApiServerChangesNothing() throws Exception {
    await(() -> !log().isEmpty());
    cluster.broken(true);
    await(() -> cluster.refused() > 0);
    int told = log().size();
    wanted = 9;
    int refused = cluster.refused();
    await(() -> cluster.refused() > refused + 6); // three attempts for each look
    assertEquals(told, log().size(), "nothing is decided");
    assertEquals(List.of(), cluster.written());
    assertEquals(PODS, cluster.replicas());
    assertEquals(PODS, serving());
    cluster.broken(false);
    await(() -> cluster.replicas() == 9);
    assertEquals(List.of("PUT 9"), changes());
    assertEquals(changes(), puts());
  }
}
