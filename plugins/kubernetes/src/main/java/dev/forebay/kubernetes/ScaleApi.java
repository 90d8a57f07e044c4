package dev.forebay.kubernetes;

import dev.forebay.net.HttpAddress;
import dev.forebay.net.HttpClients;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystem;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The calls of the API of Kubernetes that scaling needs: JSON there and back, each bounded. */
final class ScaleApi {

  private static final int CONNECT_MILLIS = 3_000;
  private static final long ANSWER_SECONDS = 5;
  private static final int MAX_BYTES = 16 << 20;

  private final KubernetesScale options;
  private final HttpClient client;
  private final FileSystem files;
  private final HttpAddress root;

  /** An answer that is not 200. */
  static final class Refused extends RuntimeException {
    private final int status;

    Refused(int status) {
      super("status " + status + " (expected: 200)", null, false, false);
      this.status = status;
    }

    /** Whether somebody changed the workload meanwhile. */
    boolean conflict() {
      return status == 409;
    }

    /** Whether it may be answered if it is asked again. */
    boolean passing() {
      return conflict() || status == 429 || status >= 500;
    }
  }

  ScaleApi(KubernetesScale options, Vertx vertx) {
    this.options = options;
    this.files = vertx.fileSystem();
    this.root = HttpAddress.parse(options.url());
    HttpClientOptions http = new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS);
    if (root.https() && !options.caFile().isEmpty()) {
      http.setTrustOptions(new PemTrustOptions().addCertPath(options.caFile()));
    }
    this.client = HttpClients.create(vertx, http);
  }

  Future<JsonObject> scale() {
    return ask(HttpMethod.GET, scalePath(), null, null).map(ScaleApi::checked);
  }

  Future<JsonObject> scale(JsonObject changed) {
    return ask(HttpMethod.PUT, scalePath(), "application/json", changed).map(ScaleApi::checked);
  }

  /** The replicas of a scale; Kubernetes leaves them out if there are none. */
  static int replicas(JsonObject scale) {
    return scale.getJsonObject("spec", new JsonObject()).getInteger("replicas", 0);
  }

  /**
   * Anything else, such as an error of a proxy that has status 200, would be read as 0 replicas.
   */
  private static JsonObject checked(JsonObject answer) {
    Object spec = answer.getValue("spec", new JsonObject());
    Object replicas = spec instanceof JsonObject read ? read.getValue("replicas", 0) : null;
    if (!"Scale".equals(answer.getValue("kind"))
        || !(replicas instanceof Integer number)
        || number < 0) {
      throw new IllegalStateException("an answer that is no scale");
    }
    return answer;
  }

  /** Sets an annotation of a pod. */
  Future<JsonObject> annotate(String pod, String annotation, String value) {
    JsonObject patch =
        new JsonObject()
            .put(
                "metadata",
                new JsonObject().put("annotations", new JsonObject().put(annotation, value)));
    String path = "/api/v1/namespaces/" + encoded(options.namespace()) + "/pods/" + encoded(pod);
    return ask(HttpMethod.PATCH, path, "application/merge-patch+json", patch);
  }

  /** What the pods of a selector use. */
  Future<JsonObject> usage(String selector) {
    String path =
        "/apis/metrics.k8s.io/v1beta1/namespaces/"
            + encoded(options.namespace())
            + "/pods?labelSelector="
            + encoded(selector);
    return ask(HttpMethod.GET, path, null, null);
  }

  private String scalePath() {
    return "/apis/apps/v1/namespaces/"
        + encoded(options.namespace())
        + "/"
        + options.resource()
        + "/"
        + encoded(options.name())
        + "/scale";
  }

  private Future<JsonObject> ask(
      HttpMethod method, String path, @Nullable String type, @Nullable JsonObject body) {
    return token()
        .compose(token -> client.request(target(method, path, token)))
        .compose(request -> answered(request, type, body));
  }

  /** Of the whole answer, however it trickles: an order without an end would be the last one. */
  private static Future<JsonObject> answered(
      HttpClientRequest request, @Nullable String type, @Nullable JsonObject body) {
    return send(request, type, body)
        .compose(ScaleApi::read)
        .timeout(ANSWER_SECONDS, TimeUnit.SECONDS)
        .onFailure(thrown -> request.reset())
        .recover(
            thrown ->
                Future.failedFuture(
                    thrown instanceof TimeoutException
                        ? new IllegalStateException("no answer within " + ANSWER_SECONDS + " s")
                        : thrown));
  }

  private static Future<HttpClientResponse> send(
      HttpClientRequest request, @Nullable String type, @Nullable JsonObject body) {
    if (type == null || body == null) {
      return request.send();
    }
    return request.putHeader("content-type", type).send(body.toBuffer());
  }

  private static Future<JsonObject> read(HttpClientResponse response) {
    String length = response.getHeader("content-length");
    if (length != null && (length.length() > 9 || Long.parseLong(length) > MAX_BYTES)) {
      response.request().reset();
      return Future.failedFuture("an answer of more than 16 MiB");
    }
    return response
        .body()
        .compose(
            body ->
                response.statusCode() == 200
                    ? json(body)
                    : Future.failedFuture(new Refused(response.statusCode())));
  }

  private static Future<JsonObject> json(Buffer body) {
    try {
      return Future.succeededFuture(new JsonObject(body));
    } catch (DecodeException | ClassCastException e) {
      return Future.failedFuture("an answer that is no JSON");
    }
  }

  private Future<String> token() {
    return options.tokenFile().isEmpty()
        ? Future.succeededFuture("")
        : files
            .readFile(options.tokenFile())
            .map(text -> text.toString(StandardCharsets.UTF_8).trim())
            .recover(unread -> Future.failedFuture("the token file cannot be read"));
  }

  private RequestOptions target(HttpMethod method, String path, String token) {
    RequestOptions target =
        new RequestOptions()
            .setMethod(method)
            .setServer(SocketAddress.inetSocketAddress(root.port(), root.host()))
            .setHost(root.name())
            .setPort(root.port())
            .setSsl(root.https())
            .setURI(root.path() + path);
    if (!token.isEmpty()) {
      target.putHeader("authorization", "Bearer " + token);
    }
    return target;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  Future<Void> close() {
    return client.close();
  }
}
