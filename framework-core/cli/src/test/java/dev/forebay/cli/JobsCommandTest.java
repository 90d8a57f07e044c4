package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Jobs over HTTP, and the commands jobs and worker, against a gateway that runs. */
@Timeout(120)
class JobsCommandTest {

  private static final String GATEWAY =
      """
      http: { port: 0 }
      administration: { port: 0 }
      models: [m]
      backends: [{ plugin: simulated, id: a }]
      jobs: { store: memory, queue: memory }
      """;
  private static final String BODY =
      "{\"model\":\"m\",\"stream\":true,\"max_tokens\":8,\"messages\":[{\"role\":\"user\","
          + "\"content\":\"hi\"}]}";

  @TempDir Path folder;
  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private GatewayServer server;

  @BeforeEach
  void start() throws IOException {
    server = done(GatewayServer.start(vertx, document(GATEWAY)));
  }

  private GatewayDocument document(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("gateway.yaml"), yaml);
    Registry registry = Registry.load(getClass().getClassLoader());
    return GatewayDocument.read(file, registry, name -> null);
  }

  @AfterEach
  void stop() {
    done(server.close());
    done(vertx.close());
  }

  private static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().join();
  }

  private HttpResponse<String> send(HttpRequest.Builder request, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + server.port() + path);
    return http.send(
        request.uri(uri).timeout(Duration.ofSeconds(60)).build(), BodyHandlers.ofString());
  }

  private String submit(String path) throws IOException, InterruptedException {
    HttpResponse<String> accepted =
        send(
            HttpRequest.newBuilder()
                .POST(BodyPublishers.ofString(BODY))
                .header("content-type", "application/json")
                .header("prefer", "respond-async"),
            path);
    assertEquals(202, accepted.statusCode(), accepted.body());
    return accepted.headers().firstValue("location").orElseThrow();
  }

  private int run(String... args) {
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--administration";
    all[args.length + 1] = "http://127.0.0.1:" + server.administrationPort();
    return Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), all);
  }

  @Test
  void aJobIsFollowedAndResumedOverHttpAndSeenByTheCommands() throws Exception {
    String job = submit("/v1/chat/completions");
    HttpResponse<String> all = send(HttpRequest.newBuilder(), job + "/events");
    assertEquals(200, all.statusCode());
    assertTrue(all.body().startsWith("id: 1\ndata: {"), all.body());
    assertTrue(all.body().contains("data: [DONE]\n\nevent: job\ndata: {"), all.body());
    HttpResponse<String> rest =
        send(HttpRequest.newBuilder().header("last-event-id", "2"), job + "/events");
    assertEquals(all.body().substring(all.body().indexOf("id: 3\n")), rest.body());
    HttpResponse<String> same = send(HttpRequest.newBuilder(), job + "/events?starting_after=2");
    assertEquals(rest.body(), same.body());

    String id = job.substring("/v1/jobs/".length());
    assertEquals(0, run("jobs", "list", "--state", "done"), err.toString());
    assertTrue(out.toString().contains("done      " + id + "  1 tries"), out.toString());
    assertEquals(0, run("jobs", "retry", id), err.toString());
    assertTrue(out.toString().contains("queued    " + id + "  0 tries"), out.toString());
    assertEquals(0, run("jobs", "cancel", id), err.toString());
    assertEquals(0, run("jobs", "show", id), err.toString());
    assertTrue(out.toString().contains("\"epoch\" : "), out.toString());
    assertEquals(1, run("jobs", "show", "job_none"));
    assertTrue(err.toString().contains("job: job_none (expected: one that is kept)"));
    assertEquals(404, send(HttpRequest.newBuilder(), "/v1/jobs/job_none").statusCode());
  }

  @Test
  void aWorkerListensForNoCallers() throws IOException {
    GatewayServer worker =
        done(GatewayServer.work(vertx, document(GATEWAY), GatewayServer.host(vertx)));
    assertEquals(0, worker.port());
    assertTrue(worker.administrationPort() > 0);
    done(worker.close());
  }

  @Test
  void aWorkerNeedsASectionJobs() throws IOException {
    Path file = Files.writeString(folder.resolve("none.yaml"), GATEWAY.replaceAll("jobs:.*", ""));
    int code =
        Main.run(new PrintWriter(out), new PrintWriter(err), Map.of(), "worker", file.toString());
    assertEquals(2, code);
    assertTrue(err.toString().contains("no section jobs"), err.toString());
  }
}
