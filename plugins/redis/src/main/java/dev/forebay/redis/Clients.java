package dev.forebay.redis;

import dev.forebay.redis.RedisFailure.Reason;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClientOptions;
import io.vertx.redis.client.RedisClientType;
import io.vertx.redis.client.RedisOptions;
import java.util.List;
import java.util.Locale;

/** Clients of Vert.x by the options of a cache, and what their failures mean. */
final class Clients {

  /** Slots of a Cluster are asked for again after that time, or at once after a redirection. */
  private static final long TOPOLOGY_MILLIS = 30_000;

  private Clients() {}

  static io.vertx.redis.client.Redis client(Redis.Options options, Vertx vertx) {
    RedisOptions client =
        new RedisOptions()
            .setType(
                switch (options.topology()) {
                  case SINGLE -> RedisClientType.STANDALONE;
                  case SENTINEL -> RedisClientType.SENTINEL;
                  case CLUSTER -> RedisClientType.CLUSTER;
                })
            .setMasterName(options.masterName())
            .setHashSlotCacheTTL(TOPOLOGY_MILLIS)
            .setMaxWaitingHandlers(options.maxOutstanding() + 16)
            .setNetClientOptions(network(options));
    return client(options, client, vertx);
  }

  private static io.vertx.redis.client.Redis client(
      Redis.Options options, RedisOptions client, Vertx vertx) {
    for (String server : addresses(options)) {
      client.addConnectionString(server);
    }
    String password = options.password();
    if (password != null) {
      client.setPassword(password);
      String user = options.user();
      client.setUser(user == null ? "default" : user);
    }
    return io.vertx.redis.client.Redis.createClient(vertx, client);
  }

  private static List<String> addresses(Redis.Options options) {
    String database =
        options.topology() == Redis.Topology.CLUSTER || options.database() == 0
            ? ""
            : "/" + options.database();
    return options.servers().stream().map(server -> server + database).toList();
  }

  private static NetClientOptions network(Redis.Options options) {
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
