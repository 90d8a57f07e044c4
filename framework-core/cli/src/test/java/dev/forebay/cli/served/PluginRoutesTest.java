package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.administration.AdministrationOptions;
import dev.forebay.edge.http.EdgeOptions;
import dev.forebay.edge.identity.KeyOptions;
import dev.forebay.gateway.Gateway;
import dev.forebay.server.GatewayServer;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Filter;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.options.NamedPlugin;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Routes that plugins add to both listeners, over HTTP. */
@Timeout(60)
class PluginRoutesTest {

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http = HttpClient.newHttpClient();
  private final List<RouteRequest> seen = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void stop() {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private Future<RouteAnswer> answer(RouteRequest request) {
    seen.add(request);
    String id = request.parameters().getOrDefault("id", "");
    return switch (id) {
      case "missing" ->
          Future.failedFuture(Failure.of(Status.CALLER_FAULT, 404, "no_job", "there is none"));
      case "broken" -> throw new IllegalStateException("broken");
      default ->
          Future.succeededFuture(
              RouteAnswer.of(200, "text/plain", Buffer.buffer("job " + id).appendString("!")));
    };
  }

  private Plugin<Filter> adding(String name, Listener listener, HttpRoute... routes) {
    return NamedPlugin.of(
        Filter.class,
        name,
        context -> {
          HttpRoutes own = context.resource(HttpRoutes.class).orElseThrow();
          for (HttpRoute route : routes) {
            own.add(listener, route);
          }
          return (request, next) -> next.serve(request);
        });
  }

  @SafeVarargs
  private GatewayServer.Builder server(Plugin<Filter>... stages) {
    Gateway gateway =
        Gateway.builder(vertx)
            .pipeline(
                pipeline -> {
                  for (Plugin<Filter> stage : stages) {
                    pipeline.stage(stage);
                  }
                  pipeline.backends(List.of());
                })
            .build();
    return GatewayServer.of(gateway)
        .options(EdgeOptions.DEFAULTS.at("127.0.0.1", 0))
        .administration(new AdministrationOptions("127.0.0.1", 0));
  }

  private HttpResponse<String> ask(int port, String method, String path, String... headers)
      throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, HttpRequest.BodyPublishers.ofString(method.equals("POST") ? "12" : ""));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aRouteOfTheAdministrationIsAskedOnceBehindItsGuard() throws Exception {
    HttpRoute route = HttpRoute.get("/jobs/:id", this::answer);
    GatewayServer server =
        await(server(adding("jobs", Listener.ADMINISTRATION, route)).listen(vertx));
    int port = server.administrationPort();
    HttpResponse<String> answer = ask(port, "GET", "/jobs/a%2Fb?x=1&x=2");
    assertEquals(200, answer.statusCode());
    assertEquals("job a/b!", answer.body());
    assertEquals(1, seen.size());
    assertEquals(Map.of("x", List.of("1", "2")), seen.get(0).query());
    assertEquals("127.0.0.1", seen.get(0).caller().address());
    assertEquals(200, ask(port, "HEAD", "/jobs/a").statusCode());
    assertEquals(403, ask(port, "GET", "/jobs/a", "Origin", "http://example.org").statusCode());
    assertEquals(404, ask(server.port(), "GET", "/jobs/a").statusCode(), "not for callers");
    assertEquals(2, seen.size());
  }

  @Test
  void aRouteOfTheEdgeIsForCallersWithAKey() throws Exception {
    HttpRoute get = HttpRoute.get("/v1/jobs/:id", this::answer);
    HttpRoute post = HttpRoute.post("/v1/jobs", 2, this::answer);
    KeyOptions key = KeyOptions.of("k1", "secret-of-k1", "acme");
    GatewayServer server =
        await(server(adding("jobs", Listener.EDGE, get, post)).keys(List.of(key)).listen(vertx));
    int port = server.port();
    assertEquals(401, ask(port, "GET", "/v1/jobs/7").statusCode());
    String[] own = {"Authorization", "Bearer secret-of-k1"};
    assertEquals("job 7!", ask(port, "GET", "/v1/jobs/7", own).body());
    assertEquals("acme", seen.get(0).caller().tenant());
    assertEquals(null, seen.get(0).head().headers().get("authorization"));
    assertEquals(200, ask(port, "POST", "/v1/jobs/", own).statusCode());
    assertEquals("12", seen.get(1).body().toString());
    HttpResponse<String> other = ask(port, "POST", "/v1/jobs/7", own);
    assertEquals(405, other.statusCode());
    assertEquals("GET, HEAD", other.headers().firstValue("allow").orElse(""));
    HttpResponse<String> unknown = ask(port, "GET", "/v1/jobs/7/8", own);
    assertEquals(404, unknown.statusCode());
    assertTrue(unknown.body().contains(", /v1/jobs/:id, /v1/jobs)"), unknown.body());
    assertEquals(404, ask(server.administrationPort(), "GET", "/v1/jobs/7").statusCode());
    assertEquals(2, seen.size());
    assertEquals(0, server.openRequests());
  }

  /** Such a list may come of a template, and would let everybody in. */
  @Test
  void anEmptyListOfKeysIsAMistake() {
    GatewayServer.Builder server = server(adding("jobs", Listener.EDGE));
    assertEquals(
        "keys: none (expected: at least one; without the call, everybody may ask)",
        assertThrows(IllegalArgumentException.class, () -> server.keys(List.of())).getMessage());
  }

  @Test
  void aBodyBeyondTheRoutesBoundIsRefused() throws Exception {
    HttpRoute post = HttpRoute.post("/v1/jobs", 1, this::answer);
    for (Listener listener : Listener.values()) {
      GatewayServer server = await(server(adding("jobs", listener, post)).listen(vertx));
      int port = listener == Listener.EDGE ? server.port() : server.administrationPort();
      assertEquals(413, ask(port, "POST", "/v1/jobs").statusCode(), listener.name());
    }
    assertEquals(List.of(), seen);
  }

  @Test
  void aFailureIsAnErrorOfItsStatusAndAThrowIsA500() throws Exception {
    HttpRoute route = HttpRoute.get("/jobs/:id", this::answer);
    for (Listener listener : Listener.values()) {
      GatewayServer server = await(server(adding("jobs", listener, route)).listen(vertx));
      int port = listener == Listener.EDGE ? server.port() : server.administrationPort();
      HttpResponse<String> missing = ask(port, "GET", "/jobs/missing");
      assertEquals(404, missing.statusCode());
      assertTrue(missing.body().contains("\"code\":\"no_job\""), missing.body());
      assertEquals(0, server.gateway().counters().get("plugin.errors"));
      assertEquals(500, ask(port, "GET", "/jobs/broken").statusCode());
      assertEquals(1, server.gateway().counters().get("plugin.errors"));
    }
  }

  @Test
  void twoPluginsWithOnePathAreNamedAtTheStart() {
    HttpRoute one = HttpRoute.get("/jobs/:id", this::answer);
    HttpRoute other = HttpRoute.get("/jobs/all", this::answer);
    assertEquals(
        "b: route GET /jobs/all of b, on the listener edge (expected: a path of its own; GET"
            + " /jobs/:id of a, on the listener edge)",
        refusal(adding("a", Listener.EDGE, one), adding("b", Listener.EDGE, other)));
  }

  @Test
  void aPathOfTheServersOwnIsRefused() {
    String[] paths = {"/state", "/healthz", "/endpoints", "/pools/:p/endpoints/:n/drain"};
    for (String path : paths) {
      String refused =
          refusal(
              adding(
                  "a",
                  Listener.ADMINISTRATION,
                  new HttpRoute("POST", path, 0, this::answer),
                  HttpRoute.get(path, this::answer)));
      assertTrue(refused.contains("of the administration, on"), refused);
      assertTrue(refused.contains(path + " of a, on"), refused);
    }
    for (String path : new String[] {"/v1/chat/completions", "/v1/models/:name", "/readyz"}) {
      String refused = refusal(adding("a", Listener.EDGE, HttpRoute.get(path, this::answer)));
      assertTrue(refused.contains("of the edge, on"), refused);
      assertTrue(refused.contains(path + " of a, on"), refused);
    }
  }

  @SafeVarargs
  private String refusal(Plugin<Filter>... stages) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> server(stages).listen(vertx))
            .getMessage());
  }
}
