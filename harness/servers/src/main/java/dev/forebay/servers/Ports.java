package dev.forebay.servers;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that must be told theirs. They lie below those that the system gives to
 * connections, so no connection takes one between the choice and the server's start, nor while the
 * server is down.
 */
public final class Ports {

  /** The distance to the port on which nodes of a Redis Cluster talk. */
  private static final int CLUSTER = 10_000;

  private static final int LOWEST = 10_000;
  private static final int HIGHEST = 22_500;

  private Ports() {}

  /** A port of the loopback interface that nobody uses, and neither the one 10,000 above it. */
  public static int free() throws IOException {
    while (true) {
      int port = ThreadLocalRandom.current().nextInt(LOWEST, HIGHEST);
      if (isFree(port) && isFree(port + CLUSTER)) {
        return port;
      }
    }
  }

  private static boolean isFree(int port) throws IOException {
    try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (BindException e) {
      return false;
    }
  }
}
