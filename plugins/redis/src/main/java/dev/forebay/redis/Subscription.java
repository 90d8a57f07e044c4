package dev.forebay.redis;

import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A channel that is listened to over a connection of its own, and over a new one where that breaks;
 * tries follow each other in growing distances, 5 s at most.
 *
 * <p>A connection may die without a word. So a beat is published regularly, over the connection of
 * the commands, on a channel that nobody else listens to: a line on which nothing was heard from
 * one beat to the next is given up, be it still on its way or long made. PING was rejected: a beat
 * shows that what is published arrives, which is what counts.
 */
final class Subscription {

  private static final long FIRST_WAIT_NANOS = 50_000_000;
  private static final long MOST_WAIT_NANOS = 5_000_000_000L;
  private static final int PARTS = 3;

  private final Redis options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final Supplier<@Nullable String> at;
  private final String channel;
  private final String beats;
  private final Consumer<String> publisher;
  private final long beatNanos;
  private final Consumer<String> message;
  private final Runnable resumed;
  private @Nullable Line line;
  private Registration retry = Registration.NONE;
  private long waitNanos = FIRST_WAIT_NANOS;
  private int tries;
  private boolean closed;

  /**
   * A subscription.
   *
   * @param at the address of a node of a Cluster, another one at each call; null for what the
   *     options name
   * @param self what no other gateway is called
   * @param publisher publishes an empty message on a channel, if it can
   */
  Subscription(
      Redis options,
      Vertx vertx,
      Timeline timeline,
      Supplier<@Nullable String> at,
      String channel,
      String self,
      Consumer<String> publisher,
      Consumer<String> message,
      Runnable resumed) {
    this.options = options;
    this.vertx = vertx;
    this.timeline = timeline;
    this.at = at;
    this.channel = channel;
    this.beats = channel + ":beats:" + self;
    this.publisher = publisher;
    this.beatNanos = options.socketTimeout().toNanos();
    this.message = message;
    this.resumed = resumed;
  }

  void close() {
    closed = true;
    retry.cancel();
    end(line);
  }

  /** Connects, and again if that fails; on the timeline. */
  void open() {
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

  private io.vertx.redis.client.Redis client() {
    String node = at.get();
    return node == null
        ? Clients.client(options, vertx, tries++)
        : Clients.client(options, vertx, node);
  }

  private void end(@Nullable Line old) {
    line = null;
    if (old != null) {
      old.beat.cancel();
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
    private final io.vertx.redis.client.Redis client = client();
    private Registration beat = Registration.NONE;
    private boolean heard;

    void connect() {
      beat = timeline.after(beatNanos, this::beat);
      client
          .connect()
          .compose(this::listen)
          .onFailure(thrown -> timeline.execute(() -> broken(this)));
    }

    private void beat() {
      if (!heard) {
        broken(this);
        return;
      }
      heard = false;
      publisher.accept(beats);
      beat = timeline.after(beatNanos, this::beat);
    }

    private io.vertx.core.Future<Response> listen(RedisConnection connection) {
      connection.endHandler(end -> timeline.execute(() -> broken(this)));
      connection.exceptionHandler(thrown -> timeline.execute(() -> broken(this)));
      connection.handler(reply -> timeline.execute(() -> heard(reply)));
      return connection.send(Request.cmd(Command.SUBSCRIBE).arg(channel).arg(beats));
    }

    private void heard(@Nullable Response reply) {
      if (line != this || reply == null || reply.size() != PARTS) {
        return;
      }
      heard = true;
      String kind = reply.get(0).toString();
      boolean mine = reply.get(1).toString().equals(channel);
      if (mine && kind.equals("subscribe")) {
        listening();
      } else if (mine && kind.equals("message")) {
        message.accept(reply.get(2).toString());
      }
    }
  }
}
