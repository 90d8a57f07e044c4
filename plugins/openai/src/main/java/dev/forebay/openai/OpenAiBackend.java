package dev.forebay.openai;

import dev.forebay.spi.Backend;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.List;
import java.util.Optional;

/** An OpenAI-compatible API. */
final class OpenAiBackend implements Backend {

  private final OpenAiOptions options;
  private final HttpClient client;
  private final ApiKey key;
  private final URI root;

  OpenAiBackend(OpenAiOptions options, Vertx vertx, Timeline timeline) {
    this.options = options;
    this.root = options.root();
    this.client = Clients.create(options, vertx);
    String file = options.keyFile();
    this.key =
        file == null
            ? ApiKey.fixed(options.key(), timeline)
            : ApiKey.in(() -> vertx.fileSystem().readFile(file), options.keyRefresh(), timeline);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    return new Upstream(options, request, key)
        .start(client, secret -> head(request, secret), key.current());
  }

  @Override
  public String id() {
    return options.id();
  }

  @Override
  public String account() {
    String account = options.account();
    return account == null ? options.id() : account;
  }

  @Override
  public void onAccountRenewed(Runnable action) {
    key.onRenewed(action);
  }

  @Override
  public List<String> models() {
    return options.models();
  }

  @Override
  public Future<Void> close() {
    key.close();
    return client.close();
  }

  private RequestOptions head(InferenceRequest request, Optional<String> secret) {
    boolean https = "https".equals(root.getScheme());
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .set("content-type", "application/json")
            .set("accept", Upstream.streamed(request) ? "text/event-stream" : "application/json")
            .set("accept-encoding", "identity")
            .set("x-request-id", request.info().id());
    long deadline = request.info().deadlineNanos();
    if (deadline != Long.MAX_VALUE) {
      long millis = (deadline - request.call().home().nanos()) / 1_000_000;
      headers.set("x-forebay-deadline-ms", Long.toString(Math.max(1, millis)));
    }
    secret.ifPresent(value -> headers.set("authorization", "Bearer " + value));
    options.headers().forEach(headers::set);
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost(root.getHost())
        .setPort(root.getPort() > 0 ? root.getPort() : https ? 443 : 80)
        .setSsl(https)
        .setURI(path(request.info().operation()))
        .setConnectTimeout(Math.max(1, options.connectTimeout().toMillis()))
        .setFollowRedirects(false)
        .setHeaders(headers);
  }

  private String path(Operation operation) {
    return root.getRawPath() + operation.path().substring("/v1".length());
  }
}
