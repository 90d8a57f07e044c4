package dev.forebay.benchmarks;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * How long event loops wait for answers of an upstream that are made to be slow to read. Each is
 * asked for as a stream and as a whole, and then once more in the other form, which the cache may
 * have to convert.
 */
final class HostileAnswers {

  private static final int BYTES = 8 << 20;
  private static final String EVENT =
      "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}\n\n";
  private static final String END =
      """
      data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

      data: [DONE]

      """;
  private static final String DONE = "data: [DONE]\n\n";
  private static final String JSON = "application/json";
  private static final String DOCUMENT =
      """
      http: { port: 0 }
      administration: { port: 0 }
      pipeline:
        - cache: { store: lru }
        - balance: round-robin
      backends:
        - { plugin: openai, id: a, url: "http://127.0.0.1:PORT", models: [m] }
      """;

  private final Vertx gateways = Vertx.vertx();
  private final Vertx others = Vertx.vertx();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private volatile Answer answer = new Answer("", Buffer.buffer(), false);

  private HostileAnswers() {}

  /** Prints a line for each kind of answer: the worst of some rounds. */
  static void run(int rounds, PrintStream out) throws Exception {
    new HostileAnswers().measure(rounds, out);
  }

  private void measure(int rounds, PrintStream out) throws Exception {
    int port =
        await(others.createHttpServer().requestHandler(this::answer).listen(0, "127.0.0.1"))
            .actualPort();
    GatewayDocument document =
        GatewayDocument.read(
            Node.parse("bench.yaml", DOCUMENT.replace("PORT", "" + port), name -> null),
            Registry.load(HostileAnswers.class.getClassLoader()));
    GatewayServer server = await(GatewayServer.start(gateways, document));
    LoopProbe probe = LoopProbe.watch(gateways);
    out.printf("%-32s %10s %8s %10s %10s%n", "answer", "bytes", "status", "delay ms", "cpu ms");
    int question = 0;
    for (Map.Entry<String, Answer> each : answers().entrySet()) {
      answer = each.getValue();
      double delay = 0;
      double cpu = 0;
      int status = 0;
      for (int i = 0; i <= rounds; i++) {
        probe.reset();
        question++;
        status = ask(server.port(), question, answer.type.contains("stream"));
        ask(server.port(), question, !answer.type.contains("stream"));
        if (i > 0) { // the first is to warm up
          delay = Math.max(delay, probe.delayMillis());
          cpu = Math.max(cpu, probe.cpuMillis());
        }
      }
      out.printf(
          "%-32s %10d %8d %10.1f %10.1f%n",
          each.getKey(), answer.bytes.length(), status, delay, cpu);
    }
    await(server.close());
    await(gateways.close());
    await(others.close());
  }

  private void answer(HttpServerRequest request) {
    Answer now = answer;
    request.response().exceptionHandler(gone -> {});
    request.endHandler(
        end -> {
          request.response().putHeader("content-type", now.type);
          if (now.packed) {
            request.response().putHeader("content-encoding", "gzip");
          }
          request.response().end(now.bytes);
        });
  }

  /** The status; -1 if the answer was cut. */
  private int ask(int port, int question, boolean stream) throws Exception {
    String body =
        "{\"model\":\"m\",\"temperature\":0,\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%d\"}]}"
            .formatted(stream, question);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/v1/chat/completions"))
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    try {
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    } catch (IOException e) {
      return -1;
    }
  }

  private static Map<String, Answer> answers() {
    Map<String, Answer> all = new LinkedHashMap<>();
    all.put("small, streamed", streamed(EVENT.formatted("a") + END));
    all.put("small, whole", whole("yes", ""));
    all.put("1,000,000 comments", streamed(":\n\n".repeat(1_000_000) + END));
    all.put("100,000 events", streamed(EVENT.formatted("a").repeat(100_000) + END));
    all.put("1,000,000 events without data", streamed("id:\n\n".repeat(1_000_000) + END));
    all.put("8 MiB of line ends", streamed("\n".repeat(BYTES) + END));
    all.put("one event of 8 MiB", streamed(EVENT.formatted("a".repeat(BYTES)) + END));
    all.put("one event of many lines", streamed("data: \n".repeat(BYTES / 7) + "\n" + END));
    all.put("events of 64 KiB", streamed(EVENT.formatted("a".repeat(64 << 10)).repeat(60) + END));
    all.put("a whole text of 8 MiB", whole("a".repeat(BYTES), ""));
    all.put("a whole text of 3 MiB", whole("a".repeat(3 << 20), ""));
    all.put("a whole text of escapes", whole("\\u6c34".repeat(BYTES / 6), ""));
    all.put(
        "1 MiB beside a long text",
        whole("a".repeat(1 << 20), "\"x\":\"" + "b".repeat(1 << 20) + "\","));
    all.put("480,000 members", whole("yes", members(480_000)));
    all.put("1,000,000 numbers", whole("yes", "\"x\":[" + "1,".repeat(1_000_000) + "1],"));
    all.put("20,000 choices", choices(20_000, ""));
    all.put("20,000 choices with usage", choices(20_000, ",\"usage\":{\"prompt_tokens\":1}"));
    all.put("60,000 tool calls", streamed(toolCalls(60_000) + END));
    all.put("20,000 events with a finish", streamed(finishes(20_000) + END));
    all.put("a last event of 8 MiB", streamed(EVENT.formatted("a") + longFinish() + DONE));
    all.put("8 MiB of stray text", streamed("{" + "a".repeat(BYTES) + "\n\n" + END));
    all.put("an error of 8 MiB", streamed("data: " + error() + "\n\n" + END));
    all.put("a whole error of 8 MiB", new Answer(JSON, Buffer.buffer(error()), false));
    all.put("8 MiB of blanks, then whole", whole("yes", "").after(" ".repeat(BYTES)));
    all.put("200 MB of blanks, packed", packed(JSON, " ", "", 200_000_000));
    all.put("200 MB of comments, packed", packed("text/event-stream", ":\n\n", END, 200_000_000));
    all.put("200 MB of one line, packed", packed("text/event-stream", ":", END, 200_000_000));
    return all;
  }

  private static String finish(int index, String more) {
    return "{\"index\":" + index + ",\"finish_reason\":\"stop\"" + more + "}";
  }

  private static Answer choices(int count, String more) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < count; i++) {
      String message = ",\"message\":{\"role\":\"assistant\",\"content\":\"yes\"}";
      all.append(i == 0 ? "" : ",").append(finish(i, message + more));
    }
    return new Answer(JSON, Buffer.buffer("{\"choices\":[" + all + "]}"), false);
  }

  private static String toolCalls(int count) {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < count; i++) {
      all.append(i == 0 ? "" : ",").append("{\"index\":").append(i).append('}');
    }
    return "data: {\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[" + all + "]}}]}\n\n";
  }

  private static String finishes(int count) {
    StringBuilder all = new StringBuilder(EVENT.formatted("a"));
    for (int i = 0; i < count; i++) {
      all.append("data: {\"choices\":[").append(finish(i, "")).append("]}\n\n");
    }
    return all.toString();
  }

  private static String longFinish() {
    String more = ",\"x\":\"" + "a".repeat(BYTES) + "\"";
    return "data: {\"choices\":[" + finish(0, more) + "]}\n\n";
  }

  private static String error() {
    return "{\"error\":{\"message\":\"" + "a".repeat(BYTES) + "\"}}";
  }

  private static String members(int count) {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < count; i++) {
      members.append("\"k").append(i).append("\":1,");
    }
    return members.toString();
  }

  private static Answer streamed(String events) {
    return new Answer("text/event-stream", Buffer.buffer(events), false);
  }

  private static Answer whole(String text, String more) {
    String json =
        "{"
            + more
            + "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\""
            + text
            + "\"},\"finish_reason\":\"stop\"}]}";
    return new Answer(JSON, Buffer.buffer(json), false);
  }

  private static Answer packed(String type, String unit, String end, int bytes) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    byte[] units = unit.repeat(100_000 / unit.length()).getBytes(StandardCharsets.UTF_8);
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      for (int i = 0; i < bytes / units.length; i++) {
        out.write(units);
      }
      out.write(end.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Answer(type, Buffer.buffer(packed.toByteArray()), true);
  }

  private record Answer(String type, Buffer bytes, boolean packed) {
    Answer after(String before) {
      return new Answer(type, Buffer.buffer(before).appendBuffer(bytes), packed);
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
  }
}
