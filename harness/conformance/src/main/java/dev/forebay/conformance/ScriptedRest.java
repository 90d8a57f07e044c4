package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Service;
import dev.forebay.spi.StreamSource;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;

/** What follows a filter under test: it answers each request by a script, and notes what it saw. */
public final class ScriptedRest implements Service {

  private static final long HEAD_NANOS = 5_000_000;
  private static final long CHUNK_NANOS = 10_000_000;
  private static final int CONTENTS = 3;

  private final Script script;
  private final List<InferenceRequest> asked = new ArrayList<>();
  private final List<StreamSource> streams = new ArrayList<>();
  private long written;
  private long begun;

  /** What becomes of each request. */
  public enum Script {
    /** A stream after 5 ms: a role, three contents, the end, 10 ms apart. */
    ANSWERS,
    /** The same stream, at once. */
    READY,
    /** A failure that can be retried, after 5 ms. */
    REFUSES,
    /** A stream that breaks after its first content. */
    BREAKS,
    /** Nothing, until the call ends. */
    HANGS,
    /** A stream without end, of a content in each millisecond while there is room. */
    ENDLESS
  }

  /** A rest of the chain that does the same with all requests. */
  public ScriptedRest(Script script) {
    this.script = script;
  }

  /** The requests that came, in order. */
  public List<InferenceRequest> asked() {
    return List.copyOf(asked);
  }

  /** The streams that it answered with, in order. */
  public List<StreamSource> streams() {
    return List.copyOf(streams);
  }

  /** Chunks that it wrote. */
  public long written() {
    return written;
  }

  /** Requests that came under a call that had not ended. */
  public long begun() {
    return begun;
  }

  /** Requests whose calls have not ended. */
  public long open() {
    return asked.stream().filter(request -> !request.call().ended()).count();
  }

  /** What a request of an id is answered with, in bytes. */
  public static Buffer answer(String id) {
    Buffer all = Buffer.buffer();
    chunks(id).forEach(chunk -> all.appendBuffer(chunk.data()));
    return all;
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    asked.add(request);
    Call call = request.call();
    if (call.ended()) {
      return Future.failedFuture(Failure.cancelled());
    }
    begun++;
    Promise<InferenceResponse> head = Promise.promise();
    call.onEnd(() -> call.timeline().execute(() -> head.tryFail(Failure.cancelled())));
    switch (script) {
      case ANSWERS, BREAKS -> later(call, HEAD_NANOS, () -> begin(request, head));
      case READY -> begin(request, head);
      case REFUSES ->
          later(
              call,
              HEAD_NANOS,
              () -> head.tryFail(Failure.overloaded(503, "upstream_503", "the upstream is full")));
      case ENDLESS -> endless(call, opened(request, head));
      case HANGS -> {}
    }
    return head.future();
  }

  private static void later(Call call, long nanos, Runnable action) {
    Registration timer = call.timeline().after(nanos, action);
    call.onEnd(timer::cancel);
  }

  private StreamSource opened(InferenceRequest request, Promise<InferenceResponse> head) {
    StreamSource source =
        new StreamSource(request.call(), request.call().timeline().nanos(), () -> {});
    streams.add(source);
    Headers headers = Headers.of("content-type", "text/event-stream");
    head.tryComplete(new InferenceResponse("rest", 200, headers, source));
    return source;
  }

  private void begin(InferenceRequest request, Promise<InferenceResponse> head) {
    write(request, opened(request, head), 0);
  }

  private void write(InferenceRequest request, StreamSource source, int from) {
    List<Chunk> chunks = chunks(request.info().id());
    int to = script == Script.READY ? chunks.size() : from + 1;
    for (int i = from; i < to; i++) {
      written++;
      source.write(chunks.get(i));
    }
    if (to < chunks.size() && !source.over()) {
      boolean breaks = script == Script.BREAKS && to == 2;
      later(
          request.call(),
          CHUNK_NANOS,
          breaks
              ? () -> source.fail(Failure.overloaded(502, "upstream_cut", "the stream was cut"))
              : () -> write(request, source, to));
    }
  }

  private static List<Chunk> chunks(String id) {
    List<Chunk> chunks = new ArrayList<>();
    chunks.add(new Chunk(delta("\"role\":\"assistant\""), Chunk.Kind.PRELUDE, 0, false));
    for (int i = 0; i < CONTENTS; i++) {
      chunks.add(Chunk.content(delta("\"content\":\"%s-%d \"".formatted(id, i)), 1));
    }
    chunks.add(new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true));
    return chunks;
  }

  private static Buffer delta(String field) {
    return Buffer.buffer("data: {\"choices\":[{\"index\":0,\"delta\":{" + field + "}}]}\n\n");
  }

  private void endless(Call call, StreamSource source) {
    later(
        call,
        1_000_000,
        () -> {
          boolean room = true;
          if (!source.over()) {
            written++;
            room = source.write(Chunk.content(delta("\"content\":\"x\""), 1));
          }
          if (room && !source.over()) {
            endless(call, source);
          } else {
            source.onDrain(() -> endless(call, source));
          }
        });
  }
}
