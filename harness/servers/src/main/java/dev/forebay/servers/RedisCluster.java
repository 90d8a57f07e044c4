package dev.forebay.servers;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A Redis Cluster of masters that share the slots evenly, with or without replicas. */
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
    return start(masters, false, settings);
  }

  /**
   * Starts so many masters with one replica each, and waits until each node knows all slots and
   * each replica has its master's data. A master that stands still fails over.
   *
   * @param settings further ones of each node
   */
  public static RedisCluster startWithReplicas(int masters, String... settings) throws IOException {
    return start(masters, true, settings);
  }

  private static RedisCluster start(int masters, boolean replicas, String... settings)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("cluster-enabled yes");
    all.add("cluster-config-file nodes.conf");
    all.add("cluster-node-timeout 2000");
    RedisCluster cluster = new RedisCluster();
    try {
      for (int i = 0; i < (replicas ? 2 * masters : masters); i++) {
        cluster.nodes.add(RedisProcess.start(all.toArray(String[]::new)));
      }
      cluster.join(masters);
      cluster.replicate(masters);
    } catch (IOException e) {
      cluster.close();
      throw e;
    }
    return cluster;
  }

  private void join(int masters) throws IOException {
    for (int i = 0; i < nodes.size(); i++) {
      if (i < masters) {
        addSlots(i, masters);
      }
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

  private void addSlots(int master, int masters) throws IOException {
    List<String> command = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
    for (int slot = SLOTS * master / masters; slot < SLOTS * (master + 1) / masters; slot++) {
      command.add(Integer.toString(slot));
    }
    nodes.get(master).command(command.toArray(String[]::new));
  }

  private void replicate(int masters) throws IOException {
    for (int i = masters; i < nodes.size(); i++) {
      RedisProcess replica = nodes.get(i);
      replica.command("CLUSTER", "REPLICATE", nodes.get(i - masters).command("CLUSTER", "MYID"));
      Waiting.until(START, () -> replica.command("INFO").contains("master_link_status:up"));
    }
  }

  /** Its nodes: first the masters, then a replica of each, in the same order, if there are some. */
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
