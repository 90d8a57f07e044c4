package dev.forebay.kubernetes;

import dev.forebay.net.HttpAddress;
import dev.forebay.net.HttpClients;
import dev.forebay.spi.Call;
import dev.forebay.spi.Registration;
import io.vertx.core.Future;
import io.vertx.core.Promise;
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
import io.vertx.core.parsetools.RecordParser;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The API of Kubernetes, over HTTP. */
final class ApiServer implements KubernetesSource.Api {

  private static final int CONNECT_MILLIS = 5_000;
  private static final int PAGE = 500;
  private static final int MAX_BYTES = 32 << 20;
  private static final int MAX_EVENT_BYTES = 4 << 20;
  private static final Duration ANSWER = Duration.ofSeconds(30);
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Kubernetes options;
  private final HttpClient client;
  private final FileSystem files;
  private final HttpAddress root;

  ApiServer(Kubernetes options, Vertx vertx) {
    this.options = options;
    this.files = vertx.fileSystem();
    this.root = options.root();
    HttpClientOptions http = new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS);
    if (root.https() && !options.caFile().isEmpty()) {
      http.setTrustOptions(new PemTrustOptions().addCertPath(options.caFile()));
    }
    this.client = HttpClients.create(vertx, http);
  }

  @Override
  public Future<JsonObject> list(String token, Call call) {
    String query = "limit=" + PAGE + (token.isEmpty() ? "" : "&continue=" + encoded(token));
    Promise<JsonObject> page = Promise.promise();
    ask(query, ANSWER, call, page, (response, ignored) -> read(response, page));
    return page.future();
  }

  @Override
  public Future<Void> watch(String version, Call call, Consumer<JsonObject> event) {
    String query =
        "watch=1&allowWatchBookmarks=true&resourceVersion="
            + encoded(version)
            + "&timeoutSeconds="
            + options.watch().toSeconds();
    Promise<Void> over = Promise.promise();
    ask(
        query,
        options.watch().plus(GRACE),
        call,
        over,
        (response, request) -> {
          response.exceptionHandler(broken -> over.tryComplete());
          RecordParser lines =
              RecordParser.newDelimited(
                      "\n", line -> call.timeline().execute(() -> line(line, event, over)))
                  .maxRecordSize(MAX_EVENT_BYTES)
                  .exceptionHandler(large -> over.tryFail("an event of more than 4 MiB"));
          response.handler(lines);
          response.endHandler(nothing -> over.tryComplete());
        });
    return over.future();
  }

  private static void line(Buffer line, Consumer<JsonObject> event, Promise<Void> over) {
    JsonObject read;
    try {
      read = new JsonObject(line);
    } catch (DecodeException | ClassCastException e) {
      over.tryFail("an event that is no JSON");
      return;
    }
    event.accept(read);
  }

  private <T> void ask(
      String query,
      Duration patience,
      Call call,
      Promise<T> result,
      BiConsumer<HttpClientResponse, HttpClientRequest> answered) {
    Registration end = call.onEnd(() -> result.tryFail("given up"));
    Registration limit =
        call.timeline().after(patience.toNanos(), () -> result.tryFail("no answer in time"));
    result
        .future()
        .onComplete(
            over -> {
              end.cancel();
              limit.cancel();
            });
    token()
        .compose(token -> client.request(target(query, token)))
        .onComplete(
            (request, refused) -> {
              if (request == null) {
                result.tryFail(why(refused));
              } else {
                send(request, result, answered);
              }
            });
  }

  private <T> void send(
      HttpClientRequest request,
      Promise<T> result,
      BiConsumer<HttpClientResponse, HttpClientRequest> answered) {
    request.exceptionHandler(broken -> result.tryFail(why(broken)));
    // Whoever gives up, or is content, closes the connection: nothing that follows is wanted.
    result.future().onFailure(given -> request.reset());
    if (result.future().isComplete()) {
      return;
    }
    request
        .send()
        .onComplete(
            (response, broken) -> {
              if (response == null) {
                result.tryFail(why(broken));
              } else if (response.statusCode() == 410) {
                result.tryFail(new KubernetesSource.Gone());
              } else if (response.statusCode() != 200) {
                result.tryFail("status " + response.statusCode() + " (expected: 200)");
              } else {
                answered.accept(response, request);
              }
            });
  }

  private static void read(HttpClientResponse response, Promise<JsonObject> page) {
    Buffer body = Buffer.buffer();
    response.exceptionHandler(broken -> page.tryFail(why(broken)));
    response.handler(
        piece -> {
          body.appendBuffer(piece);
          if (body.length() > MAX_BYTES) {
            page.tryFail("a page of more than 32 MiB");
          }
        });
    response.endHandler(
        nothing -> {
          try {
            page.tryComplete(new JsonObject(body));
          } catch (DecodeException | ClassCastException e) {
            page.tryFail("an answer that is no JSON");
          }
        });
  }

  private Future<String> token() {
    return options.tokenFile().isEmpty()
        ? Future.succeededFuture("")
        : files
            .readFile(options.tokenFile())
            .map(text -> text.toString(StandardCharsets.UTF_8).trim())
            .recover(unread -> Future.failedFuture("the token file cannot be read"));
  }

  private RequestOptions target(String query, String token) {
    String path =
        root.path()
            + "/apis/discovery.k8s.io/v1/namespaces/"
            + encoded(options.namespace())
            + "/endpointslices?labelSelector="
            + encoded("kubernetes.io/service-name=" + options.service())
            + "&"
            + query;
    RequestOptions target =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setServer(SocketAddress.inetSocketAddress(root.port(), root.host()))
            .setHost(root.name())
            .setPort(root.port())
            .setSsl(root.https())
            .setURI(path);
    if (!token.isEmpty()) {
      target.putHeader("authorization", "Bearer " + token);
    }
    return target;
  }

  private static String why(Throwable thrown) {
    boolean own = thrown.getClass().getName().startsWith("io.vertx.core.impl.NoStackTrace");
    return own
        ? String.valueOf(thrown.getMessage())
        : "broken (" + thrown.getClass().getSimpleName() + ")";
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }
}
