package dev.forebay.redis;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A wire to a server that can be cut so that neither end notices: connections stay, and what is
 * sent over them is lost. Those that are made later carry everything.
 */
final class Wire {

  private final NetServer server;
  private final NetClient client;
  private final int port;
  private final AtomicInteger connections = new AtomicInteger();
  private volatile int dead;

  /** A wire to a port of this machine, open as long as the Vert.x instance. */
  Wire(Vertx vertx, int port) {
    this.client = vertx.createNetClient();
    this.port = port;
    this.server = vertx.createNetServer().connectHandler(this::connected);
    server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
  }

  String url() {
    return "redis://127.0.0.1:" + server.actualPort();
  }

  /** How many connections were made so far. */
  int connections() {
    return connections.get();
  }

  /** Cuts all connections that there are. */
  void cut() {
    dead = connections.get();
  }

  private void connected(NetSocket near) {
    int number = connections.incrementAndGet();
    near.pause();
    Future<NetSocket> connected = client.connect(port, "127.0.0.1");
    connected
        .onSuccess(
            far -> {
              pass(far, near, number);
              pass(near, far, number);
              near.resume();
            })
        .onFailure(refused -> near.close());
  }

  private void pass(NetSocket from, NetSocket to, int number) {
    from.handler(
        data -> {
          if (number > dead) {
            to.write(data);
          }
        });
    from.exceptionHandler(broken -> {});
    from.closeHandler(
        closed -> {
          if (number > dead) {
            to.close();
          }
        });
  }
}
