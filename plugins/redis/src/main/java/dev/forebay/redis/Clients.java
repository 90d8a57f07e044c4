package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Clients of Vert.x by the options of a cache, and what their failures mean. Replies are bounded
 * ({@link ReplyBound}).
 */
final class Clients {

  private Clients() {}

  /**
   * A client of one server, or of the master that the sentinels name.
   *
   * @param turn which sentinel is asked first: one that stands still must not stop every client
   */
  static io.vertx.redis.client.Redis client(Redis options, Vertx vertx, int turn) {
    List<String> servers = new ArrayList<>(options.servers());
    Collections.rotate(servers, -turn);
    String database = options.database() == 0 ? "" : "/" + options.database();
    return client(options, vertx, servers.stream().map(server -> server + database).toList());
  }

  /** A client of one node of a Cluster. */
  static io.vertx.redis.client.Redis client(Redis options, Vertx vertx, String node) {
    return client(options, vertx, List.of(node));
  }

  private static io.vertx.redis.client.Redis client(
      Redis options, Vertx vertx, List<String> servers) {
    RedisOptions client =
        new RedisOptions()
            .setType(
                options.topology() == Redis.Topology.SENTINEL
                    ? RedisClientType.SENTINEL
                    : RedisClientType.STANDALONE)
            .setMasterName(options.masterName())
            .setMaxWaitingHandlers(options.maxOutstanding() + 16)
            .setNetClientOptions(network(options));
    servers.forEach(client::addConnectionString);
    String password = options.password();
    if (password != null) {
      client.setPassword(password);
      String user = options.user();
      client.setUser(user == null ? "default" : user);
    }
    return io.vertx.redis.client.Redis.createClient(
        new BoundedVertx(vertx, ReplyBound.mostBytes(options)), client);
  }

  private static NetClientOptions network(Redis options) {
    NetClientOptions network =
        new NetClientOptions()
            .setTcpKeepAlive(true)
            .setTcpNoDelay(true)
            .setConnectTimeout((int) Math.max(1, options.socketTimeout().toMillis()));
    boolean tls = options.servers().get(0).toLowerCase(Locale.ROOT).startsWith("rediss:");
    return tls ? network.setHostnameVerificationAlgorithm("HTTPS") : network;
  }

  /** What a failure of the client means: an error of the server, or the end of the connection. */
  static RedisFailure failure(Throwable thrown) {
    if (thrown instanceof RedisFailure known) {
      return known;
    }
    String message = String.valueOf(thrown.getMessage());
    return thrown instanceof io.vertx.redis.client.Response
        ? RedisFailure.of(message)
        : new RedisFailure(Reason.GONE, message.lines().findFirst().orElse(""));
  }
}
