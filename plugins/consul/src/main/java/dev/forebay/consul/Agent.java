package dev.forebay.consul;

import dev.forebay.net.HttpAddress;
import dev.forebay.net.HttpClients;
import dev.forebay.spi.Call;
import dev.forebay.spi.Registration;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The HTTP API of a Consul agent: the one question that is asked of it. */
final class Agent implements ConsulSource.Api {

  private static final int CONNECT_MILLIS = 5_000;
  private static final int MAX_BYTES = 16 << 20;

  /** Beyond {@code wait}, of which Consul adds up to a sixteenth at random. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private final Consul options;
  private final HttpClient client;
  private final HttpAddress root;
  private final long patienceNanos;

  Agent(Consul options, Vertx vertx) {
    this.options = options;
    this.root = options.root();
    Duration wait = options.maxWait();
    this.patienceNanos = wait.plus(wait.dividedBy(16)).plus(GRACE).toNanos();
    HttpClientOptions http = new HttpClientOptions().setConnectTimeout(CONNECT_MILLIS);
    if (options.ca() != null) {
      http.setTrustOptions(new PemTrustOptions().addCertPath(options.ca()));
    }
    this.client = HttpClients.create(vertx, http);
  }

  @Override
  public Future<ConsulSource.Answer> ask(long index, Call call) {
    Promise<ConsulSource.Answer> answer = Promise.promise();
    Registration patience =
        call.timeline().after(patienceNanos, () -> answer.tryFail("no answer in time"));
    Registration end = call.onEnd(() -> answer.tryFail("given up"));
    client
        .request(target(index))
        .onComplete(
            (request, refused) -> {
              if (request == null) {
                answer.tryFail("no connection (" + name(refused) + ")");
              } else {
                send(request, answer);
              }
            });
    return answer
        .future()
        .onComplete(
            over -> {
              patience.cancel();
              end.cancel();
            });
  }

  private void send(HttpClientRequest request, Promise<ConsulSource.Answer> answer) {
    request.exceptionHandler(broken -> answer.tryFail("broken (" + name(broken) + ")"));
    answer.future().onFailure(given -> request.reset());
    if (!answer.future().isComplete()) {
      request
          .send()
          .onComplete(
              (response, broken) -> {
                if (response == null) {
                  answer.tryFail("broken (" + name(broken) + ")");
                } else {
                  read(response, answer);
                }
              });
    }
  }

  private void read(HttpClientResponse response, Promise<ConsulSource.Answer> answer) {
    Buffer body = Buffer.buffer();
    response.exceptionHandler(broken -> answer.tryFail("broken (" + name(broken) + ")"));
    response.handler(
        piece -> {
          body.appendBuffer(piece);
          if (body.length() > MAX_BYTES) {
            answer.tryFail("an answer of more than 16 MiB");
          }
        });
    response.endHandler(
        nothing -> {
          try {
            answer.tryComplete(answer(response, body));
          } catch (IllegalArgumentException e) {
            answer.tryFail(String.valueOf(e.getMessage()));
          }
        });
  }

  private static ConsulSource.Answer answer(HttpClientResponse response, Buffer body) {
    if (response.statusCode() != 200) {
      throw new IllegalArgumentException(refusal(response.statusCode()));
    }
    return Services.read(body).at(index(response.getHeader("x-consul-index")));
  }

  private static String refusal(int status) {
    return switch (status) {
      case 403 -> "status 403: the token may not read the service and its nodes";
      case 500 -> "status 500: the agent has no answer, perhaps no cluster leader";
      default -> "status " + status + " (expected: 200)";
    };
  }

  private static long index(@Nullable String header) {
    try {
      return header == null ? 0 : Math.max(0, Long.parseLong(header.trim()));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private RequestOptions target(long index) {
    StringBuilder path = new StringBuilder(root.path());
    path.append("/v1/health/service/").append(encoded(options.service())).append("?passing=1");
    options.tags().forEach(tag -> path.append("&tag=").append(encoded(tag)));
    add(path, "dc", options.datacenter());
    add(path, "ns", options.namespace());
    if (index > 0) {
      path.append("&index=").append(index).append("&wait=").append(options.maxWait().toSeconds());
      path.append('s');
    }
    RequestOptions target =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setServer(SocketAddress.inetSocketAddress(root.port(), root.host()))
            .setHost(root.name())
            .setPort(root.port())
            .setSsl(root.https())
            .setURI(path.toString());
    if (options.token() != null) {
      target.putHeader("X-Consul-Token", options.token());
    }
    return target;
  }

  private static void add(StringBuilder path, String name, @Nullable String value) {
    if (value != null) {
      path.append('&').append(name).append('=').append(encoded(value));
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String name(Throwable thrown) {
    return thrown.getClass().getSimpleName();
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }
}
