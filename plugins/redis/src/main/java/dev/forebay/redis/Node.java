package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One server, or the master that the sentinels name, by the Vert.x client: one connection on the
 * gateway's event loop, on which commands follow each other without waiting for replies. A pool
 * with a command per connection was rejected: if the server stalls, the pool's queue fills instead.
 *
 * <p>If the connection breaks, or if commands wait on it and nothing was heard for the socket
 * timeout, the client is closed with all it knows, and the next command makes a new one. A new one
 * asks the sentinels again, another one first.
 */
final class Node {

  private final Supplier<io.vertx.redis.client.Redis> clients;
  private final Timeline timeline;
  private final long silenceNanos;
  private final boolean sentinel;
  private @Nullable Link link;
  private boolean closed;

  /**
   * A server; the first command connects.
   *
   * @param address of the server; null for what the options name
   */
  Node(Redis options, @Nullable String address, Vertx vertx, Timeline timeline) {
    int[] made = {0};
    this.clients =
        () ->
            address == null
                ? Clients.client(options, vertx, made[0]++)
                : Clients.client(options, vertx, address);
    this.timeline = timeline;
    this.silenceNanos = options.socketTimeout().toNanos();
    this.sentinel = options.topology() == Redis.Topology.SENTINEL;
  }

  /** Makes the connection now, if there is none. */
  void connect() {
    if (!closed) {
      link();
    }
  }

  /** Sends a command; fails with {@link RedisFailure}. */
  Future<@Nullable Response> send(Request request) {
    return use(connection -> connection.send(request));
  }

  /** Sends a command for a slot that is on its way to this server. */
  Future<@Nullable Response> sendAsking(Request request) {
    return use(
        connection ->
            connection
                .batch(List.of(Request.cmd(Command.ASKING), request))
                .map(replies -> replies.get(1)));
  }

  private Future<@Nullable Response> use(
      Function<RedisConnection, Future<@Nullable Response>> command) {
    if (closed) {
      return Future.failedFuture(new RedisFailure(Reason.GONE, "closed"));
    }
    Promise<@Nullable Response> answer = Promise.promise();
    Link sending = link();
    sending.begin(timeline.nanos());
    sending
        .connection
        .future()
        .compose(command)
        .onComplete(
            result ->
                timeline.execute(
                    () -> {
                      sending.heard(timeline.nanos());
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
    boolean otherMaster = failure.reason() == Reason.READ_ONLY && sentinel;
    if (failure.reason() == Reason.GONE || otherMaster) {
      drop(sending);
    }
    return failure;
  }

  private Link link() {
    Link current = link;
    if (current != null && current.silent(timeline.nanos())) {
      drop(current);
      current = null;
    }
    if (current == null) {
      current = new Link();
      link = current;
    }
    return current;
  }

  private void drop(Link old) {
    if (link == old) {
      link = null;
      old.client.close();
      old.connection.tryFail(new RedisFailure(Reason.GONE, "given up"));
    }
  }

  /** Closes the connection; what is under way fails. */
  Future<Void> close() {
    closed = true;
    Link old = link;
    link = null;
    return old == null ? Future.succeededFuture() : old.client.close();
  }

  /** A client with its connection, or on the way to it. */
  private final class Link {
    private final io.vertx.redis.client.Redis client = clients.get();
    private final Promise<RedisConnection> connection = Promise.promise();
    private int underWay;
    private long heardNanos;

    Link() {
      timeline.after(0, this::connect); // on the context of the timeline, not of a request
    }

    private void begin(long now) {
      if (underWay++ == 0) {
        heardNanos = now;
      }
    }

    private void heard(long now) {
      underWay--;
      heardNanos = now;
    }

    private boolean silent(long now) {
      return underWay > 0 && now - heardNanos >= silenceNanos;
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
                          connection.tryFail(Clients.failure(result.cause()));
                          drop(this);
                        } else {
                          connection.tryComplete(result.result());
                        }
                      }));
    }
  }
}
