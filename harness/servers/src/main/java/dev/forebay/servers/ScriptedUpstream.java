package dev.forebay.servers;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An upstream without an HTTP library: it sends random framings, interim statuses, cuts, late
 * bodies, extra bytes, wrong labels and errors, and knows for each what it was.
 *
 * <p>What it sends for the n-th request with a marker depends on the seed, the marker and n only.
 * One kind is left out, since no client can know it: an answer to nobody that comes alone, after
 * the next request was sent.
 */
public final class ScriptedUpstream implements AutoCloseable {

  private static final Pattern LENGTH = Pattern.compile("(?i)\r\ncontent-length: *([0-9]+)\r\n");
  private static final int MAX_HEAD = 64 << 10;
  private static final int MARKED = 2048; // bytes of a body in which the marker stands
  private static final long PAUSE_NANOS = 1_000_000;

  private final long seed;
  private final Set<Oddity> allowed;
  private final ServerSocket socket;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final Map<String, List<Exchange>> exchanges = new ConcurrentHashMap<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final AtomicInteger connections = new AtomicInteger();

  /**
   * What came for a request.
   *
   * @param connection number of the connection, from 1
   * @param verdict what the answer was
   * @param script what was sent, in words
   */
  public record Exchange(int connection, Verdict verdict, String script) {}

  private ScriptedUpstream(long seed, Set<Oddity> allowed) throws IOException {
    this.seed = seed;
    this.allowed = allowed;
    this.socket = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  /** Starts one that sends whatever there is, on a free port of this host. */
  public static ScriptedUpstream start(long seed) throws IOException {
    return new ScriptedUpstream(seed, EnumSet.allOf(Oddity.class));
  }

  /** Starts one that has these oddities only; framings are random all the same. */
  public static ScriptedUpstream start(long seed, Set<Oddity> allowed) throws IOException {
    return new ScriptedUpstream(seed, Set.copyOf(allowed));
  }

  /** Its address, without a path. */
  public String url() {
    return "http://127.0.0.1:" + socket.getLocalPort();
  }

  /** What it sent for requests with a marker, in their order. */
  public List<Exchange> exchanges(String marker) {
    List<Exchange> all = exchanges.getOrDefault(marker, List.of());
    synchronized (all) {
      return List.copyOf(all);
    }
  }

  /** Forgets a marker, which is not asked for again. */
  public void forget(String marker) {
    exchanges.remove(marker);
  }

  /** Requests that came over a connection that was not to be used again. */
  public List<String> violations() {
    return List.copyOf(violations);
  }

  /** Connections so far. */
  public int connections() {
    return connections.get();
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        open.add(connection);
        Thread.ofVirtual().start(() -> serve(connection, connections.incrementAndGet()));
      }
    } catch (IOException closed) {
      // by close()
    }
  }

  private void serve(Socket connection, int number) {
    try (connection) {
      connection.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(connection.getInputStream(), 1 << 16);
      Script before = null;
      for (int length = head(in); length >= 0; length = head(in)) {
        byte[] first = in.readNBytes(Math.min(length, MARKED));
        Question question = Question.in(new String(first, StandardCharsets.UTF_8));
        if (before != null && !before.reusable()) {
          violations.add("connection " + number + " is used after: " + before.name());
        }
        before = next(question, number);
        int rest = length - first.length;
        if (!before.early()) {
          in.skipNBytes(rest);
        }
        send(connection.getOutputStream(), before);
        if (before.closes()) {
          return;
        }
        if (before.early()) {
          in.skipNBytes(rest);
        }
      }
    } catch (IOException gone) {
      // the client closed
    } finally {
      open.remove(connection);
    }
  }

  private Script next(Question question, int connection) {
    List<Exchange> before =
        exchanges.computeIfAbsent(question.marker(), marker -> new ArrayList<>());
    synchronized (before) {
      long own = seed * 31 + question.marker().hashCode();
      RandomGenerator chance = new SplittableRandom(own * 31 + before.size());
      Script script = Script.draw(question, chance, allowed);
      before.add(new Exchange(connection, script.verdict(), script.name()));
      return script;
    }
  }

  /** Sends in pieces, some of them late; the end of the answer goes with what follows it. */
  private void send(OutputStream out, Script script) throws IOException {
    RandomGenerator chance = new SplittableRandom(seed ^ script.wire().length());
    byte[] bytes = script.wire().getBytes(StandardCharsets.ISO_8859_1);
    int from = 0;
    int parts = chance.nextInt(4);
    for (int i = 0; i < parts && script.end() - 1 - from > 0; i++) {
      int to = from + 1 + chance.nextInt(script.end() - 1 - from);
      out.write(bytes, from, to - from);
      from = to;
      if (chance.nextInt(4) == 0) {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    out.write(bytes, from, bytes.length - from);
  }

  /** Reads the head of a request; -1 for the end, otherwise the length of its body. */
  private static int head(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    int end = 0;
    while (end < 4) {
      int each = in.read();
      if (each < 0) {
        if (head.isEmpty()) {
          return -1;
        }
        throw new EOFException();
      }
      head.append((char) each);
      end = each == (end % 2 == 0 ? '\r' : '\n') ? end + 1 : each == '\r' ? 1 : 0;
      if (head.length() > MAX_HEAD) {
        throw new IOException("a head of more than 64 KiB");
      }
    }
    Matcher length = LENGTH.matcher(head);
    return length.find() ? Integer.parseInt(length.group(1)) : 0;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket each : open) {
      each.close();
    }
  }
}
