package dev.forebay.benchmarks;

import dev.forebay.servers.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** An nginx of one process that proxies to an upstream; gone when this is closed. */
record Nginx(Process process, int port) implements AutoCloseable {

  private static final int START_SECONDS = 5;

  /** Starts it; empty where it is not installed. */
  static Optional<Nginx> start(int upstreamPort) throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("forebay-nginx");
    int port = Ports.free();
    Path file = Files.writeString(folder.resolve("nginx.conf"), configuration(upstreamPort, port));
    Process process;
    try {
      process =
          new ProcessBuilder("nginx", "-p", folder.toString(), "-c", file.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
    } catch (IOException e) {
      return Optional.empty(); // there is none
    }
    await(process, port);
    return Optional.of(new Nginx(process, port));
  }

  private static void await(Process process, int port) throws IOException, InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (process.isAlive() && System.nanoTime() < end) {
      try (Socket open = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return;
      } catch (IOException e) {
        process.waitFor(20, TimeUnit.MILLISECONDS);
      }
    }
    process.destroy();
    throw new IOException("nginx did not start within " + START_SECONDS + " s");
  }

  private static String configuration(int upstreamPort, int port) {
    return """
        daemon off;
        master_process off;
        pid nginx.pid;
        error_log stderr crit;
        events { worker_connections 4096; }
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          keepalive_requests 100000000;
          upstream model {
            server 127.0.0.1:%d;
            keepalive 1024;
            keepalive_requests 100000000;
          }
          server {
            listen 127.0.0.1:%d;
            location / {
              proxy_pass http://model;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_buffering off;
            }
          }
        }
        """
        .formatted(upstreamPort, port);
  }

  /** Seconds of processor time so far. */
  double cpuSeconds() {
    return process.info().totalCpuDuration().map(used -> used.toNanos() / 1e9).orElse(Double.NaN);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
