package dev.forebay.redis;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A channel that is listened to over a connection of its own, and over a new one where that breaks;
 * tries follow each other in growing distances, 5 s at most.
 */
final class Subscription {

  private static final long FIRST_WAIT_NANOS = 50_000_000;
  private static final long MOST_WAIT_NANOS = 5_000_000_000L;
  private static final int PARTS = 3;

  private final Redis.Options options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final String channel;
  private final Consumer<String> message;
  private final Runnable resumed;
  private @Nullable Line line;
  private Registration retry = Registration.NONE;
  private long waitNanos = FIRST_WAIT_NANOS;
  private boolean closed;

  Subscription(
      Redis.Options options,
      Vertx vertx,
      Timeline timeline,
      String channel,
      Consumer<String> message,
      Runnable resumed) {
    this.options = options;
    this.vertx = vertx;
    this.timeline = timeline;
    this.channel = channel;
    this.message = message;
    this.resumed = resumed;
    this.retry = timeline.after(0, this::open);
  }

  void close() {
    closed = true;
    retry.cancel();
    end(line);
  }

  private void open() {
    if (!closed) {
      Line opened = new Line();
      line = opened;
      opened.connect();
    }
  }

  /** A line broke, or was not to be had. */
  private void broken(Line old) {
    if (line != old) {
      return;
    }
    end(old);
    if (!closed) {
      retry = timeline.after(waitNanos, this::open);
      waitNanos = Math.min(2 * waitNanos, MOST_WAIT_NANOS);
    }
  }

  private void end(@Nullable Line old) {
    line = null;
    if (old != null) {
      old.client.close();
    }
  }

  /** It is listened to: what was published before is lost. */
  private void listening() {
    waitNanos = FIRST_WAIT_NANOS;
    resumed.run();
  }

  /** One connection, of a client of its own. */
  private final class Line {
    private final io.vertx.redis.client.Redis client = Clients.client(options, vertx);

    void connect() {
      client
          .connect()
          .compose(this::listen)
          .onFailure(thrown -> timeline.execute(() -> broken(this)));
    }

    private io.vertx.core.Future<Response> listen(RedisConnection connection) {
      connection.endHandler(end -> timeline.execute(() -> broken(this)));
      connection.exceptionHandler(thrown -> timeline.execute(() -> broken(this)));
      connection.handler(reply -> timeline.execute(() -> heard(reply)));
      return connection.send(Request.cmd(Command.SUBSCRIBE).arg(channel));
    }

    private void heard(@Nullable Response reply) {
      if (line != this || reply == null || reply.size() != PARTS) {
        return;
      }
      String kind = reply.get(0).toString();
      if (kind.equals("subscribe")) {
        listening();
      } else if (kind.equals("message")) {
        message.accept(reply.get(2).toString());
      }
    }
  }
}
