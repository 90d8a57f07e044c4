package dev.forebay.health.tcp;

import dev.forebay.net.HttpAddress;
import dev.forebay.spi.Call;
import dev.forebay.spi.Registration;
import dev.forebay.spi.policy.Backend;
import dev.forebay.spi.policy.HealthProbe;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.net.URI;

/** A connection that is opened and closed at once. */
final class TcpProbe implements HealthProbe {

  private static final int CONNECT_MILLIS = 60_000; // the call ends long before

  private final int port;
  private final NetClient client;

  TcpProbe(Tcp options, Vertx vertx) {
    this.port = options.port();
    this.client = vertx.createNetClient(new NetClientOptions().setConnectTimeout(CONNECT_MILLIS));
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
    Promise<Void> answer = Promise.promise();
    Registration end = call.onEnd(() -> answer.tryFail("no connection in time"));
    client
        .connect(port == 0 ? address.port() : port, address.host())
        .onComplete(
            (socket, refused) -> {
              end.cancel();
              if (socket != null) {
                socket.close();
                answer.tryComplete();
              } else {
                answer.tryFail("no connection: " + refused.getClass().getSimpleName());
              }
            });
    return answer.future();
  }

  @Override
  public Future<Void> close() {
    return client.close();
  }
}
