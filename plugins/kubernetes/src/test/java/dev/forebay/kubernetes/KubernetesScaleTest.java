package dev.forebay.kubernetes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.ScalingTargetContract;
import dev.forebay.conformance.Stage;
import dev.forebay.conformance.TestContext;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.policy.PoolLoad.Figure;
import dev.forebay.spi.policy.ScalingTarget;
import dev.forebay.spi.policy.ScalingTarget.Observed;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KubernetesScaleTest implements ScalingTargetContract {

  private static final String MARK =
      " application/merge-patch+json {\"controller.kubernetes.io/pod-deletion-cost\":\"";

  private final Vertx vertx = Vertx.vertx();
  private final ScaleDouble cluster = new ScaleDouble(vertx, 3);
  private final Stage stage = new EventLoopStage(vertx, 1);

  @AfterEach
  void close() {
    KubernetesTest.done(vertx.close());
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
    return stage;
  }

  @Override
  public TestContext lend(TestContext context) {
    return context.lend(Vertx.class, vertx);
  }

  @Override
  public boolean broken(boolean now) {
    cluster.broken(now);
    return true;
  }

  @Override
  public Plugin<ScalingTarget> plugin() {
    return options();
  }

  private KubernetesScale options() {
    return KubernetesScale.deployment("ai", "llm")
        .withUrl(cluster.url())
        .withTokenFile("")
        .withCaFile("")
        .withAttempts(3);
  }

  private ScalingTarget target() {
    return options().create(stage.context());
  }

  private Future<Void> scale(ScalingTarget target, int replicas, String... leaving) {
    return stage.await(() -> target.scale(replicas, List.of(leaving)));
  }

  @Test
  void drainedPodsAreMarkedBeforeTheScaleIsWritten() {
    assertTrue(scale(target(), 1, "pod-a", "pod-b").succeeded());
    List<String> written = cluster.written();
    List<String> marks = written.subList(0, 2).stream().sorted().toList();
    assertTrue(marks.get(0).startsWith("PATCH pod-a" + MARK), marks::toString);
    assertTrue(marks.get(1).startsWith("PATCH pod-b" + MARK), marks::toString);
    assertTrue(cost(marks.get(0)) < 0, marks::toString);
    assertEquals("PUT 1", written.getLast());
    assertEquals(1, cluster.replicas());
  }

  @Test
  void whatIsMarkedLaterGoesFirst() {
    scale(target(), 3, "pod-a");
    ScalingTarget target = target();
    scale(target, 3, "pod-b");
    scale(target, 3, "pod-c");
    List<Long> costs = cluster.written().stream().map(KubernetesScaleTest::cost).toList();
    assertTrue(costs.get(1) <= costs.get(0), "after a restart: " + costs);
    assertTrue(costs.get(2) < costs.get(1), costs::toString);
    assertTrue(costs.get(2) >= Integer.MIN_VALUE, "Kubernetes reads 32 bits");
  }

  private static long cost(String patch) {
    return Long.parseLong(patch.replaceFirst(".*:\"", "").replace("\"}", ""));
  }

  @Test
  void aConflictIsReadAndWrittenAgain() {
    cluster.next(409, 409);
    assertTrue(scale(target(), 5).succeeded());
    assertEquals(List.of("PUT 5", "PUT 5", "PUT 5"), cluster.written());
    assertEquals(5, cluster.replicas());
  }

  @Test
  void anErrorOfTheServerIsTriedAgainAndARefusalIsNot() {
    cluster.next(500);
    assertTrue(scale(target(), 5).succeeded());
    cluster.next(403);
    Future<Void> refused = scale(target(), 7);
    assertTrue(refused.failed());
    assertEquals("status 403 (expected: 200)", refused.cause().getMessage());
    assertEquals(List.of("PUT 5", "PUT 5", "PUT 7"), cluster.written());
    assertEquals(5, cluster.replicas());
  }

  @Test
  void afterTheLastAttemptItFailsAndNothingHasChanged() {
    cluster.next(409, 500, 429);
    assertTrue(scale(target(), 5).failed());
    assertEquals(3, cluster.replicas());
  }

  @Test
  void anAnswerThatIsNoScaleIsAFailureAndNotZeroReplicas() {
    ScalingTarget target = options().withAttempts(1).create(stage.context());
    for (String answer :
        List.of(
            "{}",
            "{\"kind\":\"Status\",\"code\":200}",
            "{\"kind\":\"Scale\",\"spec\":{\"replicas\":-1}}",
            "{\"kind\":\"Scale\",\"spec\":{\"replicas\":\"3\"}}",
            "{\"kind\":\"Scale\",\"spec\":[]}")) {
      cluster.answers(answer);
      Future<Observed> observed = stage.await(target::observe);
      assertTrue(observed.failed(), answer);
      assertEquals("an answer that is no scale", observed.cause().getMessage(), answer);
      assertTrue(scale(target, 0).failed(), answer);
    }
    cluster.answers("{\"kind\":\"Scale\",\"spec\":{}}");
    assertEquals(0, stage.await(target::observe).result().replicas(), "as Kubernetes writes it");
  }

  @Test
  void anAnswerThatTricklesIsNotWaitedFor() {
    ScalingTarget target = options().withAttempts(1).create(stage.context());
    cluster.answers("...");
    Future<Void> order = scale(target, 5);
    assertTrue(order.failed());
    assertEquals("no answer within 5 s", order.cause().getMessage());
    cluster.answers(null);
    assertTrue(scale(target, 5).succeeded());
  }

  @Test
  void whatThereIsAlreadyIsNotWritten() {
    assertTrue(scale(target(), 3).succeeded());
    assertEquals(List.of(), cluster.written());
  }

  @Test
  void whatPodsUseIsAShareOfWhatTheyRequest() {
    ScalingTarget target =
        options().withUsage(true).withCpuCores(0.5).withMemory(128 << 20).create(stage.context());
    Observed observed = stage.await(target::observe).result();
    assertEquals(3, observed.replicas());
    ScalingTarget.Usage usage = observed.usage().get(0);
    assertEquals("pod-0", usage.id());
    Figure cpu = Objects.requireNonNull(usage.cpu());
    assertEquals(0.7, cpu.value(), 1e-9);
    assertTrue(cpu.ageNanos() > 1e18, "it was measured in 1970");
    assertEquals(0.5, Objects.requireNonNull(usage.memory()).value(), 1e-9);
  }

  @Test
  void aMetricsApiThatFailsIsToldOfOnceAndOnceThatItAnswersAgain() {
    ScalingTarget target = options().withUsage(true).create(stage.context());
    PrintStream before = System.err;
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
    try {
      for (boolean fails : new boolean[] {false, true, true, true, false, false}) {
        cluster.unmeasured(fails);
        Observed observed = stage.await(target::observe).result();
        assertEquals(fails, observed.usage().isEmpty());
      }
    } finally {
      System.setErr(before);
    }
    List<String> lines = log.toString(StandardCharsets.UTF_8).lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(lines.get(0).contains("llm: the metrics API: "), lines.toString());
    assertTrue(lines.get(1).endsWith("llm: the metrics API answers again"), lines.toString());
  }

  @Test
  void quantitiesHaveUnits() {
    assertEquals(0.25, Quantity.parse("250m"), 1e-12);
    assertEquals(1.5e-6, Quantity.parse("1500n"), 1e-12);
    assertEquals(2 << 20, Quantity.parse("2Mi"));
    assertEquals(1000, Quantity.parse("1e3"));
    assertThrows(IllegalArgumentException.class, () -> Quantity.parse("many"));
  }
}
