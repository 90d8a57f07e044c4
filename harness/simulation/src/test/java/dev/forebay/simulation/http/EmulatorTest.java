package dev.forebay.simulation.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.simulation.AnswerLength;
import dev.forebay.simulation.Fault;
import dev.forebay.simulation.ServerEffects;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.ServerStats;
import dev.forebay.spi.Timeline;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigInteger;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class EmulatorTest {

  private static final EmulatorProfile FAST = EmulatorProfile.DEFAULT.withTimeScale(100);

  private final Vertx vertx = Vertx.vertx();
  private final HttpClient client = vertx.createHttpClient();

  @AfterEach
  void close() throws Exception {
    await(vertx.close());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  private Emulator start(EmulatorProfile profile, int answer) throws Exception {
    return await(Emulator.start(vertx, profile, request -> answer));
  }

  private static JsonObject chat(boolean stream) {
    return new JsonObject()
        .put("model", "deepseek-flash")
        .put("stream", stream)
        .put(
            "messages",
            new JsonArray().add(new JsonObject().put("role", "user").put("content", "Hi")));
  }

  private record Reply(int status, String type, String retryAfter, String body) {}

  /** Listeners join inside, on the client's event loop: outside they could miss what has come. */
  private <T> Future<T> exchange(
      Emulator emulator,
      HttpMethod method,
      String path,
      Buffer body,
      Function<HttpClientResponse, Future<T>> read) {
    return client
        .request(method, emulator.port(), "127.0.0.1", path)
        .compose(
            request -> {
              if (method == HttpMethod.POST) {
                request.putHeader("Authorization", "Bearer k");
              }
              return request.send(body).compose(read);
            });
  }

  /** The head of an answer, paused. */
  private Future<HttpClientResponse> open(Emulator emulator, String path, Buffer body) {
    return exchange(
        emulator,
        HttpMethod.POST,
        path,
        body,
        response -> Future.succeededFuture(response.pause()));
  }

  private Future<Reply> post(Emulator emulator, String path, Buffer body) {
    return exchange(emulator, HttpMethod.POST, path, body, EmulatorTest::reply);
  }

  private Future<Reply> get(Emulator emulator, String path) {
    return exchange(emulator, HttpMethod.GET, path, Buffer.buffer(), EmulatorTest::reply);
  }

  private static Future<Reply> reply(HttpClientResponse response) {
    return response
        .body()
        .map(
            body ->
                new Reply(
                    response.statusCode(),
                    String.valueOf(response.getHeader("content-type")),
                    String.valueOf(response.getHeader("retry-after")),
                    body.toString()));
  }

  @Test
  void streamsChat() throws Exception {
    Emulator emulator = start(FAST, 5);
    JsonObject body = chat(true).put("stream_options", new JsonObject().put("include_usage", true));
    Reply reply = await(post(emulator, "/v1/chat/completions", body.toBuffer()));
    assertEquals(200, reply.status());
    assertEquals("text/event-stream", reply.type());
    assertTrue(reply.body().endsWith("data: [DONE]\n\n"), reply.body());
    assertEquals(5, reply.body().split(" tok", -1).length - 1);
    assertTrue(reply.body().contains("\"finish_reason\":\"stop\""));
    assertTrue(reply.body().contains("\"choices\":[],\"usage\":{\"prompt_tokens\""));
    assertEquals(
        List.of("STARTED", "FIRST_TOKEN", "FINISHED"),
        emulator.events().stream().map(event -> event.kind().name()).toList());
  }

  @Test
  void answersWholeCompletionsEmbeddingsAndModels() throws Exception {
    Emulator emulator = start(FAST, 3);
    Reply whole = await(post(emulator, "/chat/completions", chat(false).toBuffer()));
    JsonObject json = new JsonObject(whole.body());
    assertEquals("chat.completion", json.getString("object"));
    assertEquals(3, json.getJsonObject("usage").getInteger("completion_tokens"));

    JsonObject prompt = new JsonObject().put("model", "deepseek-flash").put("prompt", "Once");
    Reply completion = await(post(emulator, "/v1/completions", prompt.toBuffer()));
    assertEquals(
        " tok tok tok",
        new JsonObject(completion.body())
            .getJsonArray("choices")
            .getJsonObject(0)
            .getString("text"));

    JsonObject input =
        new JsonObject()
            .put("model", "deepseek-flash")
            .put("input", new JsonArray().add("a").add("b").add("a"));
    JsonArray vectors =
        new JsonObject(await(post(emulator, "/v1/embeddings", input.toBuffer())).body())
            .getJsonArray("data");
    assertEquals(3, vectors.size());
    JsonArray first = vectors.getJsonObject(0).getJsonArray("embedding");
    assertEquals(first, vectors.getJsonObject(2).getJsonArray("embedding"));
    assertTrue(!first.equals(vectors.getJsonObject(1).getJsonArray("embedding")));

    Reply models = await(get(emulator, "/v1/models"));
    assertEquals(2, new JsonObject(models.body()).getJsonArray("data").size());
    assertEquals(200, await(get(emulator, "/healthz")).status());
  }

  @Test
  void badRequestsGetOneClearLine() throws Exception {
    Emulator emulator = start(FAST.withApiKey("k"), 3);
    assertEquals(400, await(post(emulator, "/v1/chat/completions", Buffer.buffer("{"))).status());
    assertEquals(400, await(post(emulator, "/v1/chat/completions", Buffer.buffer("[1]"))).status());
    JsonObject wrongType = chat(false).put("stream", 7);
    assertEquals(400, await(post(emulator, "/v1/chat/completions", wrongType.toBuffer())).status());
    JsonObject noMessages = chat(false).put("messages", new JsonArray());
    assertEquals(
        400, await(post(emulator, "/v1/chat/completions", noMessages.toBuffer())).status());
    Reply unknown =
        await(post(emulator, "/v1/chat/completions", chat(false).put("model", "gpt").toBuffer()));
    assertEquals(404, unknown.status());
    assertEquals(
        "model_not_found", new JsonObject(unknown.body()).getJsonObject("error").getString("code"));
    JsonObject none = chat(false).put("max_tokens", -0.5);
    Reply refused = await(post(emulator, "/v1/chat/completions", none.toBuffer()));
    assertEquals(400, refused.status());
    assertTrue(refused.body().contains("max_tokens: -0.5 (expected: >= 1)"), refused.body());
    JsonObject huge = chat(false).put("max_tokens", new BigInteger("9".repeat(26)));
    assertEquals(200, await(post(emulator, "/v1/chat/completions", huge.toBuffer())).status());
    assertEquals(404, await(post(emulator, "/v1/nothing", Buffer.buffer())).status());
    assertEquals(401, await(get(emulator, "/v1/models")).status());
    EmulatorProfile small =
        new EmulatorProfile(
            "127.0.0.1", 0, List.of("m"), null, ServerParameters.DEFAULT, List.of(), 1, 1, 10, 10);
    assertEquals(
        413, await(post(start(small, 1), "/v1/chat/completions", chat(false).toBuffer())).status());
  }

  private static ServerParameters narrow(int accountConcurrency) {
    return new ServerParameters(
        1,
        9200,
        2048,
        20,
        0,
        131_072,
        1,
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        accountConcurrency,
        0,
        1,
        Duration.ofSeconds(1),
        Duration.ofSeconds(3),
        ServerEffects.NONE);
  }

  @Test
  void whoWaitsGetsKeepAlivesAndAFullLineSays503() throws Exception {
    // 120 s of answer at 20 ms for each token, 100 times as fast
    Emulator emulator = start(FAST.with(narrow(0)), 6000);
    Future<Reply> first = post(emulator, "/v1/chat/completions", chat(true).toBuffer());
    await(started(emulator, 1));
    Future<Reply> waits = post(emulator, "/v1/chat/completions", chat(true).toBuffer());
    await(started(emulator, 2));
    Reply full = await(post(emulator, "/v1/chat/completions", chat(true).toBuffer()));
    assertEquals(503, full.status());
    assertEquals("3", full.retryAfter());
    assertEquals(
        "queue_full", new JsonObject(full.body()).getJsonObject("error").getString("code"));
    await(first);
    assertTrue(await(waits).body().startsWith(": keep-alive\n\n"), "keep-alives come first");

    Emulator limited = start(FAST.with(narrow(1)), 6000);
    Future<Reply> only = post(limited, "/v1/chat/completions", chat(false).toBuffer());
    await(started(limited, 1));
    assertEquals(
        429, await(post(limited, "/v1/chat/completions", chat(false).toBuffer())).status());
    assertEquals(200, await(only).status());
  }

  @Test
  void wholeAnswersThatWaitGetBlankLines() throws Exception {
    Emulator emulator = start(FAST.with(narrow(0)), 1500);
    Future<Reply> first = post(emulator, "/v1/chat/completions", chat(false).toBuffer());
    await(started(emulator, 1));
    Reply waited = await(post(emulator, "/v1/chat/completions", chat(false).toBuffer()));
    assertTrue(waited.body().startsWith("\n"), "a blank line comes first");
    assertEquals("chat.completion", new JsonObject(waited.body()).getString("object"));
    assertEquals(200, await(first).status());
  }

  /** Completes when so many requests were started, by asking again and again. */
  private Future<Void> started(Emulator emulator, int count) {
    Promise<Void> done = Promise.promise();
    ask(emulator, stats -> stats.waiting() + stats.running() >= count, done);
    return done.future();
  }

  private void ask(Emulator emulator, Predicate<ServerStats> enough, Promise<Void> done) {
    emulator
        .stats()
        .onSuccess(
            stats -> {
              if (enough.test(stats)) {
                done.complete();
              } else {
                // Not at once: that would leave the event loop no time for anything else.
                vertx.setTimer(1, tick -> ask(emulator, enough, done));
              }
            });
  }

  @Test
  void aClientThatLeavesStopsTheGeneration() throws Exception {
    Emulator emulator = start(EmulatorProfile.DEFAULT, 1_000_000);
    HttpClientResponse response =
        await(open(emulator, "/v1/chat/completions", chat(true).toBuffer()));
    Promise<Void> content = Promise.promise();
    response.exceptionHandler(closed -> {});
    response.handler(
        data -> {
          if (data.toString().contains(" tok")) {
            content.tryComplete();
          }
        });
    response.resume();
    await(content.future());
    response.request().connection().close();
    Promise<Void> stopped = Promise.promise();
    ask(emulator, stats -> stats.cancelled() == 1, stopped);
    await(stopped.future());
    assertTrue(await(emulator.stats()).settled());
    List<EmulatorEvent> events = emulator.events();
    EmulatorEvent last = events.get(events.size() - 1);
    assertEquals(EmulatorEvent.Kind.CANCELLED, last.kind());
    assertTrue(last.tokens() > 0 && last.tokens() < 1_000_000);
    assertTrue(await(get(emulator, "/emulator/log")).body().contains("\"kind\":\"cancelled\""));
  }

  @Test
  void aCutStreamEndsWithinAnEvent() throws Exception {
    Emulator emulator = start(FAST.with(Fault.always(Fault.Kind.CUT, 1)), 50);
    HttpClientResponse response =
        await(open(emulator, "/v1/chat/completions", chat(true).toBuffer()));
    Buffer got = Buffer.buffer();
    response.handler(got::appendBuffer);
    Future<Void> end = response.end();
    response.resume();
    ExecutionException cut = assertThrows(ExecutionException.class, () -> await(end));
    assertTrue(cut.toString().contains("closed"), cut.toString());
    assertTrue(got.toString().contains(" tok"));
    assertTrue(!got.toString().endsWith("\n\n"), "the last event is not complete");
  }

  @Test
  void errorEventsAndShortageComeInsideA200() throws Exception {
    Emulator event = start(FAST.with(Fault.always(Fault.Kind.ERROR_EVENT, 1)), 50);
    Reply error = await(post(event, "/v1/chat/completions", chat(true).toBuffer()));
    assertEquals(200, error.status());
    assertTrue(error.body().startsWith("data: {\"error\":"), error.body());
    Emulator shortage = start(FAST.with(Fault.always(Fault.Kind.OUT_OF_RESOURCES, 1)), 50);
    Reply early = await(post(shortage, "/v1/chat/completions", chat(true).toBuffer()));
    assertTrue(early.body().contains("\"finish_reason\":\"insufficient_system_resource\""));
  }

  /** In a time that passes when the test says so: a busy machine cannot sleep through the crash. */
  @Test
  void aCrashClosesConnectionsAndThePortAndARestartOpensIt() throws Exception {
    // down from 50 s to 250 s, and 1 s of cold start
    Fault crash = Fault.once(Fault.Kind.CRASH, 1, Duration.ofSeconds(50), Duration.ofSeconds(200));
    VirtualTimeline time = new VirtualTimeline();
    Promise<Timeline> started = Promise.promise();
    EmulatorProfile profile = FAST.with(narrow(0)).with(crash);
    Emulator emulator =
        await(
            Emulator.start(
                vertx,
                profile,
                request -> 1_000_000,
                real -> {
                  started.complete(real);
                  return time;
                }));
    Timeline loop = await(started.future());
    Future<HttpClientResponse> opening =
        open(emulator, "/v1/chat/completions", chat(true).toBuffer());
    await(started(emulator, 1));
    pass(time, loop, 49);
    HttpClientResponse response = await(opening);
    Future<Buffer> cut = response.body();
    response.resume();
    assertEquals(200, await(get(emulator, "/healthz")).status());
    pass(time, loop, 51);
    assertThrows(ExecutionException.class, () -> await(cut));
    assertEquals(1, await(emulator.stats()).failed());
    List<EmulatorEvent> events = emulator.events();
    assertEquals("reset", events.get(events.size() - 1).detail());
    while (!refuses(emulator)) { // the listener closes in its own time, after its connections
      Thread.onSpinWait();
    }
    pass(time, loop, 250);
    assertFalse(answers(emulator), "it is not up before its cold start is over");
    pass(time, loop, 252);
    while (!answers(emulator)) { // it listens again in its own time, too
      Thread.onSpinWait();
    }
  }

  private boolean answers(Emulator emulator) throws Exception {
    try {
      return await(get(emulator, "/healthz")).status() == 200;
    } catch (ExecutionException refused) {
      return false;
    }
  }

  /**
   * Whether its port is closed: a connection that is reset may have been closed before the port.
   */
  private boolean refuses(Emulator emulator) throws Exception {
    try {
      await(get(emulator, "/healthz"));
      return false;
    } catch (ExecutionException failed) {
      return failed.getCause() instanceof ConnectException;
    }
  }

  /** Lets time pass on the emulator's event loop, until so many seconds after its start. */
  private static void pass(VirtualTimeline time, Timeline loop, long untilSeconds)
      throws Exception {
    Promise<Void> passed = Promise.promise();
    loop.execute(
        () -> {
          time.runUntil(Duration.ofSeconds(untilSeconds).toNanos());
          passed.complete();
        });
    await(passed.future());
  }

  @Test
  void aPortInUseFails() throws Exception {
    Emulator first = start(FAST, 1);
    EmulatorProfile same =
        new EmulatorProfile(
            "127.0.0.1",
            first.port(),
            FAST.models(),
            null,
            FAST.server(),
            List.of(),
            1,
            1,
            1000,
            10);
    Vertx other = Vertx.vertx();
    try {
      List<Throwable> causes = new ArrayList<>();
      ExecutionException inUse =
          assertThrows(
              ExecutionException.class,
              () -> await(Emulator.start(other, same, AnswerLength.lognormal(1))));
      causes.add(inUse.getCause());
      assertTrue(causes.get(0) instanceof java.net.BindException, inUse.toString());
    } finally {
      await(other.close());
    }
    await(first.close());
  }
}
