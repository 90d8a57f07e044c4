package dev.forebay.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.core.stream.Streams;
import dev.forebay.simulation.http.EmulatorProfile;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.Status;
import dev.forebay.spi.Usage;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.options.Plugins;
import dev.forebay.spi.policy.Backend;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SimulatedBackendTest {

  private static final long SECOND = 1_000_000_000L;

  private final VirtualTimeline timeline = new VirtualTimeline();

  private SimulatedServer server(int answer, Fault... faults) {
    return new SimulatedServer(
        timeline, ServerParameters.DEFAULT, List.of(faults), 1, request -> answer);
  }

  private static InferenceResponse answered(Future<InferenceResponse> future) {
    assertTrue(future.succeeded(), () -> "failed: " + future.cause());
    return future.result();
  }

  @Test
  void aStreamIsARoleThenContentThenFinishThenDone() {
    SimulatedBackend backend = new SimulatedBackend("a", server(3));
    InferenceResponse response = answered(backend.serve(Requests.chat(timeline, "r", 100)));
    List<Chunk> chunks = new ArrayList<>();
    Future<Void> read = Streams.forEach(response.tokens(), chunks::add);
    timeline.run();
    assertTrue(read.succeeded());
    assertEquals(
        List.of("PRELUDE", "CONTENT", "CONTENT", "CONTENT", "TRAILER", "TRAILER"),
        chunks.stream().map(chunk -> chunk.kind().name()).toList());
    assertEquals("data: [DONE]\n\n", chunks.get(5).data().toString());
    for (Chunk chunk : chunks.subList(0, 5)) {
      JsonObject json = event(chunk);
      assertEquals("chat.completion.chunk", json.getString("object"));
      assertEquals("m", json.getString("model"));
    }
    JsonObject finish = event(chunks.get(4));
    assertEquals(
        "stop", finish.getJsonArray("choices").getJsonObject(0).getString("finish_reason"));
    assertEquals(103, finish.getJsonObject("usage").getInteger("total_tokens"));
    Outcome outcome = response.tokens().outcome().result();
    assertEquals(Status.OK, outcome.status());
    assertEquals(new Usage(100, 0, 3, 0), outcome.usage());
    assertTrue(outcome.timings().timeToFirstContentNanos() > 0);
  }

  private static JsonObject event(Chunk chunk) {
    String text = chunk.data().toString();
    assertTrue(text.startsWith("data: ") && text.endsWith("\n\n"), text);
    return new JsonObject(text.substring("data: ".length()));
  }

  @Test
  void aWholeAnswerIsOneJsonChunk() {
    SimulatedBackend backend = new SimulatedBackend("a", server(3));
    InferenceRequest request = Requests.of(timeline, "r", 100, 2, false, PrefixHashes.NONE);
    InferenceResponse response = answered(backend.serve(request));
    List<Chunk> chunks = new ArrayList<>();
    Streams.forEach(response.tokens(), chunks::add);
    timeline.run();
    assertEquals(1, chunks.size());
    JsonObject json = new JsonObject(chunks.get(0).data());
    JsonObject choice = json.getJsonArray("choices").getJsonObject(0);
    assertEquals(" tok tok", choice.getJsonObject("message").getString("content"));
    assertEquals("length", choice.getString("finish_reason"));
    assertEquals(2, chunks.get(0).tokens());
    assertTrue(chunks.get(0).last());
  }

  @Test
  void theNetworkDelaysAnswers() {
    SimulatedServer server = server(1);
    InferenceRequest request = Requests.chat(timeline, "r", 1);
    new SimulatedBackend("a", "a", List.of(), server, Duration.ofMillis(40))
        .serve(request)
        .onSuccess(response -> Streams.forEach(response.tokens(), chunk -> {}));
    timeline.run();
    long work = (long) ServerParameters.DEFAULT.stepNanos(0, 0, 1);
    assertEquals((40_000_000 + work) / 1000, timeline.nanos() / 1000, "40 ms, and a prompt token");
  }

  @Test
  void refusalsFailAndBreaksFailTheStream() {
    SimulatedBackend backend =
        new SimulatedBackend("a", server(9, Fault.always(Fault.Kind.FAIL, 1)));
    Future<InferenceResponse> refused = backend.serve(Requests.chat(timeline, "r", 1));
    Failure failure = assertInstanceOf(Failure.class, refused.cause());
    assertEquals(Status.OVERLOADED, failure.status());
    assertEquals("a", failure.servedBy());

    SimulatedBackend cuts = new SimulatedBackend("b", server(9, Fault.always(Fault.Kind.CUT, 1)));
    InferenceResponse response = answered(cuts.serve(Requests.chat(timeline, "r", 1)));
    Future<Void> read = Streams.forEach(response.tokens(), chunk -> {});
    timeline.run();
    assertEquals("cut", Failure.from(read.cause()).reason());
    assertEquals(Status.OVERLOADED, response.tokens().outcome().result().status());
  }

  @Test
  void theEndOfTheCallStopsTheServer() {
    SimulatedServer server = server(100_000);
    SimulatedBackend backend = new SimulatedBackend("a", server);
    InferenceRequest request = Requests.chat(timeline, "r", 1);
    InferenceResponse response = answered(backend.serve(request));
    timeline.runUntil(SECOND);
    request.call().end();
    assertTrue(server.stats().settled(), server.stats().toString());
    assertEquals(1, server.stats().cancelled());
    assertEquals(Status.CANCELLED, response.tokens().outcome().result().status());
    assertEquals(0, timeline.pending());
    assertTrue(backend.serve(request).failed(), "a call that has ended gets no answer");
    assertEquals(1, server.stats().submitted());
  }

  @Test
  void aCallThatEndsOnItsWayIsNeverSubmitted() {
    SimulatedServer server = server(5);
    InferenceRequest request = Requests.chat(timeline, "r", 1);
    Future<InferenceResponse> head =
        new SimulatedBackend("a", "a", List.of(), server, Duration.ofMillis(40)).serve(request);
    request.call().end();
    timeline.run();
    assertEquals(0, server.stats().submitted());
    assertEquals(Status.CANCELLED, Failure.from(head.cause()).status());
  }

  @Test
  void aSlowReaderGetsFewerLargerChunks() {
    SimulatedServer server = server(1000);
    SimulatedBackend backend = new SimulatedBackend("a", server);
    InferenceResponse response = answered(backend.serve(Requests.chat(timeline, "r", 1)));
    timeline.run();
    assertTrue(server.stats().settled(), "the server does not wait for the reader");
    assertFalse(response.tokens().outcome().isComplete());
    int[] sums = new int[2];
    Future<Void> read =
        Streams.forEach(
            response.tokens(),
            chunk -> {
              sums[0]++;
              sums[1] += chunk.tokens();
            });
    assertTrue(read.succeeded());
    assertEquals(1000, sums[1]);
    assertTrue(sums[0] < 50, "chunks: " + sums[0]);
    assertEquals(Status.OK, response.tokens().outcome().result().status());
  }

  @Test
  void requestsOfOtherEventLoopsCrossOverAndBack() throws Exception {
    Vertx vertx = Vertx.vertx();
    try {
      VertxTimeline pool = VertxTimeline.of(((VertxInternal) vertx).createEventLoopContext());
      ServerParameters fast =
          new ServerParameters(
              8,
              1e6,
              2048,
              0.1,
              0,
              100_000,
              100,
              Duration.ofMinutes(1),
              Duration.ofSeconds(1),
              0,
              0,
              1,
              Duration.ZERO,
              Duration.ZERO,
              ServerEffects.NONE);
      SimulatedServer server = new SimulatedServer(pool, fast, List.of(), 1, request -> 20);
      SimulatedBackend backend = new SimulatedBackend("a", server);
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        VertxTimeline requestTimeline =
            VertxTimeline.of(((VertxInternal) vertx).createEventLoopContext());
        all.add(readAt(requestTimeline, backend, "r" + i));
      }
      Future.join(all).toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
      for (Future<Integer> tokens : all) {
        assertEquals(20, tokens.result());
      }
      Promise<ServerStats> stats = Promise.promise();
      pool.after(0, () -> stats.complete(server.stats()));
      ServerStats last =
          stats.future().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
      assertTrue(last.settled(), last.toString());
      assertEquals(40, last.finished());
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private static Future<Integer> readAt(VertxTimeline requestTimeline, Backend backend, String id) {
    Promise<Integer> tokens = Promise.promise();
    requestTimeline.execute(
        () -> {
          int[] sum = {0};
          Thread thread = Thread.currentThread();
          backend
              .serve(Requests.chat(requestTimeline, id, 10))
              .compose(
                  response ->
                      Streams.forEach(
                          response.tokens(),
                          chunk -> {
                            assertEquals(thread, Thread.currentThread());
                            sum[0] += chunk.tokens();
                          }))
              .map(none -> sum[0])
              .onComplete(tokens);
        });
    return tokens.future();
  }

  @Test
  void theDefaultsOfTheOptionsAreThoseOfTheCode() {
    assertEquals(ServerParameters.DEFAULT, Options.defaults(ServerParameters.class));
    assertEquals(EmulatorProfile.DEFAULT, Options.defaults(EmulatorProfile.class));
    assertEquals(ServerParameters.DEFAULT, Options.defaults(Simulated.class).server());
  }

  @Test
  void thePluginIsFound() {
    Registry registry = Registry.load(Simulated.class.getClassLoader());
    assertTrue(registry.names(Backend.class).contains("simulated"));
    Map<String, ?> options = Map.of("faults", List.of(Map.of("kind", "slow", "amount", 3)));
    Simulated read =
        (Simulated) Plugins.options(registry.plugin(Backend.class, "simulated", options));
    assertEquals(List.of(Fault.always(Fault.Kind.SLOW, 3)), Objects.requireNonNull(read).faults());
  }
}
