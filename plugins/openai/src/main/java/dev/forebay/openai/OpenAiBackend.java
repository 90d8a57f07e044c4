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
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.URI;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An OpenAI-compatible API. */
final class OpenAiBackend implements Backend {

  private static final CharSequence REQUEST_ID = HttpHeaders.createOptimized("x-request-id");
  private static final CharSequence DEADLINE = HttpHeaders.createOptimized("x-forebay-deadline-ms");
  private static final CharSequence IDENTITY = HttpHeaders.createOptimized("identity");
  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final CharSequence EVENT_STREAM = HttpHeaders.createOptimized("text/event-stream");

  private final OpenAiOptions options;
  private final HttpClient client;
  private final ApiKey key;
  private final @Nullable TenantMark mark;
  private final URI root;
  private final boolean https;
  private final int port;
  private final long connectTimeoutMillis;
  private final Map<Operation, String> paths;

  OpenAiBackend(OpenAiOptions options, Vertx vertx, Timeline timeline) {
    this.options = options;
    this.root = options.root();
    this.https = "https".equals(root.getScheme());
    this.port = root.getPort() > 0 ? root.getPort() : https ? 443 : 80;
    this.connectTimeoutMillis = Math.max(1, options.connectTimeout().toMillis());
    this.paths = paths(root);
    String tenantField = options.tenantField();
    this.mark = tenantField == null ? null : new TenantMark(tenantField);
    this.client = Clients.create(options, vertx);
    String file = options.keyFile();
    this.key =
        file == null
            ? ApiKey.fixed(options.key(), timeline)
            : ApiKey.in(() -> vertx.fileSystem().readFile(file), options.keyRefresh(), timeline);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    return new Upstream(options, marked(request), key)
        .start(client, secret -> head(request, secret), key.current());
  }

  private InferenceRequest marked(InferenceRequest request) {
    return mark == null
        ? request
        : request.with(request.info(), mark.on(request.body(), request.info().caller().tenant()));
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
  public URI address() {
    return root;
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
    MultiMap headers =
        HttpHeaders.headers()
            .set(HttpHeaders.CONTENT_TYPE, JSON)
            .set(HttpHeaders.ACCEPT, Upstream.streamed(request) ? EVENT_STREAM : JSON)
            .set(HttpHeaders.ACCEPT_ENCODING, IDENTITY)
            .set(REQUEST_ID, request.info().id());
    long deadline = request.info().deadlineNanos();
    if (deadline != Long.MAX_VALUE) {
      long millis = (deadline - request.call().home().nanos()) / 1_000_000;
      headers.set(DEADLINE, Long.toString(Math.max(1, millis)));
    }
    if (secret.isPresent()) {
      headers.set(HttpHeaders.AUTHORIZATION, "Bearer " + secret.get());
    }
    options.headers().forEach(headers::set);
    return new RequestOptions()
        .setMethod(HttpMethod.POST)
        .setHost(root.getHost())
        .setPort(port)
        .setSsl(https)
        .setURI(paths.get(request.info().operation()))
        .setConnectTimeout(connectTimeoutMillis)
        .setFollowRedirects(false)
        .setHeaders(headers);
  }

  private static Map<Operation, String> paths(URI root) {
    Map<Operation, String> paths = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      paths.put(operation, root.getRawPath() + operation.path().substring("/v1".length()));
    }
    return paths;
  }
}
