package dev.forebay.replay.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway in front of three upstreams, all of them processes, under load. */
@Timeout(120)
class LiveTest {

  private static final int CALLERS = 24;
  private static final String PIPELINE =
      """
      http: { port: 0 }
      administration: { port: 0 }
      pipeline:
        - retry: { attempts: 4 }
        - balance:
            by: least-connections
            health: { plugin: consecutive-failures, failures: 2, base-cooldown: 300ms }
            probe: { by: tcp, interval: 200ms, timeout: 1s }
            slow-start: 2s
      """;

  private final HttpClient http = HttpClient.newHttpClient();
  private final List<Child> children = new ArrayList<>();
  private final List<Child> upstreams = new ArrayList<>();
  private final List<String> addresses = new ArrayList<>();

  @TempDir Path folder = Path.of("");

  @BeforeEach
  void start() throws IOException {
    Files.writeString(folder.resolve("emulator.yaml"), "time-scale: 20\nserver: { slots: 64 }\n");
    for (int i = 0; i < 3; i++) {
      upstreams.add(emulate(0));
    }
    for (Child upstream : upstreams) {
      addresses.add(upstream.address().replace("http://", ""));
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (Child child : children) {
      child.close();
    }
  }

  private Child emulate(int port) throws IOException {
    String profile = folder.resolve("emulator.yaml").toString();
    return child("emulate", profile, "--port", Integer.toString(port));
  }

  private Child child(String... arguments) throws IOException {
    Child child = new Child(arguments);
    children.add(child);
    return child;
  }

  private Child serve(String document) throws IOException {
    Path file = folder.resolve("gateway.yaml");
    Files.writeString(file, document);
    return child("serve", file.toString());
  }

  @Test
  void aServerThatIsKilledUnderLoadIsNotNoticedBeforeContent() throws Exception {
    StringBuilder backends = new StringBuilder("backends:\n");
    for (int i = 0; i < 3; i++) {
      backends
          .append("  - { plugin: openai, id: ")
          .append("abc".charAt(i))
          .append(", url: \"http://")
          .append(addresses.get(i))
          .append("\" }\n");
    }
    Child gateway = serve(PIPELINE + backends);
    String url = gateway.address();
    String administration = gateway.address();
    Set<String> told = new LinkedHashSet<>();
    try (Load load = new Load(url, CALLERS)) {
      until("all three answer", () -> load.of("a") > 20 && load.of("b") > 20 && load.of("c") > 20);
      upstreams.get(0).kill();
      until("it is out", () -> !state(administration, "a", told).equals("up"));
      long meanwhile = load.good.get();
      until("the others answer", () -> load.good.get() > meanwhile + 200);
      int port = Integer.parseInt(addresses.get(0).replaceAll(".*:", ""));
      long before = load.of("a");
      emulate(port).address();
      until("it is back", () -> state(administration, "a", told).equals("up"));
      until(
          "its share grows",
          () -> state(administration, "a", told).equals("up") && load.of("a") > before + 50);
      load.close();
      System.out.println("live: killed and restarted: " + load);
      System.out.println("live: the administration told: " + told);
      assertEquals(List.of(), load.failed, load.toString());
    }
    assertTrue(told.toString().contains("slow start"), told.toString());
    assertTrue(
        told.stream().anyMatch(line -> line.startsWith("down") || line.startsWith("cooling")));
  }

  @Test
  void membersComeAndGoThroughAFileUnderLoad() throws Exception {
    Path members = folder.resolve("members.json");
    Files.writeString(members, list(0, 1));
    membersChange(
        "{ plugin: file, path: \"" + members + "\", interval: 50ms }",
        now -> {
          Path next = folder.resolve("next.json");
          Files.writeString(next, now);
          Files.move(next, members, StandardCopyOption.ATOMIC_MOVE);
        });
  }

  @Test
  void membersComeAndGoThroughConsulUnderLoad() throws Exception {
    try (ConsulStub consul = new ConsulStub(list(0, 1))) {
      membersChange("{ plugin: consul, service: llm, url: \"" + consul.url() + "\" }", consul::set);
    }
  }

  private interface Outside {
    void set(String addresses) throws IOException;
  }

  private void membersChange(String source, Outside outside) throws Exception {
    Child gateway =
        serve(
            PIPELINE
                + "discover:\n  from: "
                + source
                + "\n  backend: { plugin: openai, id: \"{address}\", url: \"http://{address}\" }\n");
    String url = gateway.address();
    String administration = gateway.address();
    until("there are two", () -> endpoints(administration).size() == 2);
    try (Load load = new Load(url, CALLERS)) {
      until("both answer", () -> load.of(addresses.get(0)) > 20 && load.of(addresses.get(1)) > 20);
      long dispatched = number(administration, addresses.get(1), "dispatched");
      outside.set(list(1, 2));
      until("the new one answers", () -> load.of(addresses.get(2)) > 20);
      assertEquals(
          Set.of(addresses.get(1), addresses.get(2)),
          Set.copyOf(endpoints(administration).stream().map(e -> e.getString("id")).toList()));
      long after = number(administration, addresses.get(1), "dispatched");
      assertTrue(after >= dispatched && dispatched > 20, dispatched + ", then " + after);
      outside.set(list(0, 1, 2));
      long again = load.of(addresses.get(0));
      until("the first one answers again", () -> load.of(addresses.get(0)) > again + 20);
      load.close();
      System.out.println("live: members by " + source.replaceAll(",.*", " }") + ": " + load);
      assertEquals(List.of(), load.failed, load.toString());
      assertEquals(0, load.cutAfterContent.get(), load.toString());
    }
  }

  private String list(int... numbers) {
    JsonArray list = new JsonArray();
    for (int number : numbers) {
      list.add(addresses.get(number));
    }
    return list.encode();
  }

  private List<JsonObject> endpoints(String administration) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create(administration + "/endpoints")).build();
      String body = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
      JsonArray all =
          new JsonObject(body)
              .getJsonObject("pools")
              .getJsonObject("default")
              .getJsonArray("endpoints");
      List<JsonObject> list = new ArrayList<>();
      for (int i = 0; i < all.size(); i++) {
        list.add(all.getJsonObject(i));
      }
      return list;
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private JsonObject endpoint(String administration, String id) {
    return endpoints(administration).stream()
        .filter(each -> id.equals(each.getString("id")))
        .findFirst()
        .orElseThrow();
  }

  private long number(String administration, String id, String figure) {
    return endpoint(administration, id).getLong(figure);
  }

  private String state(String administration, String id, Set<String> told) {
    JsonObject endpoint = endpoint(administration, id);
    String state = endpoint.getString("state");
    boolean ramping = endpoint.getDouble("slowStartShare") != null;
    told.add(
        state + (ramping ? " in slow start" : "") + " (" + endpoint.getString("why", "") + ")");
    return state;
  }

  private static void until(String what, BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new TimeoutException(what);
      }
      Thread.onSpinWait();
      Thread.sleep(20);
    }
  }
}
