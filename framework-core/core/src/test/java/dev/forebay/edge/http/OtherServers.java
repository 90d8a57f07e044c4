package dev.forebay.edge.http;

import dev.forebay.servers.Ports;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * nginx, HAProxy and Node, as far as they are on the path: each answers a request with a line that
 * says how it read it. The first two pass what they read to a server that answers so.
 */
final class OtherServers implements AutoCloseable {

  private static final int MOST_TRIES = 20_000;
  private static final String NODE =
      """
      require('http').createServer((q, a) => {
        let body = '';
        q.setEncoding('latin1').on('data', d => body += d)
          .on('end', () => a.end('READ ' + q.method + ' ' + q.url + ' ' + body + '\\n'));
      }).listen(%d, '127.0.0.1');
      """;
  private static final String NGINX =
      """
      daemon off; master_process off; worker_processes 1;
      pid %2$s/nginx.pid; error_log %2$s/nginx.log;
      events { worker_connections 64; }
      http {
        access_log off; client_body_temp_path %2$s/n1; proxy_temp_path %2$s/n2;
        fastcgi_temp_path %2$s/n3; uwsgi_temp_path %2$s/n4; scgi_temp_path %2$s/n5;
        server {
          listen 127.0.0.1:%1$d;
          location / { proxy_pass http://127.0.0.1:%3$d; proxy_http_version 1.1; }
        }
      }
      """;
  private static final String HAPROXY =
      """
      defaults
        mode http
        timeout client 5s
        timeout server 5s
        timeout connect 5s
      frontend front
        bind 127.0.0.1:%1$d
        default_backend back
      backend back
        server one 127.0.0.1:%3$d
      """;

  private final Path folder;
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final List<Process> processes = new ArrayList<>();

  private OtherServers(Path folder) {
    this.folder = folder;
  }

  static OtherServers start(Vertx vertx, Path folder) throws Exception {
    HttpServer reader =
        EdgeFixture.await(
            vertx
                .createHttpServer()
                .requestHandler(OtherServers::tell)
                .invalidRequestHandler(request -> request.connection().close())
                .listen(0, "127.0.0.1"));
    OtherServers servers = new OtherServers(folder);
    int port = reader.actualPort();
    servers.start("nginx", NGINX, port, "nginx", "-p", folder.toString(), "-c");
    servers.start("haproxy", HAPROXY, port, "haproxy", "-db", "-f");
    servers.start("node", NODE, port, "node");
    return servers;
  }

  /** The ports of those that run. */
  Map<String, Integer> ports() {
    return ports;
  }

  String names() {
    return ports.isEmpty()
        ? "none (none of nginx, haproxy, node is installed)"
        : ports.keySet().toString();
  }

  private void start(String name, String configuration, int reader, String... command)
      throws IOException {
    if (!onPath(name)) {
      return;
    }
    int port = Ports.free();
    Path file =
        Files.writeString(
            folder.resolve(name + ".conf"), configuration.formatted(port, folder, reader));
    List<String> words = new ArrayList<>(List.of(command));
    words.add(file.toString());
    Process process =
        new ProcessBuilder(words)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name + ".out").toFile())
            .start();
    processes.add(process);
    if (answers(process, port)) {
      ports.put(name, port);
    }
  }

  private static boolean answers(Process process, int port) {
    for (int i = 0; i < MOST_TRIES && process.isAlive(); i++) {
      try (Socket open = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return open.isConnected();
      } catch (IOException e) {
        Thread.onSpinWait(); // it is still starting
      }
    }
    return false;
  }

  private static boolean onPath(String name) {
    for (String place : System.getenv().getOrDefault("PATH", "").split(":")) {
      if (Files.isExecutable(Path.of(place, name))) {
        return true;
      }
    }
    return false;
  }

  private static void tell(HttpServerRequest request) {
    request
        .body()
        .onSuccess(
            body ->
                request
                    .response()
                    .end(
                        "READ "
                            + request.method()
                            + " "
                            + request.uri()
                            + " "
                            + body.toString("ISO-8859-1")
                            + "\n"));
  }

  @Override
  public void close() {
    processes.forEach(Process::destroy);
  }
}
