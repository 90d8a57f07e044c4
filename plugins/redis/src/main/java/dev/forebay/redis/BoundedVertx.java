package dev.forebay.redis;

import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.Completable;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.internal.VertxWrapper;
import io.vertx.core.internal.net.NetClientInternal;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.core.net.ConnectOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.spi.metrics.Metrics;
import java.util.concurrent.TimeUnit;

/**
 * A Vert.x whose TCP clients put a {@link ReplyBound} into each connection before anything is read
 * from it.
 *
 * <p>The Redis client makes its TCP client itself, and gives a connection away only after a first
 * exchange on it; so this is the only place for a bound that holds from the first byte on. It
 * reaches below the public API of Vert.x, to the Netty channel, since that has no place for it.
 */
final class BoundedVertx extends VertxWrapper {

  private final long mostBytes;

  /**
   * A Vert.x for a Redis client.
   *
   * @param mostBytes of a reply
   */
  BoundedVertx(Vertx vertx, long mostBytes) {
    super((VertxInternal) vertx);
    this.mostBytes = mostBytes;
  }

  @Override
  public NetClient createNetClient(NetClientOptions options) {
    return new Client((NetClientInternal) super.createNetClient(options));
  }

  private NetSocket bounded(NetSocket socket) {
    ChannelHandlerContext parser = ((NetSocketInternal) socket).channelHandlerContext();
    parser.pipeline().addBefore(parser.name(), "reply-bound", new ReplyBound(mostBytes));
    return socket;
  }

  /** A TCP client: all but its connections is the other's. */
  private final class Client implements NetClientInternal {

    private final NetClientInternal client;

    Client(NetClientInternal client) {
      this.client = client;
    }

    /** The socket completes on its event loop, and is read from after that. */
    @Override
    public void connectInternal(
        ConnectOptions options, Promise<NetSocket> connected, ContextInternal context) {
      Promise<NetSocket> made = context.promise();
      made.future().map(BoundedVertx.this::bounded).onComplete(connected);
      client.connectInternal(options, made, context);
    }

    @Override
    public Future<NetSocket> connect(int port, String host) {
      return client.connect(port, host).map(BoundedVertx.this::bounded);
    }

    @Override
    public Future<NetSocket> connect(int port, String host, String serverName) {
      return client.connect(port, host, serverName).map(BoundedVertx.this::bounded);
    }

    @Override
    public Future<NetSocket> connect(SocketAddress address) {
      return client.connect(address).map(BoundedVertx.this::bounded);
    }

    @Override
    public Future<NetSocket> connect(SocketAddress address, String serverName) {
      return client.connect(address, serverName).map(BoundedVertx.this::bounded);
    }

    @Override
    public Future<NetSocket> connect(ConnectOptions options) {
      return client.connect(options).map(BoundedVertx.this::bounded);
    }

    @Override
    public Future<Void> shutdown(long timeout, TimeUnit unit) {
      return client.shutdown(timeout, unit);
    }

    @Override
    public Future<Boolean> updateSSLOptions(ClientSSLOptions options, boolean force) {
      return client.updateSSLOptions(options, force);
    }

    @Override
    public void close(Completable<Void> closed) {
      client.close(closed);
    }

    @Override
    public Future<Void> closeFuture() {
      return client.closeFuture();
    }

    @Override
    public Metrics getMetrics() {
      return client.getMetrics();
    }

    @Override
    public boolean isMetricsEnabled() {
      return client.isMetricsEnabled();
    }
  }
}
