package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
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

/** The wire by the Vert.x client: commands as its requests, each to the server it belongs to. */
final class VertxStore implements RedisStore, RedisWire {

  private final String self;
  private final Redis options;
  private final Vertx vertx;
  private final Timeline timeline;
  private final Nodes nodes;
  private final List<Subscription> subscriptions = new ArrayList<>();
  private boolean closed;

  /**
   * A wire.
   *
   * @param self what no other gateway is called
   */
  VertxStore(Redis options, Vertx vertx, Timeline timeline, String self) {
    this.self = self;
    this.options = options;
    this.vertx = vertx;
    this.timeline = timeline;
    if (options.topology() == Redis.Topology.CLUSTER) {
      this.nodes = new Cluster(options, vertx, timeline);
      timeline.execute(nodes::lookAgain);
    } else {
      Node one = new Node(options, null, vertx, timeline);
      this.nodes = new Nodes.One(one);
      timeline.execute(one::connect);
    }
  }

  @Override
  public String server(String key) {
    return nodes.of(key);
  }

  @Override
  public void lookAgain() {
    nodes.lookAgain();
  }

  @Override
  public Future<@Nullable Buffer> get(String key) {
    return send(key, Request.cmd(Command.GET).arg(key))
        .map(reply -> reply == null ? null : reply.toBuffer());
  }

  @Override
  public Future<Void> set(String key, Buffer value, long ttlMillis) {
    return send(key, Request.cmd(Command.SET).arg(key).arg(value).arg("PX").arg(ttlMillis))
        .mapEmpty();
  }

  @Override
  public Future<Void> remove(String key) {
    return send(key, Request.cmd(Command.UNLINK).arg(key)).mapEmpty();
  }

  @Override
  public Future<List<Long>> run(RedisScript script, String key, List<String> arguments) {
    return evaluate(script, key, arguments.stream().map(Buffer::buffer).toList())
        .map(VertxStore::numbers);
  }

  @Override
  public Future<@Nullable Response> evaluate(
      RedisScript script, String key, List<Buffer> arguments) {
    return evaluate(Command.EVALSHA, script.sha1(), key, arguments)
        .recover(
            thrown ->
                thrown instanceof RedisFailure failure && failure.said().startsWith("NOSCRIPT")
                    ? evaluate(Command.EVAL, script.text(), key, arguments)
                    : Future.failedFuture(thrown));
  }

  private Future<@Nullable Response> evaluate(
      Command command, String script, String key, List<Buffer> arguments) {
    Request request = Request.cmd(command).arg(script).arg(1).arg(key);
    arguments.forEach(request::arg);
    return send(key, request);
  }

  private static List<Long> numbers(@Nullable Response reply) {
    List<Long> numbers = new ArrayList<>();
    if (reply != null) {
      reply.forEach(each -> numbers.add(each.toLong()));
    }
    return numbers;
  }

  @Override
  public Future<Void> publish(String key, String channel, String message) {
    return tell(nodes.of(key), channel, message);
  }

  private Future<Void> tell(String server, String channel, String message) {
    return sendTo(server, Request.cmd(Command.PUBLISH).arg(channel).arg(message)).mapEmpty();
  }

  @Override
  public Future<Void> ping(String server) {
    return sendTo(server, Request.cmd(Command.PING)).mapEmpty();
  }

  @Override
  public Future<@Nullable String> parameter(String name) {
    return sendTo("", Request.cmd(Command.CONFIG).arg("GET").arg(name))
        .map(reply -> value(reply, name));
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
            options,
            vertx,
            timeline,
            nodes::subscribeAt,
            channel,
            self,
            beats -> tell(nodes.any(), beats, ""),
            message,
            resumed);
    timeline.after(0, () -> open(subscription)); // on the context of the timeline
    return () ->
        timeline.execute(
            () -> {
              subscriptions.remove(subscription);
              subscription.close();
            });
  }

  private void open(Subscription subscription) {
    if (!closed) {
      subscriptions.add(subscription);
      subscription.open();
    }
  }

  @Override
  public <V extends @Nullable Object> Future<V> aside(Callable<V> work) {
    return timeline.bring(vertx.executeBlocking(work, false));
  }

  @Override
  public Future<Void> close() {
    return timeline
        .ask(
            () -> {
              closed = true;
              subscriptions.forEach(Subscription::close);
              subscriptions.clear();
              return nodes.close();
            })
        .compose(Future::otherwiseEmpty);
  }

  private Future<@Nullable Response> send(String key, Request request) {
    return closed ? gone() : nodes.send(key, request);
  }

  private Future<@Nullable Response> sendTo(String server, Request request) {
    return closed ? gone() : nodes.sendTo(server, request);
  }

  private static Future<@Nullable Response> gone() {
    return Future.failedFuture(new RedisFailure(Reason.GONE, "closed"));
  }
}
