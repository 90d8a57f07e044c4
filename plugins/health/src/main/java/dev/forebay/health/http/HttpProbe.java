package dev.forebay.health.http;

import dev.forebay.net.HttpAddress;
import dev.forebay.net.HttpClients;
import dev.forebay.spi.Call;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.SocketAddress;
import java.net.URI;

/** A GET on a connection of its own: one that is kept would not show that new ones are refused. */
final class HttpProbe implements HealthProbe {

  private static final int CONNECT_MILLIS = 60_000; // the call ends long before

  private final Http options;
  private final HttpClient client;

  HttpProbe(Http options, Vertx vertx) {
    this.options = options;
    HttpClientOptions http =
        new HttpClientOptions()
            .setKeepAlive(false)
            .setConnectTimeout(CONNECT_MILLIS)
            .setVerifyHost(options.verifyHost());
    if (options.trust() != null) {
      http.setTrustOptions(new PemTrustOptions().addCertPath(options.trust()));
    }
    HttpAddress proxy = options.proxyAddress();
    if (proxy != null) {
      http.setProxyOptions(new ProxyOptions().setHost(proxy.host()).setPort(proxy.port()));
    }
    this.client = HttpClients.create(vertx, http);
  }

  @Override
  public Future<Void> probe(Backend backend, Call call) {
    HttpAddress address;
    try {
      URI url = backend.facts().address();
      if (url == null) {
        return Future.failedFuture("it has no address (expected: a backend with a URL)");
      }
      address = HttpAddress.of(url);
    } catch (RuntimeException e) {
      return Future.failedFuture("it has no address: " + e.getClass().getSimpleName());
    }
    if (call.ended()) {
      return Future.failedFuture("the call has ended");
    }
    return new Question(options, call).ask(client, target(address));
  }

  private RequestOptions target(HttpAddress address) {
    int port = options.port() == 0 ? address.port() : options.port();
    RequestOptions target =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setServer(SocketAddress.inetSocketAddress(port, address.host()))
            .setHost(address.name())
            .setPort(port)
            .setSsl(address.https())
            .setURI(options.path());
    options.headers().forEach(target::putHeader);
    return target;
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }
}
