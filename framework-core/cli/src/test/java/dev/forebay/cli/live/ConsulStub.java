package dev.forebay.cli.live;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A Consul agent of one service, as far as blocking queries go, whose waits never end. */
final class ConsulStub implements AutoCloseable {

  private static final Pattern INDEX = Pattern.compile("[?&]index=(\\d+)");

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private String services;
  private long index = 7;

  ConsulStub(String addresses) throws IOException {
    services = services(addresses);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/v1/health/service/llm", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  synchronized void set(String addresses) {
    services = services(addresses);
    index++;
    notifyAll();
  }

  private static String services(String addresses) {
    JsonArray all = new JsonArray();
    for (Object address : new JsonArray(addresses)) {
      String[] parts = address.toString().split(":");
      all.add(
          new JsonObject()
              .put("Node", new JsonObject().put("Node", "n").put("Address", parts[0]))
              .put(
                  "Service",
                  new JsonObject()
                      .put("ID", "llm-" + parts[1])
                      .put("Address", parts[0])
                      .put("Port", Integer.parseInt(parts[1]))));
    }
    return all.encode();
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body;
    synchronized (this) {
      Matcher matcher = INDEX.matcher(exchange.getRequestURI().toString());
      long after = matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
      try {
        while (after >= index) {
          wait();
        }
      } catch (InterruptedException e) {
        return;
      }
      exchange.getResponseHeaders().set("X-Consul-Index", Long.toString(index));
      body = services.getBytes(StandardCharsets.UTF_8);
    }
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
