package dev.forebay.servers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A Redis Cluster of masters that share the slots evenly. */
public final class RedisCluster implements AutoCloseable {

  private static final int SLOTS = 16_384;
  private static final Duration START = Duration.ofSeconds(30);

  private final List<RedisProcess> nodes = new ArrayList<>();

  private RedisCluster() {}

  /**
   * Starts so many masters, and waits until each of them knows all slots.
   *
   * @param settings further ones of each node
   */
  public static RedisCluster start(int masters, String... settings) throws IOException {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("cluster-enabled yes");
    all.add("cluster-config-file nodes.conf");
    all.add("cluster-node-timeout 2000");
    RedisCluster cluster = new RedisCluster();
    try {
      for (int i = 0; i < masters; i++) {
        cluster.nodes.add(RedisProcess.start(all.toArray(String[]::new)));
      }
      cluster.join();
    } catch (IOException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private void join() throws IOException {
    for (int i = 0; i < nodes.size(); i++) {
      List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      for (int slot = SLOTS * i / nodes.size(); slot < SLOTS * (i + 1) / nodes.size(); slot++) {
        command.add(Integer.toString(slot));
      }
      nodes.get(i).command(command.toArray(String[]::new));
      nodes.get(i).command("CLUSTER", "MEET", "127.0.0.1", Integer.toString(nodes.get(0).port()));
    }
    for (RedisProcess node : nodes) {
      Waiting.until(
          START,
          () -> {
            String info = node.command("CLUSTER", "INFO");
            return info.contains("cluster_state:ok")
                && info.contains("cluster_known_nodes:" + nodes.size());
          });
    }
  }

  /** Its nodes. */
  public List<RedisProcess> nodes() {
    return List.copyOf(nodes);
  }

  /** The addresses of its nodes. */
  public List<String> urls() {
    return nodes.stream().map(RedisProcess::url).toList();
  }

  @Override
  public void close() throws IOException {
    for (RedisProcess node : nodes) {
      node.close();
    }
  }
}
