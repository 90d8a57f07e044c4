package dev.forebay.openai;

import dev.forebay.spi.Backend;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.List;

/** An OpenAI-compatible API. Speaks HTTP/1.1, so that giving a request up closes its connection. */
final class OpenAiBackend implements Backend {

  private static final int MAX_HEAD_BYTES = 32 << 10;

  private final OpenAiOptions options;
  private final HttpClient client;
  private final URI root;

  OpenAiBackend(OpenAiOptions options, Vertx vertx) {
    this.options = options;
    this.root = options.root();
    HttpClientOptions http =
        new HttpClientOptions()
            .setConnectTimeout((int) Math.max(1, options.connectTimeout().toMillis()))
            .setMaxHeaderSize(MAX_HEAD_BYTES)
            .setDecompressionSupported(false);
    PoolOptions pool =
        new PoolOptions()
            .setHttp1MaxSize(options.maxConnections())
            .setMaxWaitQueueSize(options.maxConnections());
    this.client = vertx.createHttpClient(http, pool);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    return new Upstream(options, request).start(client, head(request));
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
  public URI address() {
    return root;
  }

  @Override
  public List<String> models() {
    return options.models();
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }

  private RequestOptions head(InferenceRequest request) {
    boolean https = "https".equals(root.getScheme());
    MultiMap headers =
        MultiMap.caseInsensitiveMultiMap()
            .set("content-type", "application/json")
            .set("accept", request.info().stream() ? "text/event-stream" : "application/json")
            .set("accept-encoding", "identity")
            .set("x-request-id", request.info().id());
    long deadline = request.info().deadlineNanos();
    if (deadline != Long.MAX_VALUE) {
      long millis = (deadline - request.call().home().nanos()) / 1_000_000;
      headers.set("x-forebay-deadline-ms", Long.toString(Math.max(1, millis)));
    }
    String key = options.key();
    if (key != null) {
      headers.set("authorization", "Bearer " + key);
    }
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
