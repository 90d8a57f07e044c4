package dev.forebay.redis.limits;

import dev.forebay.redis.Redis;
import dev.forebay.redis.RedisFailure;
import dev.forebay.redis.RedisFailure.Reason;
import dev.forebay.redis.RedisScript;
import dev.forebay.redis.RedisScripts;
import dev.forebay.redis.Servers;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Timeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * The scripts of a gateway on a real Redis, in virtual time: the server's clock and the time since
 * its start are those of a timeline, and a way takes 100 µs of it. It can be gone, stand still, or
 * lose its data.
 */
final class VirtualRedis implements RedisScripts.Connector {

  private static final long WAY_NANOS = 100_000;
  private static final long EPOCH_SECONDS = 1_700_000_000;

  /** One connection for all: a contract asks many thousand times. */
  private static final Line LINE = new Line(Servers.shared().port());

  private final Timeline timeline;
  private final List<Runnable> held = new ArrayList<>();
  private String prefix = Servers.prefix();
  private long startedSeconds = EPOCH_SECONDS - 1_000;
  private final List<Wire> wires = new ArrayList<>();
  private boolean gone;
  private boolean paused;
  private boolean deaf;
  private boolean holdsNext;
  private int runs;

  VirtualRedis(Timeline timeline) {
    this.timeline = timeline;
  }

  /** Scripts that ran. */
  int runs() {
    return runs;
  }

  void gone(boolean now) {
    gone = now;
  }

  /** The gateway that connected as the one of that number hears and says nothing any more. */
  void cut(int number) {
    wires.get(number).cut = true;
  }

  /** It stands still; what arrives is done when it goes on. */
  void paused(boolean now) {
    paused = now;
    if (!paused) {
      List<Runnable> all = List.copyOf(held);
      held.clear();
      all.forEach(Runnable::run);
    }
  }

  /** It does what arrives, and its answers are lost. */
  void deaf(boolean now) {
    deaf = now;
  }

  /** The next script arrives only when {@code paused(false)} lets it. */
  void holdNext() {
    holdsNext = true;
  }

  /** It was started anew, with nothing in it. */
  void lose() {
    prefix = Servers.prefix();
    startedSeconds = seconds();
  }

  private long seconds() {
    return EPOCH_SECONDS + timeline.nanos() / 1_000_000_000;
  }

  @Override
  public RedisScripts connect(Redis options, PluginContext context) {
    Wire wire = new Wire();
    wires.add(wire);
    return wire;
  }

  private List<Long> now(RedisScript script, String key, List<String> arguments) {
    runs++;
    String text =
        script
            .text()
            .replace("redis.call('TIME')", "{ KEYS[2], KEYS[3] }")
            .replace("redis.call('INFO', 'server')", "'uptime_in_seconds:' .. KEYS[4]");
    List<String> command = new ArrayList<>(List.of("EVAL", text, "4", prefix + key));
    command.add(Long.toString(seconds()));
    command.add(Long.toString(timeline.nanos() / 1_000 % 1_000_000));
    command.add(Long.toString(seconds() - startedSeconds));
    command.addAll(arguments);
    return LINE.numbers(command);
  }

  /** A connection on which commands that return numbers follow each other (RESP 2). */
  private static final class Line {
    private final InputStream in;
    private final OutputStream out;

    Line(int port) {
      try {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    List<Long> numbers(List<String> command) {
      try {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(("*" + command.size() + "\r\n").getBytes(StandardCharsets.UTF_8));
        for (String each : command) {
          byte[] part = each.getBytes(StandardCharsets.UTF_8);
          bytes.writeBytes(("$" + part.length + "\r\n").getBytes(StandardCharsets.UTF_8));
          bytes.writeBytes(part);
          bytes.writeBytes("\r\n".getBytes(StandardCharsets.UTF_8));
        }
        out.write(bytes.toByteArray());
        List<Long> numbers = new ArrayList<>();
        for (long left = number(); left > 0; left--) {
          numbers.add(number());
        }
        return numbers;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private long number() throws IOException {
      StringBuilder line = new StringBuilder();
      for (int next = in.read(); next != '\n'; next = in.read()) {
        if (next < 0) {
          throw new EOFException("the server closed the connection");
        }
        line.append((char) next);
      }
      if (line.charAt(0) == '-') {
        throw new IOException(line.toString());
      }
      return Long.parseLong(line.substring(1).strip());
    }
  }

  private final class Wire implements RedisScripts {
    private boolean cut;

    @Override
    public Future<List<Long>> run(RedisScript script, String key, List<String> arguments) {
      return arriving(() -> now(script, key, arguments));
    }

    @Override
    public Future<Void> ping(String server) {
      return arriving(List::<Long>of).mapEmpty();
    }

    private Future<List<Long>> arriving(Supplier<List<Long>> work) {
      Promise<List<Long>> reply = Promise.promise();
      if (holdsNext) {
        holdsNext = false;
        held.add(() -> arrived(work, reply));
      } else {
        timeline.after(WAY_NANOS, () -> arrived(work, reply));
      }
      return reply.future();
    }

    private void arrived(Supplier<List<Long>> work, Promise<List<Long>> reply) {
      if (gone || cut) {
        reply.fail(new RedisFailure(Reason.GONE, "killed"));
      } else if (paused) {
        held.add(() -> arrived(work, reply));
      } else {
        List<Long> done = work.get();
        if (deaf) {
          reply.fail(new RedisFailure(Reason.GONE, "the connection broke"));
          return;
        }
        timeline.after(WAY_NANOS, () -> reply.complete(done));
      }
    }

    @Override
    public Future<Void> close() {
      return Future.succeededFuture();
    }
  }
}
