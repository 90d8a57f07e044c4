package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.server.GatewayDocument;
import dev.forebay.server.GatewayServer;
import dev.forebay.servers.Relay;
import dev.forebay.servers.ScriptedHttp2;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Settings;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * An upstream over HTTP/2 whose connections are killed, paused, silent, refused and ended, while
 * some callers leave. There is no stage {@code retry}. Each happens once at least; {@code
 * -Dstorm.seconds} asks for a storm of another length.
 */
@Timeout(180)
class Http2StormTest {

  private static final long SECONDS = Long.getLong("storm.seconds", 30);
  private static final long SEED = Long.getLong("storm.seed", 12);
  private static final int CALLERS = 16;
  private static final int TOKENS = 10;
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(8);
  private static final long SLACK_NANOS = TimeUnit.SECONDS.toNanos(4);
  private static final long RECOVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final Pattern MARKER = Pattern.compile("marker-\\d+-");

  private static final String EVENT =
      """
      data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":%s,"finish_reason":%s}]}

      """;

  /** What happens to the connections to the upstream. */
  private enum Fault {
    KILL(true),
    PAUSE(true),
    SILENCE(true),
    GO_AWAY(false),
    LOWER_LIMIT(false),
    REFUSE(false);

    /** Whether streams that are open then may fail. */
    final boolean harsh;

    Fault(boolean harsh) {
      this.harsh = harsh;
    }
  }

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<String> seen = ConcurrentHashMap.newKeySet();
  private final AtomicInteger toRefuse = new AtomicInteger();
  private final AtomicInteger marks = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicInteger left = new AtomicInteger();
  private final AtomicInteger excused = new AtomicInteger();
  private final List<String> wrong = new CopyOnWriteArrayList<>();
  private final List<long[]> harsh = new CopyOnWriteArrayList<>();
  private ScriptedHttp2 upstream;
  private Relay relay;
  private GatewayServer gateway;
  private volatile String last = "";
  private volatile boolean over;

  @BeforeEach
  void start() throws IOException {
    upstream = new ScriptedHttp2(new Http2Settings().maxConcurrentStreams(100), this::asked);
    relay = new Relay(upstream.port(), 2);
    String yaml =
        """
        http: { port: 0, drain-timeout: 1s }
        administration: { port: 0 }
        models: [m]
        pipeline:
          - deadline: { total: 8s }
          - balance: least-connections
        backends:
          - plugin: openai
            id: upstream
            url: "http://127.0.0.1:%d"
            protocol: http2
            connect-timeout: 1s
            silence: 6s
            ask-usage: false
        """
            .formatted(relay.port());
    Registry registry = Registry.load(Http2StormTest.class.getClassLoader());
    Node document = Node.parse("gateway.yaml", yaml, name -> null);
    gateway = Served.await(GatewayServer.start(vertx, GatewayDocument.read(document, registry)));
  }

  @AfterEach
  void stop() throws IOException {
    Served.await(gateway.close());
    relay.close();
    upstream.close();
    Served.await(vertx.close());
    threads.shutdownNow(); // a caller that waits for ever has failed its test: it must not hang
    http.close();
  }

  @Test
  void callersGetTheirOwnAnswersOrAnErrorAndItRecovers() throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < CALLERS; i++) {
      long seed = random.nextLong();
      threads.submit(() -> call(new Random(seed)));
    }
    Map<Fault, Long> recovered = new TreeMap<>();
    while (answered.get() < 5 * CALLERS) { // a cold gateway is slow
      turns(100);
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
    for (int i = 0; i < Fault.values().length || System.nanoTime() < end; i++) {
      Fault fault =
          i < Fault.values().length
              ? Fault.values()[i]
              : Fault.values()[random.nextInt(Fault.values().length)];
      recovered.merge(fault, suffer(fault), Math::max);
    }
    over = true;
    threads.shutdown();
    assertTrue(threads.awaitTermination(60, TimeUnit.SECONDS), "a request without an end");
    String told =
        "seed %d: %d answered, %d left, %d failed by a fault, recovered in ms: %s"
            .formatted(SEED, answered.get(), left.get(), excused.get(), recovered);
    System.out.println(told);
    assertEquals(List.of(), wrong.stream().limit(10).toList(), told);
    assertTrue(answered.get() > 5 * SECONDS, told);
    recovered.forEach(
        (fault, millis) ->
            assertTrue(millis * 1_000_000 < RECOVERY_NANOS, () -> fault + ": " + told));
  }

  /** Returns how long after the fault a request was answered, in milliseconds. */
  private long suffer(Fault fault) throws Exception {
    long[] window = {System.nanoTime(), fault.harsh ? Long.MAX_VALUE : 0};
    harsh.add(window);
    last = fault + (fault.harsh ? "" : " without need");
    switch (fault) {
      case KILL -> relay.kill();
      case SILENCE -> relay.silence();
      case PAUSE -> {
        relay.pause(true);
        turns(1_000);
        relay.pause(false);
      }
      case GO_AWAY -> upstream.peers().forEach(peer -> peer.goAway(300L));
      case LOWER_LIMIT -> {
        limit(4);
        turns(500);
        limit(100);
      }
      case REFUSE -> toRefuse.set(40);
    }
    long began = System.nanoTime();
    while (!probe()) {
      assertTrue(System.nanoTime() - began < 2 * RECOVERY_NANOS, () -> fault + ": no recovery");
    }
    long nanos = System.nanoTime() - began;
    if (fault.harsh) {
      window[1] = System.nanoTime();
      harsh.set(harsh.indexOf(window), window); // for the other threads to see
    }
    turns(1_000);
    return TimeUnit.NANOSECONDS.toMillis(nanos);
  }

  private void limit(long streams) {
    Http2Settings settings = new Http2Settings().maxConcurrentStreams(streams);
    upstream.peers().forEach(peer -> peer.settings(settings));
  }

  private void turns(long millis) {
    Served.await(vertx.timer(millis));
  }

  /** Whether a request is answered within a second. */
  private boolean probe() throws InterruptedException {
    String marker = marker();
    try {
      return http.send(
                  request(marker, false).timeout(Duration.ofSeconds(1)).build(),
                  HttpResponse.BodyHandlers.ofString())
              .statusCode()
          == 200;
    } catch (IOException e) {
      return false;
    }
  }

  private void call(Random random) {
    while (!over) {
      long began = System.nanoTime();
      String marker = marker();
      boolean stream = random.nextBoolean();
      String failure;
      try {
        failure = ask(marker, stream, stream && random.nextInt(4) == 0);
      } catch (IOException e) {
        failure = "the gateway cut it: " + e;
      } catch (InterruptedException e) {
        return;
      }
      long ended = System.nanoTime();
      if (ended - began > DEADLINE_NANOS + SLACK_NANOS) {
        wrong.add(marker + " took " + (ended - began) / 1_000_000 + " ms");
      }
      if (!failure.isEmpty()) {
        boolean may = harsh.stream().anyMatch(each -> began <= each[1] && ended >= each[0]);
        if (may) {
          excused.incrementAndGet();
        } else {
          wrong.add(last + ": " + marker + (stream ? " stream: " : " whole: ") + failure);
        }
      }
    }
  }

  /** Returns what is wrong with an answer; empty if nothing is. */
  private String ask(String marker, boolean stream, boolean leave)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> response =
        http.send(request(marker, stream).build(), HttpResponse.BodyHandlers.ofInputStream());
    try (InputStream body = response.body()) {
      if (leave) {
        body.read();
        left.incrementAndGet();
        return "";
      }
      String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
      int own = 0;
      for (Matcher each = MARKER.matcher(text); each.find(); own++) {
        if (!each.group().equals(marker)) {
          wrong.add(marker + " got " + each.group());
        }
      }
      boolean whole = !stream || (text.contains("[DONE]") && !text.contains("\"error\""));
      if (response.statusCode() != 200 || own != TOKENS || !whole) {
        return response.statusCode() + " with " + own + " tokens: " + text;
      }
      answered.incrementAndGet();
      return "";
    }
  }

  private String marker() {
    return "marker-" + marks.incrementAndGet() + "-";
  }

  private HttpRequest.Builder request(String marker, boolean stream) {
    String body =
        "{\"model\":\"m\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
            .formatted(stream, marker);
    return HttpRequest.newBuilder(
            URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  // The upstream.

  private void asked(ScriptedHttp2.Peer peer, Http2FrameStream stream, String body) {
    Matcher found = MARKER.matcher(body);
    if (!found.find()) {
      return;
    }
    String marker = found.group();
    boolean refuses = toRefuse.getAndUpdate(count -> Math.max(0, count - 1)) > 0;
    if (seen.add(marker) && refuses) {
      peer.reset(stream, Http2Error.REFUSED_STREAM);
      return;
    }
    if (body.contains("\"stream\":true")) {
      peer.head(stream, "text/event-stream");
      say(peer, stream, marker, TOKENS);
    } else {
      peer.after(
          TOKENS * 10,
          () -> {
            peer.head(stream, "application/json");
            peer.data(stream, whole(marker), true);
          });
    }
  }

  private static String whole(String marker) {
    return """
    {"object":"chat.completion","choices":[{"index":0,"finish_reason":"stop",
    "message":{"role":"assistant","content":"%s"}}]}
    """
        .formatted(marker.repeat(TOKENS));
  }

  private static void say(
      ScriptedHttp2.Peer peer, Http2FrameStream stream, String marker, int tokens) {
    if (tokens == 0) {
      peer.data(stream, EVENT.formatted("{}", "\"stop\"") + "data: [DONE]\n\n", true);
    } else {
      peer.data(stream, EVENT.formatted("{\"content\":\"" + marker + "\"}", "null"), false);
      peer.after(10, () -> say(peer, stream, marker, tokens - 1));
    }
  }
}
