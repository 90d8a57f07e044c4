package dev.forebay.servers;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A MariaDB as a process of its own, on a free port of the loopback interface, with an empty
 * database {@value #DATABASE} and a user {@value #USER}. What it has committed outlives its being
 * killed. It ends with this JVM at the latest.
 */
public final class MariaDb implements AutoCloseable {

  /** Its database. */
  public static final String DATABASE = "forebay";

  /** A user who may do everything. */
  public static final String USER = "forebay";

  /** The password of the user. */
  public static final String PASSWORD = "secret";

  private static final Duration START = Duration.ofMinutes(2);

  private final int port;
  private final List<String> settings;
  private final ServerProcess server;

  private MariaDb(int port, Path folder, List<String> settings) {
    this.port = port;
    this.settings = settings;
    this.server = new ServerProcess("mariadbd", folder);
  }

  /**
   * Starts a server that others may replicate, and waits until it answers.
   *
   * @param settings as on its command line, without hyphens, such as {@code wait_timeout=300}
   * @throws IOException if it does not start
   */
  public static MariaDb start(String... settings) throws IOException {
    return start("", settings);
  }

  /** Starts a server that replicates another. */
  public static MariaDb replicaOf(MariaDb primary, String... settings) throws IOException {
    return start(
        "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT="
            + primary.port
            + ", MASTER_USER='"
            + USER
            + "', MASTER_PASSWORD='"
            + PASSWORD
            + "', MASTER_CONNECT_RETRY=1, MASTER_SSL=0, MASTER_SSL_VERIFY_SERVER_CERT=0,"
            + " MASTER_USE_GTID=slave_pos;\nSTART SLAVE;\n",
        settings);
  }

  private static MariaDb start(String then, String... settings) throws IOException {
    Path folder = MariaDbBinary.newData();
    int port = Ports.free();
    String user = "'" + USER + "'@'%'";
    Files.writeString(
        folder.resolve("init.sql"),
        "SET sql_log_bin=0;\n"
            + ("CREATE DATABASE IF NOT EXISTS " + DATABASE + ";\n")
            + ("CREATE USER IF NOT EXISTS " + user + " IDENTIFIED BY '" + PASSWORD + "';\n")
            + ("GRANT ALL ON *.* TO " + user + " WITH GRANT OPTION;\n")
            + "SET sql_log_bin=1;\n"
            + then);
    List<String> all = new ArrayList<>();
    all.add("server-id=" + port);
    all.addAll(List.of(settings));
    return new MariaDb(port, folder, all).restart();
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** Its address: {@code mysql://127.0.0.1:PORT/forebay}. */
  public String url() {
    return "mysql://127.0.0.1:" + port + "/" + DATABASE;
  }

  /** Starts it again, on the same port, with what it had, and waits until it answers. */
  public MariaDb restart() throws IOException {
    Path folder = server.folder();
    List<String> command = new ArrayList<>(MariaDbBinary.command());
    command.addAll(
        List.of(
            "--datadir=" + folder.resolve("data"),
            "--socket=" + folder.resolve("socket"),
            "--pid-file=" + folder.resolve("pid"),
            "--init-file=" + folder.resolve("init.sql"),
            "--port=" + port,
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--skip-ssl",
            "--log-bin=binlog",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-flush-method=nosync",
            "--innodb-buffer-pool-size=64M",
            "--max-connections=200"));
    settings.forEach(each -> command.add("--" + each));
    server.start(command, START, this::greets);
    return this;
  }

  /** It speaks first: a length of three bytes, a number, and the version of its protocol, 10. */
  private boolean greets() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(2000);
      InputStream in = socket.getInputStream();
      byte[] greeting = in.readNBytes(5);
      return greeting.length == 5 && greeting[4] == 10;
    }
  }

  /** Kills it (SIGKILL). */
  public void kill() {
    server.kill();
  }

  /** Lets it stand still (SIGSTOP): its connections stay, nothing is answered. */
  public void pause() throws IOException {
    server.pause();
  }

  /** Lets it go on (SIGCONT). */
  public void resume() throws IOException {
    server.resume();
  }

  /** Kills it, and removes its folder. */
  @Override
  public void close() throws IOException {
    server.close();
  }
}
