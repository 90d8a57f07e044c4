package dev.forebay.redis;

import io.vertx.core.Future;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import org.jspecify.annotations.Nullable;

/** Which server a command goes to. On the gateway's timeline only. */
interface Nodes {

  /** The server that holds a key, as {@link RedisStore#server(String)} names it. */
  String of(String key);

  /** Sends a command to the server that holds a key; fails with {@link RedisFailure}. */
  Future<@Nullable Response> send(String key, Request request);

  /** Sends a command to a server, by its name; fails with {@link RedisFailure}. */
  Future<@Nullable Response> sendTo(String server, Request request);

  /** A server that answered a short while ago, or at least may; by its name. */
  String any();

  /** The address to subscribe at, another one at each call if there are several; null for all. */
  @Nullable String subscribeAt();

  /** As {@link RedisStore#lookAgain()}. */
  void lookAgain();

  /** Closes all connections. */
  Future<Void> close();

  /** One server, or the master that the sentinels name. */
  record One(Node node) implements Nodes {

    @Override
    public String of(String key) {
      return "";
    }

    @Override
    public Future<@Nullable Response> send(String key, Request request) {
      return node.send(request);
    }

    @Override
    public Future<@Nullable Response> sendTo(String name, Request request) {
      return node.send(request);
    }

    @Override
    public String any() {
      return "";
    }

    @Override
    public @Nullable String subscribeAt() {
      return null;
    }

    @Override
    public void lookAgain() {}

    @Override
    public Future<Void> close() {
      return node.close();
    }
  }
}
