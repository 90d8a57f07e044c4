package dev.forebay.benchmarks;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * How long event loops wait for bodies of 8 MB that are made to be slow to read; {@link LoopProbe}
 * says what that is.
 */
final class HostileBodies {

  private static final int BYTES = 8_300_000;
  private static final int WARM_UP = 3;
  private static final String ANSWER =
      "{\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"yes\"},"
          + "\"finish_reason\":\"stop\"}]}";
  private static final String DOCUMENT =
      """
      http: { port: 0 }
      administration: { port: 0 }
      routes: [{ models: ["*"], to: [{ model: other }] }]
      pipeline:
        - cache: { store: lru }
        - balance: round-robin
      backends:
        - { plugin: openai, id: a, url: "http://127.0.0.1:PORT", models: [other], tenant-field: user_id }
      """;

  private final Vertx gateways = Vertx.vertx();
  private final Vertx others = Vertx.vertx();
  private final HttpClient client = others.createHttpClient();

  private HostileBodies() {}

  /** Prints a line for each kind of body: the worst of some rounds. */
  static void run(int rounds, PrintStream out) throws Exception {
    new HostileBodies().measure(rounds, out);
  }

  private void measure(int rounds, PrintStream out) throws Exception {
    var upstream =
        await(
            others
                .createHttpServer()
                .requestHandler(
                    request ->
                        request.endHandler(
                            end ->
                                request
                                    .response()
                                    .putHeader("content-type", "application/json")
                                    .end(ANSWER)))
                .listen(0, "127.0.0.1"));
    GatewayDocument document =
        GatewayDocument.read(
            Node.parse(
                "bench.yaml", DOCUMENT.replace("PORT", "" + upstream.actualPort()), name -> null),
            Registry.load(HostileBodies.class.getClassLoader()));
    GatewayServer server = await(GatewayServer.start(gateways, document));
    LoopProbe probe = LoopProbe.watch(gateways);
    out.printf("%-28s %10s %8s %12s %12s%n", "body", "bytes", "status", "delay ms", "loop cpu ms");
    for (Map.Entry<String, byte[]> each : bodies().entrySet()) {
      double worstDelay = 0;
      double worstCpu = 0;
      int status = 0;
      for (int i = 0; i < WARM_UP + rounds; i++) {
        probe.reset();
        status = send(server.port(), Buffer.buffer(each.getValue()));
        if (i >= WARM_UP) {
          worstDelay = Math.max(worstDelay, probe.delayMillis());
          worstCpu = Math.max(worstCpu, probe.cpuMillis());
        }
      }
      out.printf(
          "%-28s %10d %8d %12.1f %12.1f%n",
          each.getKey(), each.getValue().length, status, worstDelay, worstCpu);
    }
    await(server.close());
    await(gateways.close());
    await(others.close());
  }

  private int send(int port, Buffer body) throws Exception {
    return await(
        client
            .request(HttpMethod.POST, port, "127.0.0.1", "/v1/chat/completions")
            .compose(
                request ->
                    request
                        .send(body)
                        .compose(response -> response.body().map(read -> response.statusCode()))));
  }

  private static Map<String, byte[]> bodies() {
    Map<String, byte[]> all = new LinkedHashMap<>();
    all.put("small", body("\"x\":1"));
    all.put("one text, ASCII", text("a"));
    all.put("one text, three bytes each", text("\u6c34"));
    all.put("one text, surrogates", text("\ud83d\ude00a"));
    all.put("one text, escapes", text("\\u6c34"));
    all.put("one text, escaped u00", text("\\u0041"));
    all.put("50,000 names", members(49_000, i -> "k" + i));
    all.put("50,000 names of one hash", members(49_000, HostileBodies::colliding));
    all.put("480,000 names", members(480_000, i -> "k" + i));
    all.put("400,000 token numbers", body("\"prompt\":[" + "1234567,".repeat(400_000) + "1]"));
    all.put("400,000 decimals", body("\"x\":[" + "1.5e-300,".repeat(400_000) + "1]"));
    all.put("400,000 empty objects", body("\"x\":[" + "{},".repeat(400_000) + "1]"));
    all.put("20,000 messages", body("\"m\":[" + message().repeat(20_000) + "1]"));
    all.put("blanks", body(" ".repeat(BYTES) + "\"x\":1"));
    all.put("blanks after the end", after(body("\"x\":1"), " ".repeat(BYTES)));
    all.put("a model name of 8 MB", model("m".repeat(BYTES)));
    all.put("stream_options of 8 MB", body("\"stream_options\":" + options()));
    all.put("bad UTF-8 at the end", ended(text("a")));
    all.put("a name twice at the end", body("\"x\":\"" + "a".repeat(BYTES) + "\",\"x\":1"));
    return all;
  }

  private static byte[] after(byte[] body, String more) {
    return Buffer.buffer(body).appendString(more).getBytes();
  }

  private static byte[] model(String name) {
    return ("{\"model\":\"" + name + "\",\"stream\":true,\"temperature\":0,\"messages\":[]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static String options() {
    return "{\"x\":\"" + "a".repeat(BYTES) + "\"}";
  }

  private static byte[] body(String more) {
    return ("{\"model\":\"m\",\"stream\":true,\"temperature\":0,\"messages\":[]," + more + "}")
        .getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] text(String unit) {
    int each = unit.getBytes(StandardCharsets.UTF_8).length;
    return body("\"x\":\"" + unit.repeat(BYTES / each) + "\"");
  }

  private static byte[] ended(byte[] body) {
    body[body.length - 3] = (byte) 0xC0;
    return body;
  }

  private static String message() {
    return "{\"role\":\"user\",\"content\":\"Why is the sky blue?\",\"name\":\"alice\"},";
  }

  private static byte[] members(int count, IntFunction<String> name) {
    StringBuilder members = new StringBuilder();
    for (int i = 0; i < count; i++) {
      members.append('"').append(name.apply(i)).append("\":1,");
    }
    return body(members + "\"end\":1");
  }

  /** Names of 17 pairs, each of which has the hash of the other. */
  private static String colliding(int number) {
    StringBuilder name = new StringBuilder();
    for (int bit = 0; bit < 17; bit++) {
      name.append((number >> bit & 1) == 0 ? "Aa" : "BB");
    }
    return name.toString();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
  }
}
