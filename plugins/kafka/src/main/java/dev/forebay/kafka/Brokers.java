package dev.forebay.kafka;

import dev.forebay.spi.options.Default;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.FileName;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Range;
import dev.forebay.spi.options.Secret;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a Kafka is reached.
 *
 * @param servers {@code HOST:PORT} of some brokers
 * @param security what protects the connections
 * @param mechanism of SASL
 * @param user of SASL; null without it
 * @param password of SASL; null without it
 * @param trust PEM file of the certificates to trust; null for those of the JDK
 * @param timeout how long a write may take until it is acknowledged; then it has failed
 * @param properties of the clients besides, by Kafka's names, such as {@code ssl.keystore.location}
 */
@RecordBuilder
@Doc("How a Kafka is reached.")
public record Brokers(
    @Doc("HOST:PORT of some brokers.") @Default("[127.0.0.1:9092]") List<String> servers,
    @Doc("What protects the connections: nothing, TLS, SASL, or both.") @Default("none")
        Security security,
    @Doc("Mechanism of SASL.") @Default("scram-sha-512") Mechanism mechanism,
    @Doc("User of SASL.") @Nullable String user,
    @Doc("Password of SASL.") @Secret @Nullable String password,
    @Doc("PEM file of the certificates to trust in the place of the JDK's.") @FileName
        @Nullable String trust,
    @Doc("How long a write may take until it is acknowledged; then it has failed.")
        @Default("15s")
        @Range(min = 1, max = 600)
        Duration timeout,
    @Doc("Properties of the clients besides, by Kafka's names, such as ssl.keystore.location.")
        @Default("{}")
        @Secret
        Map<String, String> properties)
    implements BrokersBuilder.With {

  /** What protects connections. */
  public enum Security {
    /** Nothing. */
    NONE("PLAINTEXT"),
    /** TLS. */
    TLS("SSL"),
    /** A user and a password, over connections that others can read. */
    SASL("SASL_PLAINTEXT"),
    /** A user and a password, over TLS. */
    SASL_TLS("SASL_SSL");

    private final String protocol;

    Security(String protocol) {
      this.protocol = protocol;
    }
  }

  /** How a user and a password are shown. */
  public enum Mechanism {
    /** As they are: over TLS only. */
    PLAIN("PLAIN", "plain.PlainLoginModule"),
    /** By a proof. */
    SCRAM_SHA_256("SCRAM-SHA-256", "scram.ScramLoginModule"),
    /** By a proof. */
    SCRAM_SHA_512("SCRAM-SHA-512", "scram.ScramLoginModule");

    private final String word;
    private final String module;

    Mechanism(String word, String module) {
      this.word = word;
      this.module = module;
    }
  }

  /** Checks, and copies. */
  public Brokers {
    servers = List.copyOf(servers);
    properties = Map.copyOf(properties);
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers: none (expected: at least one HOST:PORT)");
    }
    for (String server : servers) {
      if (!server.matches("[^\\s,@/]+:\\d{1,5}")) {
        throw new IllegalArgumentException("servers: expected HOST:PORT for each");
      }
    }
    boolean sasl = security == Security.SASL || security == Security.SASL_TLS;
    if (sasl != (user != null) || sasl != (password != null)) {
      throw new IllegalArgumentException(
          "user, password: expected both with security sasl or sasl-tls, and neither without");
    }
  }

  /** The defaults: one broker at 127.0.0.1:9092. */
  public static Brokers defaults() {
    return Options.defaults(Brokers.class);
  }

  /** Brokers, with everything else at its default. */
  public static Brokers at(String... servers) {
    return defaults().withServers(List.of(servers));
  }

  /** Properties of a client that all kinds of clients have. */
  Map<String, String> common() {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("bootstrap.servers", String.join(",", servers));
    all.put("security.protocol", security.protocol);
    all.put("reconnect.backoff.max.ms", "1000");
    if (user != null && password != null) {
      all.put("sasl.mechanism", mechanism.word);
      all.put(
          "sasl.jaas.config",
          "org.apache.kafka.common.security."
              + mechanism.module
              + " required username="
              + quoted(user)
              + " password="
              + quoted(password)
              + ";");
    }
    if (trust != null) {
      all.put("ssl.truststore.type", "PEM");
      all.put("ssl.truststore.location", trust);
    }
    all.putAll(properties);
    return all;
  }

  /** Of a producer whose acknowledged records are kept by all replicas, once each. */
  Map<String, String> producer() {
    Map<String, String> all = common();
    long millis = timeout.toMillis();
    all.put("acks", "all");
    all.put("enable.idempotence", "true");
    all.put("linger.ms", "0");
    all.put("delivery.timeout.ms", Long.toString(millis));
    all.put("request.timeout.ms", Long.toString(Math.min(5_000, millis)));
    all.put("max.block.ms", Long.toString(millis));
    return all;
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  /** Without secrets. */
  @Override
  public String toString() {
    return "Brokers[" + security + " " + servers + "]";
  }
}
