package dev.forebay.openai;

import dev.forebay.dialect.JsonBody;
import dev.forebay.net.HttpAddress;
import dev.forebay.net.RotatingClient;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.metrics.Counter;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An OpenAI-compatible API. */
final class OpenAiBackend implements Backend {

  /** Headers that differ for each request, and change no answer. */
  private static final Set<String> TRACING =
      Set.of(
          "traceparent",
          "tracestate",
          "b3",
          "x-b3-traceid",
          "x-b3-spanid",
          "x-b3-parentspanid",
          "x-b3-sampled",
          "x-b3-flags",
          "x-b3-*",
          "x-amzn-trace-id",
          "x-cloud-trace-context",
          "x-datadog-*",
          "uber-trace-id",
          "x-correlation-id",
          "x-client-request-id");

  private final OpenAi options;
  private final RotatingClient client;
  private final MemoryBudget memory;
  private final Counter written;
  private final ApiKey key;
  private final @Nullable TenantMark mark;
  private final Facts facts;
  private final Map<Operation, RequestOptions> targets;

  OpenAiBackend(
      OpenAi options, Vertx vertx, Timeline timeline, MemoryBudget memory, Counter written) {
    this.options = options;
    this.memory = memory;
    this.written = written;
    this.facts = facts(options);
    this.targets = targets(options);
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
    RequestOptions target = Objects.requireNonNull(targets.get(request.info().operation()));
    return new Upstream(options, marked(continued(request)), key, memory, written)
        .start(client, target, key.current());
  }

  private InferenceRequest continued(InferenceRequest request) {
    Continues continues = options.continues();
    return continues == null ? request : continues.asked(request);
  }

  private InferenceRequest marked(InferenceRequest request) {
    JsonBody body = mark == null ? null : JsonBody.of(request);
    return mark == null || body == null
        ? request
        : mark.on(body, request.info().caller().tenant()).in(request);
  }

  private static Facts facts(OpenAi options) {
    String account = options.account();
    return Facts.of(options.id())
        .withAccount(account == null ? options.id() : account)
        .withAddress(options.root())
        .withModels(options.models())
        .withContinues(options.continues() != null)
        .withPassedHeaders(
            options.passHeaders().stream().filter(name -> !TRACING.contains(name)).toList());
  }

  @Override
  public Facts facts() {
    return facts;
  }

  @Override
  public void onAccountRenewed(Runnable action) {
    key.onRenewed(action);
  }

  @Override
  public Future<List<String>> askModels() {
    return options.models().isEmpty()
        ? key.current().compose(secret -> ModelList.ask(client, options, secret))
        : Future.succeededFuture(options.models());
  }

  @Override
  public Future<Void> close() {
    key.close();
    return client.close();
  }

  /** What requests of each operation are sent to: the same for all. */
  private static Map<Operation, RequestOptions> targets(OpenAi options) {
    Map<Operation, RequestOptions> targets = new EnumMap<>(Operation.class);
    for (Operation operation : Operation.values()) {
      String path = operation.path().substring("/v1".length());
      targets.put(operation, target(options, HttpMethod.POST, path));
    }
    return targets;
  }

  /** Where requests to a path below the root go, without headers. */
  static RequestOptions target(OpenAi options, HttpMethod method, String path) {
    HttpAddress root = options.address();
    return new RequestOptions()
        .setMethod(method)
        .setServer(SocketAddress.inetSocketAddress(root.port(), root.host()))
        .setHost(root.name())
        .setPort(root.port())
        .setSsl(root.https())
        .setURI(root.path() + path)
        .setConnectTimeout(Math.max(1, options.connectTimeout().toMillis()))
        .setFollowRedirects(false);
  }
}
