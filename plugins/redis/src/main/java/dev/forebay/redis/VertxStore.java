package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The wire by the Vert.x client: one connection (of Cluster one to each node) on the gateway's
 * event loop, on which commands follow each other without waiting for replies. A pool with a
 * command per connection was rejected: where the server stalls, its queue fills instead.
 *
 * <p>Where a connection breaks, or a probe was not answered in time, the client is thrown away with
 * all it knows of the topology, and the next command makes a new one, which asks the sentinels or
 * nodes again.
 */
final class VertxStore implements RedisStore {

  private final String self;
  private final Redis.Options options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private @Nullable Link link;
  private long pingNanos = -1;
  private boolean closed;

  /**
   * A wire.
   *
   * @param self what no other gateway is called
   */
  VertxStore(Redis.Options options, Vertx vertx, Timeline timeline, String self) {
    this.self = self;
    this.options = options;
    this.vertx = vertx;
    this.timeline = timeline;
    timeline.execute(this::link);
  }

  @Override
  public Future<@Nullable Buffer> get(String key) {
    return send(Request.cmd(Command.GET).arg(key))
        .map(reply -> reply == null ? null : reply.toBuffer());
  }

  @Override
  public Future<Void> set(String key, Buffer value, long ttlMillis) {
    return send(Request.cmd(Command.SET).arg(key).arg(value).arg("PX").arg(ttlMillis)).mapEmpty();
  }

  @Override
  public Future<Void> remove(String key) {
    return send(Request.cmd(Command.UNLINK).arg(key)).mapEmpty();
  }

  @Override
  public Future<Void> push(String key, Buffer value, int most, long ttlMillis) {
    return Future.join(
            send(Request.cmd(Command.LPUSH).arg(key).arg(value)),
            send(Request.cmd(Command.LTRIM).arg(key).arg(0).arg(most - 1)),
            send(Request.cmd(Command.PEXPIRE).arg(key).arg(ttlMillis)))
        .mapEmpty();
  }

  @Override
  public Future<List<Buffer>> list(String key) {
    return send(Request.cmd(Command.LRANGE).arg(key).arg(0).arg(-1)).map(VertxStore::values);
  }

  private static List<Buffer> values(@Nullable Response reply) {
    List<Buffer> values = new ArrayList<>();
    if (reply != null) {
      reply.forEach(each -> values.add(each.toBuffer()));
    }
    return values;
  }

  @Override
  public Future<Void> publish(String channel, String message) {
    return send(Request.cmd(Command.PUBLISH).arg(channel).arg(message)).mapEmpty();
  }

  @Override
  public Future<Void> ping() {
    long now = timeline.nanos();
    Link old = link;
    if (old != null && pingNanos >= 0 && now - pingNanos >= options.socketTimeout().toNanos()) {
      drop(old);
    }
    if (pingNanos < 0) {
      pingNanos = now;
    }
    return send(Request.cmd(Command.PING)).<Void>mapEmpty().onSuccess(done -> pingNanos = -1);
  }

  @Override
  public Future<@Nullable String> parameter(String name) {
    return send(Request.cmd(Command.CONFIG).arg("GET").arg(name)).map(reply -> value(reply, name));
  }

  /** A map in RESP3, a list in RESP2. */
  private static @Nullable String value(@Nullable Response reply, String name) {
    if (reply == null || reply.size() == 0) {
      return null;
    }
    Response value = reply.isMap() ? reply.get(name) : reply.get(1);
    return value == null ? null : value.toString();
  }

  @Override
  public Registration subscribe(String channel, Consumer<String> message, Runnable resumed) {
    Subscription subscription =
        new Subscription(
            options, vertx, timeline, channel, self, beats -> publish(beats, ""), message, resumed);
    subscriptions.add(subscription);
    return () -> {
      subscriptions.remove(subscription);
      subscription.close();
    };
  }

  @Override
  public <V extends @Nullable Object> Future<V> aside(Callable<V> work) {
    Promise<V> done = Promise.promise();
    vertx
        .executeBlocking(work, false)
        .onComplete(
            result -> timeline.execute(() -> done.complete(result.result(), result.cause())));
    return done.future();
  }

  @Override
  public Future<Void> close() {
    Promise<Void> done = Promise.promise();
    timeline.execute(
        () -> {
          closed = true;
          subscriptions.forEach(Subscription::close);
          subscriptions.clear();
          Link old = link;
          link = null;
          (old == null ? Future.<Void>succeededFuture() : old.client.close())
              .onComplete(over -> done.complete());
        });
    return done.future();
  }

  private Future<@Nullable Response> send(Request request) {
    Promise<@Nullable Response> answer = Promise.promise();
    if (closed) {
      return Future.failedFuture(new RedisFailure(Reason.GONE, "closed"));
    }
    Link sending = link();
    sending
        .connection
        .future()
        .compose(connection -> connection.send(request))
        .onComplete(
            result ->
                timeline.execute(
                    () -> {
                      if (result.succeeded()) {
                        answer.complete(result.result());
                      } else {
                        answer.fail(failed(sending, result.cause()));
                      }
                    }));
    return answer.future();
  }

  /** Errors of the server leave the connection as it is; everything else ends it. */
  private RedisFailure failed(Link sending, Throwable thrown) {
    RedisFailure failure = Clients.failure(thrown);
    boolean otherMaster =
        failure.reason() == Reason.READ_ONLY && options.topology() != Redis.Topology.SINGLE;
    if (failure.reason() == Reason.GONE || otherMaster) {
      drop(sending);
    }
    return failure;
  }

  private Link link() {
    Link current = link;
    if (current == null) {
      current = new Link();
      link = current;
    }
    return current;
  }

  private void drop(Link old) {
    if (link == old) {
      link = null;
      pingNanos = -1;
      old.client.close();
    }
  }

  /** A client with its connection, or on the way to it. */
  private final class Link {
    private final io.vertx.redis.client.Redis client = Clients.client(options, vertx);
    private final Promise<io.vertx.redis.client.RedisConnection> connection = Promise.promise();

    Link() {
      timeline.after(0, this::connect); // on the context of the timeline, not of a request
    }

    private void connect() {
      client
          .connect()
          .onSuccess(
              made -> {
                made.endHandler(end -> timeline.execute(() -> drop(this)));
                made.exceptionHandler(thrown -> timeline.execute(() -> drop(this)));
              })
          .onComplete(
              result ->
                  timeline.execute(
                      () -> {
                        if (result.failed()) {
                          drop(this);
                          connection.fail(Clients.failure(result.cause()));
                        } else {
                          connection.complete(result.result());
                        }
                      }));
    }
  }
}
