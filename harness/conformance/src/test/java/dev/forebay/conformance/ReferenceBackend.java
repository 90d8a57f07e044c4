package dev.forebay.conformance;

import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Registration;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Answers after 5 ms: a keep-alive, a role, contents of 8 tokens, a trailer, 10 ms apart. */
class ReferenceBackend implements Backend {

  private static final long HEAD_NANOS = 5_000_000;
  private static final long CHUNK_NANOS = 10_000_000;
  private static final int TOKENS = 8;

  ReferenceBackend(PluginContext context) {}

  static Plugin<Backend> plugin(Function<PluginContext, Backend> maker) {
    return NamedPlugin.of(Backend.class, "broken", maker);
  }

  @Override
  public Facts facts() {
    return Facts.of("reference");
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Call call = call(request);
    Promise<InferenceResponse> head = Promise.promise();
    long started = call.timeline().nanos();
    call.timeline().after(HEAD_NANOS, () -> begin(request, call, started, head));
    return head.future();
  }

  /** The call that ends the stream. */
  Call call(InferenceRequest request) {
    return request.call();
  }

  private void begin(
      InferenceRequest request, Call call, long started, Promise<InferenceResponse> head) {
    Failure why = call.reason();
    if (why != null) {
      head.fail(why);
      return;
    }
    Producer producer = new Producer(call.timeline(), contents(request));
    StreamSource source = new StreamSource(call, started, producer::stop);
    producer.start(source);
    TokenStream tokens = stream(source, request);
    head.complete(new InferenceResponse(facts().id(), 200, Headers.EMPTY, tokens));
  }

  private static int contents(InferenceRequest request) {
    return Math.max(1, request.info().maxOutputTokens() / TOKENS);
  }

  /** What the caller reads. */
  TokenStream stream(StreamSource source, InferenceRequest request) {
    return source;
  }

  /** Whether the producer heeds a full buffer. */
  boolean pauses() {
    return true;
  }

  /** What an answer used. */
  Usage usage(int tokens) {
    return new Usage(Requests.PROMPT_TOKENS, 10, tokens, 0);
  }

  /** After how many contents the stream breaks. */
  int breaksAfter() {
    return Integer.MAX_VALUE;
  }

  /** Writes chunks while there is room. */
  private final class Producer {
    private final Timeline timeline;
    private final int contents;
    private int step;
    private @Nullable Registration timer;
    private @Nullable StreamSource source;

    Producer(Timeline timeline, int contents) {
      this.timeline = timeline;
      this.contents = contents;
    }

    void start(StreamSource into) {
      source = into;
      into.onDrain(this::schedule);
      schedule();
    }

    void stop() {
      if (timer != null) {
        timer.cancel();
      }
    }

    private void schedule() {
      stop();
      timer = timeline.after(CHUNK_NANOS, this::write);
    }

    private void write() {
      StreamSource into = source;
      if (into == null || into.over()) {
        return;
      }
      if (step - 2 == breaksAfter()) {
        into.fail(Failure.overloaded(502, "cut", "the stream was cut"));
        return;
      }
      Chunk chunk = chunk(step++);
      if (chunk.last()) {
        into.usage(usage(contents * TOKENS));
      }
      boolean room = into.write(chunk) || !pauses();
      if (room && !chunk.last()) {
        schedule();
      }
    }

    private Chunk chunk(int number) {
      if (number == 0) {
        return new Chunk(Buffer.buffer(": keep-alive\n\n"), Chunk.Kind.WAITING, 0, false);
      } else if (number == 1) {
        return new Chunk(Buffer.buffer("data: {}\n\n"), Chunk.Kind.PRELUDE, 0, false);
      } else if (number < contents + 2) {
        return Chunk.content(Buffer.buffer("data: " + number + "\n\n"), TOKENS);
      }
      return new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true);
    }
  }
}
