package dev.forebay.examples.deployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.edge.http.HttpEdge;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The files for Kubernetes and systemd say what the product does. */
@Timeout(120)
class DeploymentTest {

  private static final Path ROOT = Path.of(System.getProperty("forebay.root", ".."));
  private static final Path KUBERNETES = ROOT.resolve("examples/kubernetes");

  private static GatewayDocument gateway(Map<String, Object> patch) {
    Registry registry = Registry.load(DeploymentTest.class.getClassLoader());
    Node document =
        Node.read(
                KUBERNETES.resolve("gateway.yaml"),
                name ->
                    switch (name) {
                      case "FOREBAY_ADMINISTRATION_TOKEN" -> "0123456789abcdef";
                      case "POD_IP" -> "127.0.0.1";
                      default -> null;
                    })
            .merge(Node.of(patch, "test"));
    return GatewayDocument.read(document, registry);
  }

  private static List<Map<String, Object>> documents(String file) throws IOException {
    Load load = new Load(LoadSettings.builder().build());
    List<Map<String, Object>> all = new ArrayList<>();
    for (Object each : load.loadAllFromString(Files.readString(KUBERNETES.resolve(file)))) {
      all.add(map(each));
    }
    return all;
  }

  private static Map<String, Object> kind(String file, String kind, int number) throws IOException {
    return documents(file).stream()
        .filter(document -> kind.equals(document.get("kind")))
        .toList()
        .get(number);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  /** A value by its path; numbers are places in lists. */
  private static Object at(Object value, String path) {
    Object now = value;
    for (String step : path.split("\\.")) {
      now = now instanceof List<?> list ? list.get(Integer.parseInt(step)) : map(now).get(step);
      Objects.requireNonNull(now, path + ": no " + step);
    }
    return now;
  }

  private static Object pod(String path) throws IOException {
    return at(kind("deployment.yaml", "Deployment", 0), "spec.template.spec." + path);
  }

  private static int seconds(Object value) {
    return Integer.parseInt(value.toString());
  }

  @Test
  void portsAreThoseOfTheGateway() throws IOException {
    GatewayDocument document = gateway(Map.of());
    assertEquals(
        List.of(
            Map.of("name", "http", "containerPort", document.http().port()),
            Map.of("name", "administration", "containerPort", document.administration().port())),
        pod("containers.0.ports"));
    assertEquals("0.0.0.0", document.http().host());
    assertEquals("0.0.0.0", document.administration().host());
    for (String probe : List.of("readinessProbe", "livenessProbe")) {
      assertEquals("http", pod("containers.0." + probe + ".httpGet.port"));
      Object path = pod("containers.0." + probe + ".httpGet.path");
      assertTrue(HttpEdge.PATHS.contains(path.toString()), path.toString());
    }
    Map<String, Object> callers = kind("deployment.yaml", "Service", 0);
    assertEquals("http", at(callers, "spec.ports.0.targetPort"));
    Map<String, Object> administration = kind("deployment.yaml", "Service", 1);
    assertEquals("administration", at(administration, "spec.ports.0.targetPort"));
    assertTrue(
        document.administration().hosts().contains(at(administration, "metadata.name")),
        "the name of its Service is one that the administration answers to");
  }

  @Test
  void namesLeadToEachOther() throws IOException {
    Map<String, Object> deployment = kind("deployment.yaml", "Deployment", 0);
    Object name = at(deployment, "metadata.name");
    Object labels = at(deployment, "spec.template.metadata.labels");
    assertEquals(labels, at(deployment, "spec.selector.matchLabels"));
    assertEquals(labels, at(kind("deployment.yaml", "Service", 0), "spec.selector"));
    assertEquals(labels, at(kind("deployment.yaml", "Service", 1), "spec.selector"));
    assertEquals(
        labels, at(kind("pdb.yaml", "PodDisruptionBudget", 0), "spec.selector.matchLabels"));
    Map<String, Object> scaled = kind("keda.yaml", "ScaledObject", 0);
    Map<String, Object> hpa = kind("hpa.yaml", "HorizontalPodAutoscaler", 0);
    for (Map<String, Object> each : List.of(scaled, hpa)) {
      assertEquals(name, at(each, "spec.scaleTargetRef.name"));
    }
    assertEquals(List.of(3, 20), List.of(at(hpa, "spec.minReplicas"), at(hpa, "spec.maxReplicas")));
    assertEquals(70, at(hpa, "spec.metrics.0.resource.target.averageUtilization"));
    assertEquals(85, at(hpa, "spec.metrics.1.resource.target.averageUtilization"));
    assertEquals("500", at(hpa, "spec.metrics.2.external.target.averageValue"));
    Map<String, Object> monitor = kind("servicemonitor.yaml", "ServiceMonitor", 0);
    Map<String, Object> administration = kind("deployment.yaml", "Service", 1);
    assertEquals(at(administration, "metadata.labels"), at(monitor, "spec.selector.matchLabels"));
    assertEquals(at(administration, "spec.ports.0.name"), at(monitor, "spec.endpoints.0.port"));
    Map<String, Object> all = documents("kustomization.yaml").get(0);
    for (Object resource : (List<?>) at(all, "resources")) {
      assertTrue(Files.exists(KUBERNETES.resolve(resource.toString())), resource.toString());
    }
    assertEquals(at(all, "configMapGenerator.0.name"), pod("volumes.0.configMap.name"));
  }

  @Test
  void aGatewayThatScalesMayDoWhatTheTargetAndTheSourceAskFor() throws IOException {
    Map<String, Object> role = kind("scaling-rbac.yaml", "Role", 0);
    String scaling = Files.readString(ROOT.resolve("examples/scaling.yaml"));
    assertEquals(List.of("llm"), at(role, "rules.0.resourceNames"));
    assertTrue(scaling.contains("plugin: kubernetes, name: llm, namespace: ai, usage: true"));
    assertEquals("ai", at(role, "metadata.namespace"));
    assertEquals(List.of("deployments/scale"), at(role, "rules.0.resources"));
    assertEquals(List.of("get", "update"), at(role, "rules.0.verbs"));
    assertEquals(List.of("patch"), at(role, "rules.1.verbs"));
    assertEquals(List.of("list", "watch"), at(role, "rules.2.verbs"));
    assertEquals(List.of("metrics.k8s.io"), at(role, "rules.3.apiGroups"));
    Map<String, Object> binding = kind("scaling-rbac.yaml", "RoleBinding", 0);
    assertEquals(at(role, "metadata.name"), at(binding, "roleRef.name"));
    Map<String, Object> account = kind("scaling-rbac.yaml", "ServiceAccount", 0);
    assertEquals(at(account, "metadata.name"), at(binding, "subjects.0.name"));
  }

  @Test
  void theCommandIsOneOfTheProductAndReadsTheMountedFile() throws IOException {
    List<?> arguments = (List<?>) pod("containers.0.args");
    Object file = at(documents("kustomization.yaml").get(0), "configMapGenerator.0.files.0");
    Object folder = pod("containers.0.volumeMounts.0.mountPath");
    assertEquals(List.of("serve", folder + "/" + file, "--watch"), arguments);
    String command =
        Files.readString(
            ROOT.resolve("framework-core/cli/src/main/java/dev/forebay/cli/ServeCommand.java"));
    assertTrue(command.contains("name = \"serve\""));
    assertTrue(command.contains("names = \"--watch\""));
  }

  @Test
  void thePodOutlastsTheDrain() throws IOException {
    int grace = seconds(pod("terminationGracePeriodSeconds"));
    int sleep = seconds(pod("containers.0.lifecycle.preStop.sleep.seconds"));
    long drain = gateway(Map.of()).http().drainTimeout().toSeconds();
    int lastWords = 5;
    int closing = 10;
    assertTrue(grace > sleep + drain + lastWords + closing, grace + " > " + sleep + " + " + drain);
    Map<String, Object> deployment = kind("deployment.yaml", "Deployment", 0);
    assertEquals(0, at(deployment, "spec.strategy.rollingUpdate.maxUnavailable"));
  }

  @Test
  void theFiguresThatScaleAreExported() throws Exception {
    Vertx vertx = Vertx.vertx();
    GatewayServer server =
        done(
            GatewayServer.start(
                vertx,
                gateway(
                    Map.of(
                        "http", Map.of("port", 0, "drain-timeout", "1s"),
                        "administration", Map.of("port", 0),
                        "metrics", Map.of("registry", "deployment-test")))));
    URI metrics = URI.create("http://127.0.0.1:" + server.administrationPort() + "/metrics");
    String text;
    try (HttpClient http = HttpClient.newHttpClient()) {
      text =
          http.send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString())
              .body();
    }
    done(server.close());
    done(vertx.close());
    List<?> triggers = (List<?>) at(kind("keda.yaml", "ScaledObject", 0), "spec.triggers");
    assertEquals(2, triggers.size());
    for (Object trigger : triggers) {
      Matcher name =
          Pattern.compile("forebay_[a-z_]+").matcher(at(trigger, "metadata.query").toString());
      assertTrue(name.find());
      do {
        assertTrue(text.contains("\n" + name.group()), name.group());
      } while (name.find());
    }
  }

  private static <T> T done(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  @Test
  void theUnitReloadsAndOutlastsTheDrain() throws IOException {
    String unit = Files.readString(ROOT.resolve("examples/systemd/forebay.service"));
    assertTrue(unit.contains("\nExecReload=/bin/kill -HUP $MAINPID\n"));
    Matcher start = Pattern.compile("\nExecStart=/opt/forebay/(bin/forebay) serve ").matcher(unit);
    assertTrue(start.find());
    String archive = Files.readString(ROOT.resolve("framework-core/cli/pom.xml"));
    assertTrue(
        archive.contains("prefix=\"${into}/bin\" filemode=\"755\" includes=\"forebay\""),
        "while the archive has " + start.group(1));
    assertTrue(
        unit.contains("\nKillMode=mixed\n"),
        "else SIGTERM ends servers that it started while it drains");
    Matcher stop = Pattern.compile("\nTimeoutStopSec=([0-9]+)\n").matcher(unit);
    assertTrue(stop.find());
    assertTrue(
        Integer.parseInt(stop.group(1)) > EdgeOptions.DEFAULTS.drainTimeout().toSeconds() + 30);
  }

  @Test
  void theImageRunsTheSameCommandAsTheLauncher() throws IOException {
    String pom = Files.readString(ROOT.resolve("framework-core/cli/pom.xml"));
    String launcher = Files.readString(ROOT.resolve("forebay"));
    Matcher main = Pattern.compile("<container>\\s*<mainClass>([^<]+)</mainClass>").matcher(pom);
    assertTrue(main.find());
    assertTrue(launcher.contains(" " + main.group(1) + " \"$@\""), main.group(1));
    assertTrue(pom.contains("<user>" + pod("securityContext.runAsUser") + ":"));
  }
}
