package dev.forebay.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.jobs.memory.MemoryQueue;
import dev.forebay.jobs.memory.MemoryStore;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.http.HttpRoute;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.jobs.JobQueue;
import dev.forebay.spi.jobs.JobStore;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A gateway with jobs in virtual time, in front of a backend that a test scripts. */
final class JobWorld {

  static final long SECOND = 1_000_000_000L;

  final VirtualTimeline time;
  final List<Long> asked = new ArrayList<>();
  final List<InferenceRequest> requests = new ArrayList<>();
  final Gateway gateway;
  Function<InferenceRequest, Future<InferenceResponse>> backend = JobWorld::hello;
  private int sent;

  private JobWorld(VirtualTimeline time, Jobs jobs) {
    this.time = time;
    this.gateway =
        Gateway.builder(new Host(time.beside("the gateway's timeline"), 1))
            .pipeline(
                p -> p.backends(NamedPlugin.of(Backend.class, "scripted", context -> scripted())))
            .section(jobs)
            .build();
    pass(1);
  }

  /** With stores in memory. */
  static JobWorld create() {
    return of(Jobs.in(MemoryStore.create(), MemoryQueue.create()));
  }

  static JobWorld of(Jobs jobs) {
    return new JobWorld(new VirtualTimeline(), jobs);
  }

  /** A gateway on the clock of another, with given stores. */
  static JobWorld of(VirtualTimeline time, JobStore store, JobQueue queue) {
    return new JobWorld(
        time,
        Jobs.in(
            NamedPlugin.of(JobStore.class, "given", context -> store),
            NamedPlugin.of(JobQueue.class, "given", context -> queue)));
  }

  private Backend scripted() {
    return new Backend() {
      @Override
      public Facts facts() {
        return Facts.of("scripted");
      }

      @Override
      public Future<InferenceResponse> serve(InferenceRequest request) {
        asked.add(time.nanos() / SECOND);
        requests.add(request);
        return backend.apply(request);
      }
    };
  }

  static Future<InferenceResponse> hello(InferenceRequest request) {
    return answer(request, 0, "{\"hello\":\"world\"}");
  }

  /** Chunks, so many nanoseconds apart. */
  static Future<InferenceResponse> answer(InferenceRequest request, long apart, String... chunks) {
    Timeline timeline = request.call().timeline();
    StreamSource source = new StreamSource(request.call(), timeline.nanos(), () -> {});
    for (int i = 0; i < chunks.length; i++) {
      Chunk chunk =
          new Chunk(Buffer.buffer(chunks[i]), Chunk.Kind.CONTENT, 1, i == chunks.length - 1);
      timeline.after((i + 1) * apart, () -> source.write(chunk));
    }
    Headers json = Headers.of("content-type", "application/json");
    return Future.succeededFuture(new InferenceResponse("scripted", 200, json, source));
  }

  static Future<InferenceResponse> fail(InferenceRequest request) {
    return Future.failedFuture(Failure.overloaded(503, "upstream_503", "the upstream is busy"));
  }

  void pass(long seconds) {
    time.runUntil(time.nanos() + seconds * SECOND);
    assertEquals(null, gateway.pluginError());
  }

  /** Lets time pass until a future is complete, for ten minutes at most. */
  <T extends @Nullable Object> T await(Future<T> future) {
    for (int i = 0; i < 60_000 && !future.isComplete(); i++) {
      time.runUntil(time.nanos() + SECOND / 100);
    }
    assertTrue(future.isComplete(), "not complete after ten minutes");
    if (future.failed()) {
      throw Failure.from(future.cause());
    }
    return future.result();
  }

  Future<InferenceResponse> send(String tenant, boolean stream, String body, String... headers) {
    List<Map.Entry<String, String>> all = new ArrayList<>();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(Map.entry(headers[i], headers[i + 1]));
    }
    RequestInfo info =
        RequestInfo.chat(
                "r" + sent++, "test", new Caller("192.0.2.1", "key", tenant, "", ""), time.nanos())
            .withStream(stream)
            .withPromptTokens(10)
            .withMaxOutputTokens(100);
    Call call = Call.root(time);
    HttpHead head = new HttpHead("/v1/chat/completions", Headers.copyOf(all));
    return gateway.serve(
        new InferenceRequest(info, Buffer.buffer(body), call, Attempt.FIRST).with(head));
  }

  /** Sends a request that is to become a job; the id of the job. */
  String submit(String tenant, boolean stream, String body, String... headers) {
    String[] all = new String[headers.length + 2];
    System.arraycopy(headers, 0, all, 2, headers.length);
    all[0] = "prefer";
    all[1] = "respond-async";
    InferenceResponse accepted = await(send(tenant, stream, body, all));
    assertEquals(202, accepted.status());
    String location = String.valueOf(accepted.headers().get("location"));
    await(accepted.tokens().next());
    return location.substring("/v1/jobs/".length());
  }

  String submit() {
    return submit("acme", false, "{\"ask\":1}");
  }

  /** Asks a route; the path begins with the method. */
  Future<RouteAnswer> ask(
      Listener listener, String method, String path, String tenant, String... headers) {
    String[] words = path.split("/");
    for (HttpRoute route : gateway.routes().all(listener)) {
      Map<String, String> parameters = new LinkedHashMap<>();
      if (route.method().equals(method) && fits(route.path().split("/"), words, parameters)) {
        Headers all = Headers.EMPTY;
        for (int i = 0; i < headers.length; i += 2) {
          all = all.with(headers[i], headers[i + 1]);
        }
        return route
            .handler()
            .handle(
                new RouteRequest(
                    parameters,
                    new LinkedHashMap<>(),
                    new HttpHead(path, all),
                    new Caller("192.0.2.1", "key", tenant, "", ""),
                    Buffer.buffer()));
      }
    }
    throw new AssertionError("no route " + method + " " + path);
  }

  private static boolean fits(String[] pattern, String[] words, Map<String, String> parameters) {
    if (pattern.length != words.length) {
      return false;
    }
    for (int i = 0; i < words.length; i++) {
      if (pattern[i].startsWith(":")) {
        parameters.put(pattern[i].substring(1), words[i]);
      } else if (!pattern[i].equals(words[i])) {
        return false;
      }
    }
    return true;
  }

  JsonObject job(String id) {
    return new JsonObject(await(ask(Listener.EDGE, "GET", "/v1/jobs/" + id, "acme")).body());
  }

  String state(String id) {
    return job(id).getString("state");
  }

  /** Everything that a stream of events gives, until its end. */
  String events(String id, String... headers) {
    TokenStream stream =
        await(ask(Listener.EDGE, "GET", "/v1/jobs/" + id + "/events", "acme", headers)).stream();
    Buffer all = Buffer.buffer();
    while (stream != null) {
      Chunk chunk = await(stream.next());
      if (chunk.kind() != Chunk.Kind.WAITING) {
        all.appendBuffer(chunk.data());
      }
      if (chunk.last()) {
        break;
      }
    }
    return all.toString();
  }
}
