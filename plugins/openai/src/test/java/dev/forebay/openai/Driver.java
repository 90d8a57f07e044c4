package dev.forebay.openai;

import dev.forebay.core.kernel.VertxTimeline;
import dev.forebay.core.stream.Streams;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.host.MemoryBudget;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Asks backends on an event loop, and waits for what they say. */
final class Driver implements AutoCloseable {

  static final String CHAT = "{\"model\":\"m\",\"messages\":[]}";

  private static final Duration DEFAULT_CONNECT = OpenAi.at("a", "http://a").connectTimeout();
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  final Vertx vertx;
  final Timeline timeline;
  final Call call;
  private final List<OpenAiBackend> made = new ArrayList<>();

  Driver() {
    this(new VertxOptions());
  }

  Driver(VertxOptions options) {
    vertx = Vertx.vertx(options);
    timeline = VertxTimeline.of(vertx);
    call = Call.root(timeline);
  }

  /**
   * A backend, with patience: unless a test bounds it, a connection may take longer than by
   * default. The first TLS handshake of a process took more than those 5 s on a busy machine.
   */
  OpenAiBackend backend(OpenAi options) {
    OpenAi used =
        options.connectTimeout().equals(DEFAULT_CONNECT)
            ? options.withConnectTimeout(PATIENCE)
            : options;
    OpenAiBackend backend =
        new OpenAiBackend(used, vertx, timeline, new MemoryBudget(Long.MAX_VALUE), amount -> {});
    made.add(backend);
    return backend;
  }

  Future<InferenceResponse> serve(OpenAiBackend backend, boolean streamed) {
    return serve(backend, Operation.CHAT, streamed, CHAT);
  }

  Future<InferenceResponse> serve(
      OpenAiBackend backend, Operation operation, boolean streamed, String body) {
    InferenceRequest request =
        new InferenceRequest(
            Asked.info(operation, streamed), Buffer.buffer(body), call, Attempt.FIRST);
    return on(() -> backend.serve(request));
  }

  /** Asks, and reads to the end. */
  Read read(OpenAiBackend backend, boolean streamed) {
    return done(serve(backend, streamed).compose(head -> on(() -> drain(head))));
  }

  /** Asks for something that is refused, or breaks. */
  Failure failure(OpenAiBackend backend, boolean streamed) {
    try {
      Read read = read(backend, streamed);
      throw new AssertionError("it was answered: " + read.text);
    } catch (CompletionException e) {
      return Failure.from(e.getCause() == null ? e : e.getCause());
    }
  }

  <T> Future<T> on(Supplier<Future<T>> step) {
    Promise<T> promise = Promise.promise();
    timeline.execute(() -> step.get().onComplete(promise));
    return promise.future();
  }

  static <T> T done(Future<T> future) {
    return future.toCompletionStage().toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
  }

  private static Future<Read> drain(InferenceResponse head) {
    StringBuilder text = new StringBuilder();
    List<Chunk.Kind> kinds = new ArrayList<>();
    return Streams.forEach(
            head.tokens(),
            chunk -> {
              kinds.add(chunk.kind());
              text.append(chunk.data());
            })
        .compose(nothing -> head.tokens().outcome())
        .map(outcome -> new Read(head, text.toString(), kinds, outcome));
  }

  @Override
  public void close() {
    call.end();
    made.forEach(backend -> done(backend.close()));
    done(vertx.close());
  }

  /**
   * An answer that was read to its end.
   *
   * @param kinds of its chunks
   */
  record Read(InferenceResponse head, String text, List<Chunk.Kind> kinds, Outcome outcome) {}
}
