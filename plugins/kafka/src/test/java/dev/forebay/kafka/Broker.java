package dev.forebay.kafka;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A broker and controller of KRaft, in a JVM of its own: port, port of the controller, folder. */
final class Broker {

  private static final String CLUSTER = "4L6g3nShT-eMCtK--X86sw";

  private Broker() {}

  public static void main(String[] args) throws Exception {
    String folder = args[2];
    if (!Files.exists(Path.of(folder, "meta.properties"))) {
      new Formatter()
          .setClusterId(CLUSTER)
          .setNodeId(1)
          .setControllerListenerName("CONTROLLER")
          .addDirectory(folder)
          .setMetadataLogDirectory(folder)
          .run();
    }
    KafkaRaftServer server =
        new KafkaRaftServer(
            new KafkaConfig(properties(args[0], args[1], folder), false), Time.SYSTEM);
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    server.startup();
    server.awaitShutdown();
  }

  private static Properties properties(String port, String controller, String folder) {
    Properties all = new Properties();
    all.put("process.roles", "broker,controller");
    all.put("node.id", "1");
    all.put("controller.quorum.voters", "1@127.0.0.1:" + controller);
    all.put("controller.listener.names", "CONTROLLER");
    all.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controller);
    all.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    all.put("advertised.listeners", "PLAINTEXT://127.0.0.1:" + port);
    all.put("log.dirs", folder);
    all.put("auto.create.topics.enable", "false");
    all.put("offsets.topic.num.partitions", "1");
    all.put("offsets.topic.replication.factor", "1");
    all.put("transaction.state.log.num.partitions", "1");
    all.put("transaction.state.log.replication.factor", "1");
    all.put("transaction.state.log.min.isr", "1");
    all.put("share.coordinator.state.topic.replication.factor", "1");
    all.put("share.coordinator.state.topic.min.isr", "1");
    all.put("group.initial.rebalance.delay.ms", "0");
    all.put("group.min.session.timeout.ms", "1000");
    all.put("num.network.threads", "1");
    all.put("num.io.threads", "2");
    all.put("num.recovery.threads.per.data.dir", "1");
    all.put("log.cleaner.enable", "false");
    all.put("controlled.shutdown.enable", "false");
    return all;
  }
}
