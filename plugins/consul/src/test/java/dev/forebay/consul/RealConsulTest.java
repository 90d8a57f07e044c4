package dev.forebay.consul;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.conformance.EventLoopStage;
import dev.forebay.conformance.Heard;
import dev.forebay.servers.Ports;
import dev.forebay.spi.policy.Instance;
import io.vertx.core.Vertx;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real agent, where one is installed: FOREBAY_CONSUL, or on the PATH. */
class RealConsulTest {

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();

  @TempDir Path folder = Path.of("");

  @AfterEach
  void close() {
    ConsulTest.done(vertx.close());
  }

  private static String installed() {
    String given = System.getenv("FOREBAY_CONSUL");
    if (given != null) {
      return given;
    }
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
    return Arrays.stream(path.split(File.pathSeparator))
        .map(each -> Path.of(each, "consul"))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse("");
  }

  @Test
  @Timeout(60)
  void instancesComeAndGo() throws Exception {
    String binary = installed();
    assumeTrue(!binary.isEmpty(), "no consul installed (FOREBAY_CONSUL names one)");
    int port = Ports.free();
    Process agent =
        new ProcessBuilder(
                binary,
                "agent",
                "-dev",
                "-bind=127.0.0.1",
                "-http-port=" + port,
                "-dns-port=-1",
                "-grpc-port=-1",
                "-serf-lan-port=" + Ports.free(),
                "-serf-wan-port=-1",
                "-server-port=" + Ports.free(),
                "-node=n0")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("consul.log").toFile())
            .start();
    try {
      String url = "http://127.0.0.1:" + port;
      Heard heard = Heard.by(new EventLoopStage(vertx, 1), Consul.service("llm").withUrl(url));
      heard.awaitThat(() -> leads(url));
      register(url, "a", 8001, 3);
      heard.await(List.of(new Instance("a@n0", "127.0.0.1", 8001, 3, 0)));
      register(url, "b", 8002, 1);
      heard.awaitThat(() -> heard.lists().getLast().size() == 2);
      put(url + "/v1/agent/service/deregister/a", "");
      heard.await(List.of(new Instance("b@n0", "127.0.0.1", 8002, 1, 0)));
      heard.close();
    } finally {
      agent.destroy();
      agent.waitFor(10, TimeUnit.SECONDS);
    }
  }

  private boolean leads(String url) {
    try {
      HttpRequest leader = HttpRequest.newBuilder(URI.create(url + "/v1/status/leader")).build();
      return http.send(leader, HttpResponse.BodyHandlers.ofString()).body().contains(":");
    } catch (IOException | InterruptedException e) {
      return false;
    }
  }

  private void register(String url, String id, int port, int weight) throws Exception {
    put(
        url + "/v1/agent/service/register",
        """
        {"ID":"%s","Name":"llm","Address":"127.0.0.1","Port":%d,\
        "Weights":{"Passing":%d,"Warning":1}}\
        """
            .formatted(id, port, weight));
  }

  private void put(String url, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url))
            .PUT(HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.body());
    }
  }
}
