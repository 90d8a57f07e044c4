package dev.forebay.examples.tracing;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/** A collector of OpenTelemetry, as far as it takes spans by OTLP over HTTP. */
final class Collector {

  private final List<Told> spans = new ArrayList<>();
  private final HttpServer server;

  /** A span as it was told; attributes are texts, however they were sent. */
  record Told(
      String traceId,
      String spanId,
      String parent,
      String name,
      long kind,
      boolean error,
      Map<String, String> attributes,
      List<Event> events,
      String service) {

    String attribute(String key) {
      return attributes.getOrDefault(key, "");
    }
  }

  /** Something that happened within a span. */
  record Event(String name, Map<String, String> attributes) {}

  private Collector(HttpServer server) {
    this.server = server;
  }

  static Future<Collector> start(Vertx vertx) {
    HttpServer server = vertx.createHttpServer();
    Collector collector = new Collector(server);
    return server
        .requestHandler(collector::take)
        .listen(0, "127.0.0.1")
        .map(listening -> collector);
  }

  String endpoint() {
    return "http://127.0.0.1:" + server.actualPort() + "/v1/traces";
  }

  /** Waits until so many spans of some kind were told. */
  synchronized List<Told> spans(Predicate<Told> wanted, int count) throws InterruptedException {
    while (spans.stream().filter(wanted).count() < count) {
      wait();
    }
    return spans.stream().filter(wanted).toList();
  }

  private void take(HttpServerRequest request) {
    boolean zipped = "gzip".equals(request.getHeader("content-encoding"));
    request
        .body()
        .onSuccess(
            body -> {
              read(zipped ? unzipped(body.getBytes()) : body.getBytes());
              request.response().putHeader("content-type", "application/x-protobuf").end();
            });
  }

  private static byte[] unzipped(byte[] bytes) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private synchronized void read(byte[] request) {
    for (Protobuf resource : Protobuf.read(request).messages(1)) {
      String service = attributes(resource.messages(1).get(0), 1).getOrDefault("service.name", "");
      for (Protobuf scope : resource.messages(2)) {
        scope.messages(2).forEach(span -> spans.add(told(span, service)));
      }
    }
    notifyAll();
  }

  private static Told told(Protobuf span, String service) {
    HexFormat hex = HexFormat.of();
    return new Told(
        hex.formatHex(span.bytes(1)),
        hex.formatHex(span.bytes(2)),
        hex.formatHex(span.bytes(4)),
        span.text(5),
        span.number(6),
        span.messages(15).stream().anyMatch(status -> status.number(3) == 2),
        attributes(span, 9),
        span.messages(11).stream()
            .map(event -> new Event(event.text(2), attributes(event, 3)))
            .toList(),
        service);
  }

  private static Map<String, String> attributes(Protobuf message, int field) {
    Map<String, String> all = new LinkedHashMap<>();
    for (Protobuf pair : message.messages(field)) {
      Protobuf value = pair.messages(2).get(0);
      String text =
          value.has(1)
              ? value.text(1)
              : value.has(2)
                  ? Boolean.toString(value.number(2) != 0)
                  : value.has(4)
                      ? Double.toString(Double.longBitsToDouble(value.number(4)))
                      : Long.toString(value.number(3));
      all.put(pair.text(1), text);
    }
    return all;
  }
}
