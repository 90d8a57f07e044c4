package dev.forebay.cli;

import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** Reads the file of a gateway again, one time after the other, and tells what came of it. */
final class Reloads {

  private static final long LOOK_MILLIS = 1000;

  private final Path file;
  private final Supplier<GatewayDocument> reading;
  private final GatewayServer server;
  private final PrintWriter err;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("forebay-reload").factory());
  private String seen;
  private String last;

  /**
   * For a gateway that was started.
   *
   * @param seen what {@link #content} was before its document was read: it may have changed since
   */
  Reloads(
      Path file,
      String seen,
      Supplier<GatewayDocument> reading,
      GatewayServer server,
      PrintWriter err) {
    this.file = file;
    this.reading = reading;
    this.server = server;
    this.err = err;
    this.seen = seen;
    this.last = seen;
  }

  /** Reads it again. From any thread. */
  void soon() {
    thread.execute(this::reload);
  }

  /**
   * Reads it again when its content is another than it was, and has been for a second: it may be
   * half written. What is replaced by renaming, or by a link as Kubernetes does it, is noticed as
   * well.
   */
  void watch(Vertx vertx) {
    vertx.setPeriodic(LOOK_MILLIS, tick -> thread.execute(this::look));
  }

  private void look() {
    String now = content(file);
    if (now.equals(last) && !now.equals(seen) && !now.isEmpty()) {
      reload();
    }
    last = now;
  }

  private void reload() {
    seen = content(file);
    try {
      Running.await(server.reload(reading.get()));
      say("forebay: " + file + " was read again");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      say("forebay: " + file + " was not taken, and nothing has changed: " + e.getMessage());
    }
  }

  /** A digest of it; empty if it cannot be read now, as while it is being replaced. */
  static String content(Path file) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (IOException e) {
      return "";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void say(String line) {
    err.println(line);
    err.flush();
  }
}
