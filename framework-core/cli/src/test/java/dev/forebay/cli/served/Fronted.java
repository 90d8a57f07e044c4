package dev.forebay.cli.served;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Objects;

/** A served gateway of a whole document, in front of whatever the document names. */
final class Fronted implements AutoCloseable {

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final GatewayServer server;

  /** Of everything but the listeners, which are on free ports. */
  Fronted(String yaml, Map<String, String> environment) {
    String whole = "http: { port: 0 }\nadministration: { port: 0 }\n" + yaml;
    Node document = Node.parse("gateway.yaml", whole, environment::get);
    Registry registry = Registry.load(Fronted.class.getClassLoader());
    server = Served.await(GatewayServer.start(vertx, GatewayDocument.read(document, registry)));
  }

  String url(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  /** Asks with a key; without one where it is empty. */
  HttpResponse<String> chat(String key, String model, String... headers)
      throws IOException, InterruptedException {
    String body =
        "{\"model\":\"%s\",\"max_tokens\":3,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .formatted(model);
    return post(key, body, headers);
  }

  /** Asks with a key and a body. */
  HttpResponse<String> post(String key, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(url("/v1/chat/completions")))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    return send(request, key, headers);
  }

  /** Tells the administration something. */
  HttpResponse<String> administer(String path, String body)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(URI.create(administration(path)))
            .POST(HttpRequest.BodyPublishers.ofString(body)),
        "");
  }

  /** What a counter has come to; there must be one of that name. */
  long counter(String name) throws IOException, InterruptedException {
    HttpResponse<String> state =
        send(HttpRequest.newBuilder(URI.create(administration("/state"))), "");
    Long count = new JsonObject(state.body()).getJsonObject("counters").getLong(name);
    return Objects.requireNonNull(count, name);
  }

  private String administration(String path) {
    return "http://127.0.0.1:" + server.administrationPort() + path;
  }

  HttpResponse<String> models(String key) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(URI.create(url("/v1/models"))), key);
  }

  private HttpResponse<String> send(HttpRequest.Builder request, String key, String... headers)
      throws IOException, InterruptedException {
    if (!key.isEmpty()) {
      request.header("Authorization", "Bearer " + key);
    }
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() {
    Served.await(server.close());
    Served.await(vertx.close());
    http.close();
  }
}
