package dev.forebay.cli.live;

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
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A gateway in front of three upstreams, all of them processes, under load. */
@Timeout(120)
class LiveTest {

  private static final int CALLERS = 24;
  private static final String FAST = "time-scale: 20\nserver: { slots: 64 }\n";

  /** More than the slots have room for, so that most wait for their first content. */
  private static final int CROWD = 300;

  private static final String CROWDED = "server: { slots: 12, queue-capacity: 512 }\n";

  private static final String SMALL_SHARES = "extra-work: { ratio: 0.1, floor: 1 }\n";

  /** The most calls that the shares of recent requests can save up: 100 times a tenth. */
  private static final int MOST_SHARES = 10;

  private static final double SHARE_OF_A_REQUEST = 0.1;
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

  private void start(String profile) throws IOException {
    Files.writeString(folder.resolve("emulator.yaml"), profile);
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
    start(CROWDED);
    StringBuilder backends = new StringBuilder("backends:\n");
    for (int i = 0; i < 3; i++) {
      backends
          .append("  - { plugin: openai, id: ")
          .append("abc".charAt(i))
          .append(", url: \"http://")
          .append(addresses.get(i))
          .append("\" }\n");
    }
    Child gateway = serve(PIPELINE + SMALL_SHARES + backends);
    String url = gateway.address();
    String administration = gateway.address();
    Set<String> told = new LinkedHashSet<>();
    try (Load load = new Load(url, CROWD)) {
      until("all three answer", () -> load.of("a") > 12 && load.of("b") > 12 && load.of("c") > 12);
      long dispatched = dispatched(administration);
      long taken = count(administration, "extra-work.taken");
      upstreams.get(0).kill();
      until("it is out", () -> !state(administration, "a", told).equals("up"));
      until("none is left on it", () -> number(administration, "a", "inFlight") == 0);
      long retried = count(administration, "extra-work.taken") - taken;
      long asked = dispatched(administration) - dispatched - retried;
      double shares = MOST_SHARES + SHARE_OF_A_REQUEST * asked;
      long meanwhile = load.good.get();
      until("the others answer", () -> load.good.get() > meanwhile + 50);
      int port = Integer.parseInt(addresses.get(0).replaceAll(".*:", ""));
      emulate(port).address();
      until("it is back", () -> state(administration, "a", told).equals("up"));
      double soon = share(administration, "a");
      List<Double> shown = new ArrayList<>(List.of(soon));
      until(
          "its share is fair",
          () -> {
            shown.add(share(administration, "a"));
            return !told(administration, told).contains("slow start") && shown.getLast() > 0.28;
          });
      load.close();
      System.out.println("live: killed and restarted: " + load);
      System.out.printf(
          Locale.ROOT,
          "live: %d extra calls at once, of which the shares covered %.0f at most%n",
          retried,
          shares);
      System.out.println("live: its share of what is in flight: " + rounded(shown));
      System.out.println("live: the administration told: " + told);
      assertEquals(List.of(), load.failed, load.toString());
      assertTrue(load.errorAfterContent.get() > 0, "some were killed after content: " + load);
      assertTrue(retried > shares, retried + " (expected: more than the shares, " + shares + ")");
      assertEquals(0, count(administration, "extra-work.denied"));
      assertTrue(soon < 0.25, "soon after its return: " + shown);
      assertTrue(shown.getLast() < 0.4, "in the end: " + shown);
    }
    assertTrue(told.toString().contains("slow start"), told.toString());
    assertTrue(
        told.stream().anyMatch(line -> line.startsWith("down") || line.startsWith("cooling")));
  }

  /** Of all requests that are in flight, those on one endpoint; of three, a third is fair. */
  private double share(String administration, String id) {
    double all = 0;
    double own = 0;
    for (JsonObject endpoint : endpoints(administration)) {
      all += endpoint.getInteger("inFlight");
      own += id.equals(endpoint.getString("id")) ? endpoint.getInteger("inFlight") : 0;
    }
    return own / all;
  }

  private long dispatched(String administration) {
    return endpoints(administration).stream().mapToLong(each -> each.getLong("dispatched")).sum();
  }

  /** What is told of the first endpoint now. */
  private String told(String administration, Set<String> told) {
    var unused = state(administration, "a", told);
    return endpoint(administration, "a").getDouble("slowStartShare") == null ? "" : "slow start";
  }

  private static List<String> rounded(List<Double> shares) {
    List<String> every = new ArrayList<>();
    for (int i = 0; i < shares.size(); i += Math.max(1, shares.size() / 10)) {
      every.add(String.format(Locale.ROOT, "%.2f", shares.get(i)));
    }
    every.add(String.format(Locale.ROOT, "%.2f", shares.getLast()));
    return every;
  }

  @Test
  void membersComeAndGoThroughAFileUnderLoad() throws Exception {
    start(FAST);
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
    start(FAST);
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
                + "\n"
                + "  backend: { plugin: openai, id: \"{address}\", url: \"http://{address}\""
                + " }\n");
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
      assertEquals(0, load.errorAfterContent.get(), load.toString());
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
    JsonArray all =
        get(administration + "/endpoints")
            .getJsonObject("pools")
            .getJsonObject("default")
            .getJsonArray("endpoints");
    List<JsonObject> list = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      list.add(all.getJsonObject(i));
    }
    return list;
  }

  private long count(String administration, String counter) {
    return get(administration + "/state").getJsonObject("counters").getLong(counter);
  }

  private JsonObject get(String url) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
      return new JsonObject(http.send(request, HttpResponse.BodyHandlers.ofString()).body());
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
