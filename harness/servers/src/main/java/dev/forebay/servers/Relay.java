package dev.forebay.servers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A network between a client and a server on this machine: it passes bytes on, late, in silence, or
 * not at all.
 */
public final class Relay implements AutoCloseable {

  private static final int PIECE = 64 << 10;
  private static final int MOST_PIECES = 1_024; // on their way, in each direction of a connection

  private final ServerSocket listening;
  private final int target;
  private volatile long delayNanos;
  private final Set<Pair> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger accepted = new AtomicInteger();
  private volatile boolean newOnesAreSilent;

  /**
   * Starts a relay on a free port.
   *
   * @param target port of the server, on the loopback address
   * @param delayMillis how late the bytes of each direction arrive
   */
  public Relay(int target, long delayMillis) throws IOException {
    this.target = target;
    delay(delayMillis);
    this.listening = new ServerSocket(0, 1_024, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** How late bytes arrive that come from now on, in each direction. */
  public void delay(long millis) {
    delayNanos = millis * 1_000_000;
  }

  /** Where clients connect. */
  public int port() {
    return listening.getLocalPort();
  }

  /** Connections so far. */
  public int accepted() {
    return accepted.get();
  }

  /** Connections that both ends still have. */
  public int open() {
    return open.size();
  }

  /** From now on the present connections pass nothing on; both ends stay connected. */
  public void silence() {
    open.forEach(pair -> pair.silent = true);
  }

  /** Whether connections that are accepted from now on pass nothing on. */
  public void silenceNewOnes(boolean silent) {
    newOnesAreSilent = silent;
  }

  /** Holds the bytes of the present connections back until it is called with false. */
  public void pause(boolean paused) {
    open.forEach(pair -> pair.paused = paused);
  }

  /** Resets the present connections. */
  public void kill() {
    List.copyOf(open).forEach(Pair::reset);
  }

  @Override
  public void close() throws IOException {
    listening.close();
    kill();
  }

  private void accept() {
    while (!listening.isClosed()) {
      Socket client = null;
      try {
        client = listening.accept();
        accepted.incrementAndGet();
        new Pair(client, new Socket(InetAddress.getLoopbackAddress(), target)).start();
      } catch (IOException e) {
        close(client); // the server refuses, or the relay is closed
      }
    }
  }

  private static void close(@Nullable Socket socket) {
    try {
      if (socket != null) {
        socket.close();
      }
    } catch (IOException e) {
      // it is closed
    }
  }

  /** A connection of a client, and the one to the server that belongs to it. */
  private final class Pair {

    private final Socket client;
    private final Socket server;
    private volatile boolean silent = newOnesAreSilent;
    private volatile boolean paused;

    Pair(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void start() throws IOException {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      open.add(this);
      pass(client, server);
      pass(server, client);
    }

    void reset() {
      try {
        client.setSoLinger(true, 0);
        server.setSoLinger(true, 0);
      } catch (IOException e) {
        // it is closed
      }
      end();
    }

    private void end() {
      open.remove(this);
      Relay.close(client);
      Relay.close(server);
    }

    private void pass(Socket from, Socket to) throws IOException {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      BlockingQueue<Piece> late = new LinkedBlockingQueue<>(MOST_PIECES);
      Thread.ofVirtual().start(() -> read(in, late));
      Thread.ofVirtual().start(() -> write(late, out));
    }

    private void read(InputStream in, BlockingQueue<Piece> late) {
      byte[] buffer = new byte[PIECE];
      try {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          if (!silent) {
            late.put(new Piece(Arrays.copyOf(buffer, count), System.nanoTime() + delayNanos));
          }
        }
      } catch (IOException e) {
        // the end, too
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      if (!late.offer(Piece.END)) {
        end();
      }
    }

    private void write(BlockingQueue<Piece> late, OutputStream out) {
      try {
        for (Piece piece = late.take(); piece != Piece.END; piece = late.take()) {
          while (piece.dueNanos > System.nanoTime() || (paused && open.contains(this))) {
            LockSupport.parkNanos(Math.max(1_000_000, piece.dueNanos - System.nanoTime()));
          }
          if (!silent) {
            out.write(piece.bytes);
          }
        }
      } catch (IOException e) {
        // the end, too
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      end();
    }
  }

  /** Bytes on their way. */
  private static final class Piece {

    static final Piece END = new Piece(new byte[0], 0);

    final byte[] bytes;
    final long dueNanos;

    Piece(byte[] bytes, long dueNanos) {
      this.bytes = bytes;
      this.dueNanos = dueNanos;
    }
  }
}
