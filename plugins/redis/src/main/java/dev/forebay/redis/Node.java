package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One server, or the master that the sentinels name, by the Vert.x client: one connection on the
 * gateway's event loop, on which commands follow each other without waiting for replies. A pool
 * with a command per connection was rejected: if the server stalls, the pool's queue fills instead.
 *
 * <p>If the connection breaks, or if commands wait on it and nothing was heard for the socket
 * timeout, the client is closed with all it knows, its commands fail, and the next command makes a
 * new one. A new one asks the sentinels again, another one first. So no future of the client is
 * waited for without a bound, whether another command comes or not.
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
    timeline.check();
    if (closed) {
      return Future.failedFuture(gone("closed"));
    }
    Link sending = link();
    Promise<@Nullable Response> answer = Promise.promise();
    sending.begin(answer);
    sending
        .connection
        .future()
        .compose(command)
        .onComplete(result -> timeline.execute(() -> answered(sending, answer, result)));
    return answer.future();
  }

  private void answered(
      Link sending, Promise<@Nullable Response> answer, AsyncResult<@Nullable Response> result) {
    sending.end(answer);
    if (result.succeeded()) {
      answer.tryComplete(result.result());
    } else {
      answer.tryFail(failed(sending, result.cause()));
    }
  }

  /** Errors of the server leave the connection as it is; everything else ends it. */
  private RedisFailure failed(Link sending, Throwable thrown) {
    RedisFailure failure = Clients.failure(thrown);
    boolean otherMaster = failure.reason() == Reason.READ_ONLY && sentinel;
    if (failure.reason() == Reason.GONE || otherMaster) {
      drop(sending, failure);
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

  private void drop(Link old, RedisFailure why) {
    if (link == old) {
      link = null;
      old.close(why);
    }
  }

  /** Closes the connection; what is under way fails. */
  Future<Void> close() {
    closed = true;
    Link old = link;
    link = null;
    return old == null ? Future.succeededFuture() : old.close(gone("closed"));
  }

  /** A client with its connection, or on the way to it. */
  private final class Link {
    private final io.vertx.redis.client.Redis client = clients.get();
    private final Promise<RedisConnection> connection = Promise.promise();
    private final Set<Promise<?>> underWay = new LinkedHashSet<>();
    private Registration watch = Registration.NONE;
    private boolean watched;
    private long heardNanos;

    Link() {
      begin(connection);
      timeline.after(0, this::connect); // on the context of the timeline, not of a request
    }

    private void begin(Promise<?> waiting) {
      if (underWay.isEmpty()) {
        heardNanos = timeline.nanos();
      }
      underWay.add(waiting);
      if (!watched) {
        watch(silenceNanos);
      }
    }

    private void end(Promise<?> waiting) {
      underWay.remove(waiting);
      heardNanos = timeline.nanos();
    }

    /** One timer for each time of silence that may be, not for each command. */
    private void watch(long nanos) {
      watched = true;
      watch = timeline.after(nanos, this::listen);
    }

    private void listen() {
      watched = false;
      long left = heardNanos + silenceNanos - timeline.nanos();
      if (underWay.isEmpty()) {
        return;
      }
      if (left > 0) {
        watch(left);
      } else {
        drop(this, gone("nothing was heard for " + silenceNanos / 1_000_000 + " ms"));
      }
    }

    private Future<Void> close(RedisFailure why) {
      watch.cancel();
      Future<Void> closing = client.close();
      List.copyOf(underWay).forEach(waiting -> waiting.tryFail(why));
      return closing;
    }

    private void connect() {
      client
          .connect()
          .onSuccess(
              made -> {
                made.endHandler(end -> lost(gone("the connection ended")));
                made.exceptionHandler(thrown -> lost(Clients.failure(thrown)));
              })
          .onComplete(result -> timeline.execute(() -> connected(result)));
    }

    private void connected(AsyncResult<RedisConnection> result) {
      end(connection);
      if (result.succeeded()) {
        connection.tryComplete(result.result());
      } else {
        RedisFailure failure = Clients.failure(result.cause());
        connection.tryFail(failure);
        drop(this, failure);
      }
    }

    private void lost(RedisFailure why) {
      timeline.execute(() -> drop(this, why));
    }
  }

  private static RedisFailure gone(String why) {
    return new RedisFailure(Reason.GONE, why);
  }
}
