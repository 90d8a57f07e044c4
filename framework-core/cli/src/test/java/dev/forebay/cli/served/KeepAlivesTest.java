package dev.forebay.cli.served;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Node;
import dev.forebay.config.Registry;
import dev.forebay.core.stream.Streams;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.server.GatewayDocument;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.http.EmulatorEvent;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.state.EndpointFigures;
import dev.forebay.spi.state.PoolState;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An upstream that sends keep-alives is queued, not fast: nobody may take it for that. */
@Timeout(60)
class KeepAlivesTest {

  private static final long SECOND = 1_000_000_000L;
  private static final double SCALE = 40;
  private static final long FIRST_CONTENT_SECONDS = 30;

  private static String fleet(String balancer) {
    return """
    pipeline:
      - retry: { attempts: 2, first-content: 30s }
      - admit: { limit: { plugin: gradient2, initial: 20 }, queue: fifo }
      - balance: { by: %s }
    backends:
      - { plugin: simulated, id: silent, server: { keep-alive: 1s }, faults: [{ kind: silent }] }
      - { plugin: simulated, id: one }
      - { plugin: simulated, id: two }
      - { plugin: simulated, id: three }
    """
        .formatted(balancer);
  }

  static List<String> balancers() {
    return registry().names(Balancer.class).stream()
        .filter(name -> !name.equals("clairvoyant")) // it asks the servers of a replay
        .toList();
  }

  /**
   * In virtual time: 400 requests in 400 s, and one of four endpoints keeps its callers waiting.
   */
  @ParameterizedTest
  @MethodSource("balancers")
  void noBalancerTakesItForFast(String balancer) {
    VirtualTimeline time = new VirtualTimeline();
    Node document = Node.parse("g.yaml", fleet(balancer), name -> null);
    Gateway gateway =
        Gateway.of(GatewayDocument.read(document, registry()).blueprint(), new Host(time, 1));
    int[] answered = {0};
    for (int i = 0; i < 400; i++) {
      int number = i;
      time.after(i * SECOND, () -> ask(gateway, time, number, answered));
    }
    time.run();
    assertEquals(400, answered[0], "all were answered by another, after 30 s at most");
    Map<String, Long> picks = gateway.pool("default").dispatched();
    long silent = picks.getOrDefault("silent", 0L);
    long all = picks.values().stream().mapToLong(Long::longValue).sum();
    assertTrue(silent <= 0.3 * all, silent + " of " + all + " went to it: " + picks);
    PoolState state = gateway.pool("default").state();
    double[] firstContent = firstContentMillis(state);
    if (silent > 0) {
      assertTrue(firstContent[0] >= 30_000, state.toString());
    }
    assertTrue(firstContent[1] < 30_000, state.toString());
  }

  /** A limit that learns: an upstream that only keeps alive never raises it. */
  @Test
  void noLimitTakesItForFast() {
    VirtualTimeline time = new VirtualTimeline();
    String yaml =
        """
        pipeline:
          - deadline: { total: 60s, first-content: 30s }
          - admit: { limit: { plugin: gradient2, initial: 20 }, queue: fifo }
        backends:
          - { plugin: simulated, server: { keep-alive: 1s }, faults: [{ kind: silent }] }
        """;
    Node document = Node.parse("g.yaml", yaml, name -> null);
    Gateway gateway =
        Gateway.of(GatewayDocument.read(document, registry()).blueprint(), new Host(time, 1));
    int[] answered = {0};
    for (int i = 0; i < 400; i++) {
      int number = i;
      time.after(i * SECOND / 2, () -> ask(gateway, time, number, answered));
    }
    time.run();
    assertEquals(0, answered[0]);
    double limit = gateway.gauges().getOrDefault("admit.limit", Double.NaN);
    assertTrue(limit < 20, "limit " + limit + " (expected: lowered from 20)");
    assertTrue(firstContentMillis(gateway.pool("default").state())[0] >= 20_000);
  }

  /**
   * Over HTTP: the emulated time runs faster, and so does the deadline. It counts from the arrival
   * of a request, which comes to its upstream a while later or, on a busy machine, never; so the
   * time is taken from the end of the request before, and what never came there does not count.
   */
  @Test
  void itIsAbandonedAtTheDeadlineOfTheFirstContent() throws Exception {
    String pipeline =
        """
        pipeline:
          - deadline: { total: 60s, first-content: %dms }
          - admit: { limit: { plugin: gradient2, initial: 20 }, queue: fifo }
          - balance: least-connections
        """
            .formatted((long) (FIRST_CONTENT_SECONDS * 1_000 / SCALE));
    try (Served served =
        new Served(Served.fast().with(often()).with(silent()).withTimeScale(SCALE), pipeline)) {
      EmulatorEvent before = abandoned(served);
      EmulatorEvent left = abandoned(served);
      assertTrue(
          left.atNanos() - before.atNanos() >= FIRST_CONTENT_SECONDS * SECOND,
          left + " after " + before);
      JsonObject state = served.state();
      assertTrue(state.getJsonObject("gauges").getDouble("admit.limit") <= 20, state.encode());
      assertEquals(0, state.getJsonObject("outcomes").getInteger("ok"));
    }
  }

  /** Asks until a request has come to the upstream: its end there. */
  private static EmulatorEvent abandoned(Served served) throws Exception {
    List<EmulatorEvent> its = List.of();
    while (its.isEmpty()) {
      HttpResponse<String> answer = served.post("/v1/chat/completions", Served.chat(true, 5));
      assertEquals(504, answer.statusCode(), answer.body());
      assertEquals("deadline", answer.headers().firstValue("x-forebay-reason").orElse(""));
      served.untilAllCountsAreZero();
      String id = answer.headers().firstValue("x-request-id").orElseThrow();
      its = served.emulator.events().stream().filter(each -> each.callerId().equals(id)).toList();
    }
    assertEquals(EmulatorEvent.Kind.CANCELLED, its.getLast().kind(), its.toString());
    return its.getLast();
  }

  private static double[] firstContentMillis(PoolState state) {
    return state.endpoints().stream().mapToDouble(EndpointFigures::firstContentMillis).toArray();
  }

  private static void ask(Gateway gateway, VirtualTimeline time, int number, int[] answered) {
    Call call = Call.root(time);
    Caller caller =
        new Caller(
            "192.0.2." + number % 250, "k" + number, "t" + number, "u" + number, "s" + number);
    RequestInfo info = RequestInfo.chat("r" + number, "m", caller, time.nanos());
    Buffer body =
        Buffer.buffer("{\"model\":\"m\",\"messages\":[],\"stream\":true,\"max_tokens\":20}");
    gateway
        .serve(new InferenceRequest(info, body, call, Attempt.FIRST))
        .compose(head -> Streams.forEach(head.tokens(), chunk -> {}))
        .onComplete(
            read -> {
              answered[0] += read.succeeded() ? 1 : 0;
              call.end();
            });
  }

  private static Fault silent() {
    return Fault.always(Fault.Kind.SILENT, 1);
  }

  private static ServerParameters often() {
    ServerParameters sane = ServerParameters.DEFAULT;
    return new ServerParameters(
        sane.slots(),
        sane.prefillTokensPerSecond(),
        sane.prefillTokensPerStep(),
        sane.decodeStepMillis(),
        sane.decodeStepMillisPerRequest(),
        sane.kvTokens(),
        sane.queueCapacity(),
        sane.maxQueueTime(),
        Duration.ofSeconds(1),
        sane.accountConcurrency(),
        sane.prefixCacheBlocks(),
        sane.tokensPerChunk(),
        sane.coldStart(),
        sane.retryAfter(),
        sane.effects());
  }

  private static Registry registry() {
    return Registry.load(KeepAlivesTest.class.getClassLoader());
  }
}
