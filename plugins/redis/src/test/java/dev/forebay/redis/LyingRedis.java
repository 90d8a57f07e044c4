package dev.forebay.redis;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that answers one command with a given text, which may be empty, and all others with
 * nothing of worth; HELLO is unknown to it.
 */
final class LyingRedis {

  private static final Pattern COMMAND = Pattern.compile("\\*\\d+\r\n\\$\\d+\r\n([A-Za-z]+)\r\n");

  private final String command;
  private final String lie;
  private final NetServer server;
  private final AtomicInteger lies = new AtomicInteger();
  private final Set<NetSocket> lying = ConcurrentHashMap.newKeySet();

  /** A server on a free port, open as long as the Vert.x instance. */
  LyingRedis(Vertx vertx, String command, String lie) {
    this.command = command;
    this.lie = lie;
    this.server =
        vertx
            .createNetServer()
            .connectHandler(this::serve)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  String url() {
    return "redis://127.0.0.1:" + server.actualPort();
  }

  /** How often it was asked the command. */
  int lies() {
    return lies.get();
  }

  /** Whether no connection is left that it was asked the command on. */
  boolean allClosed() {
    return lying.isEmpty();
  }

  private void serve(NetSocket socket) {
    socket.exceptionHandler(broken -> {});
    socket.closeHandler(closed -> lying.remove(socket));
    socket.handler(
        (Buffer asked) -> {
          Matcher commands = COMMAND.matcher(asked.toString(StandardCharsets.ISO_8859_1));
          while (commands.find()) {
            answer(socket, commands.group(1).toUpperCase(Locale.ROOT));
          }
        });
  }

  private void answer(NetSocket socket, String name) {
    if (name.equals(command)) {
      lies.incrementAndGet();
      lying.add(socket);
      socket.write(lie);
    } else {
      socket.write(name.equals("HELLO") ? "-ERR unknown command\r\n" : "$-1\r\n");
    }
  }
}
