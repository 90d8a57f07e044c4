package dev.forebay.servers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A Redis with a replica, and three sentinels that make the replica the master where it is gone.
 */
public final class RedisSentinels implements AutoCloseable {

  /** What the sentinels call the master. */
  public static final String MASTER = "mymaster";

  private static final int SENTINELS = 3;
  private static final int QUORUM = 2;
  private static final Duration START = Duration.ofSeconds(30);

  private final List<RedisProcess> servers = new ArrayList<>();
  private final List<RedisProcess> sentinels = new ArrayList<>();

  private RedisSentinels() {}

  /**
   * Starts them, and waits until they know of each other.
   *
   * @param downAfter how long a master may be silent
   * @param settings further ones of the servers
   */
  public static RedisSentinels start(Duration downAfter, String... settings) throws IOException {
    RedisSentinels all = new RedisSentinels();
    try {
      all.startServers(settings);
      all.startSentinels(downAfter);
    } catch (IOException e) {
      all.close();
      throw e;
    }
    return all;
  }

  private void startServers(String... settings) throws IOException {
    RedisProcess master = RedisProcess.start(settings);
    servers.add(master);
    List<String> replica = new ArrayList<>(List.of(settings));
    replica.add("repl-diskless-sync-delay 0");
    servers.add(RedisProcess.start(replica.toArray(String[]::new)));
    servers.get(1).command("REPLICAOF", "127.0.0.1", Integer.toString(master.port()));
    Waiting.until(
        START, () -> servers.get(1).command("INFO", "replication").contains("link_status:up"));
  }

  private void startSentinels(Duration downAfter) throws IOException {
    List<String> lines =
        List.of(
            "sentinel monitor " + MASTER + " 127.0.0.1 " + servers.get(0).port() + " " + QUORUM,
            "sentinel down-after-milliseconds " + MASTER + " " + downAfter.toMillis(),
            "sentinel failover-timeout " + MASTER + " " + 10 * downAfter.toMillis());
    for (int i = 0; i < SENTINELS; i++) {
      sentinels.add(RedisProcess.sentinel(lines));
    }
    for (RedisProcess sentinel : sentinels) {
      Waiting.until(
          START,
          () -> {
            String known = sentinel.command("INFO", "sentinel");
            return known.contains("slaves=1") && known.contains("sentinels=" + SENTINELS);
          });
    }
  }

  /** The servers: the first one was the master at the start. */
  public List<RedisProcess> servers() {
    return List.copyOf(servers);
  }

  /** The port of the master, as the first sentinel knows it. */
  public int masterPort() throws IOException {
    String address = sentinels.get(0).command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER);
    return Integer.parseInt(address.substring(address.indexOf('\n') + 1));
  }

  /** The addresses of the sentinels. */
  public List<String> urls() {
    return sentinels.stream().map(RedisProcess::url).toList();
  }

  @Override
  public void close() throws IOException {
    for (RedisProcess sentinel : sentinels) {
      sentinel.close();
    }
    for (RedisProcess server : servers) {
      server.close();
    }
  }
}
