package dev.forebay.accesslog;

import dev.forebay.spi.PluginContext;
import dev.forebay.spi.metrics.Counter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that writes lines. To offer one never waits: if there is no room, it is dropped. */
final class LineWriter {

  private static final Logger LOG = LoggerFactory.getLogger(LineWriter.class);

  /** How long lines may lie in a buffer, and a file that was moved away may be written to. */
  private static final long TURN_MILLIS = Duration.ofSeconds(1).toMillis();

  private static final int BATCH = 1000;

  private final Target target;
  private final BlockingQueue<Supplier<String>> queue;
  private final Counter written;
  private final Counter dropped;
  private final Promise<Void> closed = Promise.promise();
  private final Thread thread;
  private volatile boolean closing;
  private @Nullable String lastError;

  /** Wakes the thread, which an interrupt would do by closing its file. */
  private enum Wake implements Supplier<String> {
    NOW;

    @Override
    public String get() {
      return "";
    }
  }

  LineWriter(Target target, int most, PluginContext context) {
    this.target = target;
    this.queue = new ArrayBlockingQueue<>(most);
    this.written = context.counter("written");
    this.dropped = context.counter("dropped");
    context.gauge("waiting", queue::size);
    this.thread = Thread.ofPlatform().daemon().name("forebay-access-log").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Takes a line, which is made when it is written; from any thread. */
  void offer(Supplier<String> line) {
    if (closing || !queue.offer(line)) {
      dropped.increment();
    }
  }

  /** Writes what waits, and ends; completes on any thread. */
  Future<Void> close() {
    closing = true;
    if (thread.getState() == Thread.State.NEW) {
      return Future.succeededFuture();
    }
    if (!queue.offer(Wake.NOW)) {
      LOG.debug("access log: the queue is full, so its thread is awake");
    }
    return closed.future();
  }

  private void run() {
    List<Supplier<String>> lines = new ArrayList<>(BATCH);
    while (true) {
      boolean last = closing;
      if (!last) {
        await(lines);
      }
      queue.drainTo(lines, BATCH - lines.size());
      if (last && lines.isEmpty()) {
        break;
      }
      write(lines);
      lines.clear();
    }
    target.reopen();
    closed.complete();
  }

  /** Waits for a line, but not for ever. */
  private void await(List<Supplier<String>> lines) {
    try {
      Supplier<String> first = queue.poll(TURN_MILLIS, TimeUnit.MILLISECONDS);
      if (first != null) {
        lines.add(first);
      }
    } catch (InterruptedException e) {
      closing = true; // by nobody of ours: what waits is written first
    }
  }

  private void write(List<Supplier<String>> lines) {
    try {
      if (target.gone()) {
        target.reopen();
      }
      lines.removeIf(line -> line == Wake.NOW);
      for (Supplier<String> line : lines) {
        target.write((line.get() + '\n').getBytes(StandardCharsets.UTF_8));
      }
      target.flush();
      written.add(lines.size());
      lastError = null;
    } catch (IOException | RuntimeException e) {
      dropped.add(lines.size());
      target.reopen();
      tell(e);
    }
  }

  /** An error is logged when it begins, not for each line. */
  private void tell(Exception e) {
    String error = String.valueOf(e);
    if (!error.equals(lastError)) {
      lastError = error;
      LOG.error("access log: lines are dropped: {}", error);
    }
  }
}
