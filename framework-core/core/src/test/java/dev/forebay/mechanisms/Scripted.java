package dev.forebay.mechanisms;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** A backend that does with each request what a script says, and counts what goes on. */
final class Scripted implements Backend {

  private static final String TOKEN = " tok";

  /** What it does with a request. */
  interface Act extends Function<InferenceRequest, Future<InferenceResponse>> {}

  final String id;
  private final String account;
  private final Function<Integer, Act> script;
  final List<InferenceRequest> calls = new ArrayList<>();
  boolean closed;

  /** Where it is; null for nowhere. */
  @Nullable URI address;

  /** What it offers; empty for any model. */
  List<String> models = List.of();

  /** Whether it continues answers. */
  boolean continues = true;

  /** The longest prompt that fits, in tokens. */
  int longest = Integer.MAX_VALUE;

  /** Streams that are open: neither ended nor stopped. */
  int open;

  Scripted(String id, Function<Scripted, Act> act) {
    this(id, id, act);
  }

  Scripted(String id, String account, Function<Scripted, Act> act) {
    this.id = id;
    this.account = account;
    Act always = act.apply(this);
    this.script = number -> always;
  }

  /** One whose acts depend on how many requests it had: 1 for the first. */
  static Scripted byNumber(String id, IntFunction<Function<Scripted, Act>> acts) {
    return new Scripted(acts, id);
  }

  private Scripted(IntFunction<Function<Scripted, Act>> acts, String id) {
    this.id = id;
    this.account = id;
    this.script = number -> acts.apply(number).apply(this);
  }

  @Override
  public Facts facts() {
    return new Facts(
        id,
        account,
        address,
        models,
        request -> request.promptTokens() <= longest,
        List.of(),
        continues);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    calls.add(request);
    return script.apply(calls.size()).apply(request);
  }

  @Override
  public Future<Void> close() {
    closed = true;
    return Future.succeededFuture();
  }

  static Chunk chunk(String text, boolean last) {
    return new Chunk(Buffer.buffer(text), Chunk.Kind.CONTENT, 1, last);
  }

  static Chunk waiting() {
    return new Chunk(Buffer.buffer(": keep-alive\n\n"), Chunk.Kind.WAITING, 0, false);
  }

  InferenceResponse response(TokenStream tokens) {
    return new InferenceResponse(id, 200, Headers.of("content-type", "text/event-stream"), tokens);
  }

  /** So many chunks, one in each interval; the head comes at once. */
  Act streams(int chunks, long intervalNanos) {
    return streams(chunks, intervalNanos, Integer.MAX_VALUE);
  }

  /** As {@link #streams(int, long)}, but dies after so many chunks. */
  Act streams(int chunks, long intervalNanos, int diesAfter) {
    return request -> {
      StreamSource source = open(request.call());
      write(request.call(), source, 0, chunks, intervalNanos, diesAfter);
      return Future.succeededFuture(response(source));
    };
  }

  /** So many tokens in OpenAI's form, streamed or whole as it is asked. */
  Act answers(int tokens, long intervalNanos) {
    return cut(tokens, intervalNanos, Integer.MAX_VALUE);
  }

  /** These chunks, at once. */
  Act gives(List<Chunk> chunks) {
    return request -> {
      StreamSource source = open(request.call());
      chunks.forEach(source::write);
      return Future.succeededFuture(response(source));
    };
  }

  /** These chunks, one in each interval. */
  Act gives(List<Chunk> chunks, long intervalNanos) {
    return request -> {
      StreamSource source = open(request.call());
      give(request.call(), source, chunks, 0, intervalNanos, Integer.MAX_VALUE);
      return Future.succeededFuture(response(source));
    };
  }

  /** As {@link #answers}, but breaks before a chunk. */
  Act cut(int tokens, long intervalNanos, int before) {
    return request -> {
      StreamSource source = open(request.call());
      boolean stream = request.info().stream();
      boolean tells = request.info().traits().includeUsage();
      List<Chunk> chunks = stream ? events(tokens, tells) : List.of(whole(tokens));
      if (!stream || tells) {
        source.usage(new Usage(10, 0, tokens, 0));
      }
      give(request.call(), source, chunks, 0, intervalNanos, before);
      String type = stream ? "text/event-stream" : "application/json";
      return Future.succeededFuture(
          new InferenceResponse(id, 200, Headers.of("content-type", type), source));
    };
  }

  static List<Chunk> events(int tokens, boolean usage) {
    List<Chunk> chunks = new ArrayList<>();
    String role = choice("\"role\":\"assistant\",\"content\":\"\"", "null");
    chunks.add(new Chunk(event(role), Chunk.Kind.PRELUDE, 0, false));
    for (int i = 0; i < tokens; i++) {
      chunks.add(Chunk.content(event(choice("\"content\":\"" + TOKEN + "\"", "null")), 1));
    }
    chunks.add(new Chunk(event(choice("", "\"stop\"")), Chunk.Kind.TRAILER, 0, false));
    if (usage) {
      Buffer event = event("\"choices\":[],\"usage\":" + usage(tokens));
      chunks.add(new Chunk(event, Chunk.Kind.TRAILER, 0, false));
    }
    chunks.add(new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true));
    return chunks;
  }

  private static String choice(String delta, String reason) {
    return "\"choices\":[{\"index\":0,\"delta\":{%s},\"finish_reason\":%s}]"
        .formatted(delta, reason);
  }

  private static Buffer event(String fields) {
    return Buffer.buffer(
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"m\",%s}\n\n"
            .formatted(fields));
  }

  private static Chunk whole(int tokens) {
    String message = "\"role\":\"assistant\",\"content\":\"" + TOKEN.repeat(tokens) + "\"";
    String choice = "{\"index\":0,\"message\":{" + message + "},\"finish_reason\":\"stop\"}";
    return Chunk.whole(
        Buffer.buffer(
            "{\"id\":\"c1\",\"object\":\"chat.completion\",\"created\":7,\"model\":\"m\",\"choices\":[%s],\"usage\":%s}"
                .formatted(choice, usage(tokens))),
        tokens);
  }

  private static String usage(int tokens) {
    return "{\"prompt_tokens\":10,\"completion_tokens\":%d,\"total_tokens\":%d}"
        .formatted(tokens, 10 + tokens);
  }

  private static void give(
      Call call,
      StreamSource source,
      List<Chunk> chunks,
      int place,
      long intervalNanos,
      int before) {
    if (place < chunks.size() && !source.over()) {
      later(
          call.timeline(),
          intervalNanos,
          () -> {
            if (place >= before) {
              source.fail(Failure.overloaded(502, "cut", "the stream was cut"));
              return;
            }
            source.write(chunks.get(place));
            give(call, source, chunks, place + 1, intervalNanos, before);
          });
    }
  }

  /** As {@link #streams(int, long)}, but speaks only after a while; the head comes at once. */
  Act speaks(long afterNanos, int chunks, long intervalNanos) {
    return request -> {
      StreamSource source = open(request.call());
      later(
          request.call().timeline(),
          afterNanos,
          () -> write(request.call(), source, 0, chunks, intervalNanos, Integer.MAX_VALUE));
      return Future.succeededFuture(response(source));
    };
  }

  /** Nothing but keep-alives, without end. */
  Act keepsAlive(long intervalNanos) {
    return request -> {
      StreamSource source = open(request.call());
      keepAlive(request.call(), source, intervalNanos);
      return Future.succeededFuture(response(source));
    };
  }

  /** So many chunks after a while, then nothing more, or keep-alives without end. */
  Act fallsSilent(long afterNanos, int chunks, long intervalNanos, boolean keepsAlive) {
    return request -> {
      StreamSource source = open(request.call());
      Timeline timeline = request.call().timeline();
      for (int i = 0; i < chunks; i++) {
        String text = "[" + i + "]";
        timeline.after(afterNanos + i * intervalNanos, () -> source.write(chunk(text, false)));
      }
      if (keepsAlive) {
        timeline.after(
            afterNanos + chunks * intervalNanos,
            () -> keepAlive(request.call(), source, intervalNanos));
      }
      return Future.succeededFuture(response(source));
    };
  }

  /** A whole answer after a while. */
  Act whole(long delayNanos) {
    return request -> {
      StreamSource source = open(request.call());
      Promise<InferenceResponse> head = Promise.promise();
      later(
          request.call().timeline(),
          delayNanos,
          () -> {
            source.write(chunk("whole", true));
            head.complete(response(source));
          });
      return head.future();
    };
  }

  /** Fails after a while; at once where that is 0. */
  Act fails(Failure failure, long delayNanos) {
    return request -> {
      Promise<InferenceResponse> head = Promise.promise();
      later(request.call().timeline(), delayNanos, () -> head.fail(failure));
      return head.future();
    };
  }

  /** Never says anything. */
  Act silent() {
    return request -> Promise.<InferenceResponse>promise().future();
  }

  /** A stream without any rule: its outcome never comes, it does not stop, chunks are as given. */
  Act unruly(Function<Integer, Future<Chunk>> next) {
    return request ->
        Future.succeededFuture(
            response(
                new TokenStream() {
                  private int number;

                  @Override
                  public Future<Chunk> next() {
                    return next.apply(number++);
                  }

                  @Override
                  public void cancel() {}

                  @Override
                  public Future<Outcome> outcome() {
                    return Promise.<Outcome>promise().future();
                  }
                }));
  }

  /** Responds though its call ended long ago. */
  Act late(long delayNanos) {
    return request -> {
      Promise<InferenceResponse> head = Promise.promise();
      later(
          request.call().timeline(),
          delayNanos,
          () -> head.complete(response(open(Call.root(request.call().timeline())))));
      return head.future();
    };
  }

  private StreamSource open(Call call) {
    open++;
    StreamSource source = new StreamSource(call, call.timeline().nanos(), () -> {});
    source.outcome().onSuccess(outcome -> open--);
    return source;
  }

  private static void later(Timeline timeline, long delayNanos, Runnable action) {
    if (delayNanos == 0) {
      action.run();
    } else {
      timeline.after(delayNanos, action);
    }
  }

  private static void keepAlive(Call call, StreamSource source, long intervalNanos) {
    if (!source.over()) {
      source.write(waiting());
      call.timeline().after(intervalNanos, () -> keepAlive(call, source, intervalNanos));
    }
  }

  private static void write(
      Call call, StreamSource source, int from, int chunks, long intervalNanos, int diesAfter) {
    int number = from;
    while (!source.over()) {
      if (number == diesAfter) {
        source.fail(Failure.overloaded(502, "cut", "the stream was cut"));
        return;
      }
      int next = number + 1;
      source.write(chunk("[" + number + "]", next == chunks));
      if (next == chunks) {
        return;
      }
      if (intervalNanos > 0) {
        call.timeline()
            .after(
                intervalNanos, () -> write(call, source, next, chunks, intervalNanos, diesAfter));
        return;
      }
      number = next;
    }
  }
}
