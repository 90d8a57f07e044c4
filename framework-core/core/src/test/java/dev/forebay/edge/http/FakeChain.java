package dev.forebay.edge.http;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Service;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.TokenStream;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A chain whose answers the test gives, when it wants to. */
final class FakeChain implements Service {

  private final BlockingQueue<Asked> asked = new LinkedBlockingQueue<>();

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    Asked one = new Asked(request);
    asked.add(one);
    return one.head.future();
  }

  /** The next request that came. */
  Asked next() throws InterruptedException {
    Asked one = asked.poll(10, TimeUnit.SECONDS);
    if (one == null) {
      throw new AssertionError("no request came");
    }
    return one;
  }

  /** Whether nothing came. */
  boolean quiet() {
    return asked.isEmpty();
  }

  /** A request that waits for its answer. */
  static final class Asked {
    final InferenceRequest request;
    final Promise<InferenceResponse> head = Promise.promise();
    final Promise<Void> stopped = Promise.promise();
    final Promise<Void> ended = Promise.promise();

    Asked(InferenceRequest request) {
      this.request = request;
      request.call().onEnd(ended::tryComplete);
    }

    void fail(Failure failure) {
      head.fail(failure);
    }

    void answer(String type, TokenStream tokens) {
      head.complete(
          new InferenceResponse("upstream-1", 200, Headers.of("content-type", type), tokens));
    }

    void whole(String json) {
      home(source -> source.write(Chunk.whole(Buffer.buffer(json), 1)), "application/json");
    }

    /** Says 202, and where the answer will be. */
    void accepts(String place) {
      request
          .call()
          .timeline()
          .execute(
              () -> {
                StreamSource source = new StreamSource(request.call(), 0, () -> {});
                head.complete(
                    new InferenceResponse("a", 202, Headers.of("location", place), source));
                source.write(Chunk.whole(Buffer.buffer("{}"), 1));
              });
    }

    /** Opens a stream; further steps by the source that is given, on the home. */
    Streaming stream() {
      Promise<StreamSource> made = Promise.promise();
      home(made::complete, "text/event-stream");
      return new Streaming(this, made.future());
    }

    private void home(Consumer<StreamSource> first, String type) {
      request
          .call()
          .timeline()
          .execute(
              () -> {
                StreamSource source =
                    new StreamSource(
                        request.call(), request.call().timeline().nanos(), stopped::tryComplete);
                answer(type, source);
                first.accept(source);
              });
    }
  }

  /** A stream that the test writes. */
  record Streaming(Asked asked, Future<StreamSource> source) {

    Streaming prelude(String event) {
      return write(new Chunk(Buffer.buffer(event), Chunk.Kind.PRELUDE, 0, false));
    }

    Streaming content(String event) {
      return write(Chunk.content(Buffer.buffer(event), 1));
    }

    Streaming waiting() {
      return write(new Chunk(Buffer.buffer(": keep-alive\n\n"), Chunk.Kind.WAITING, 0, false));
    }

    void done() {
      write(new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true));
    }

    void fail(Failure failure) {
      source.onSuccess(open -> asked.request.call().timeline().execute(() -> open.fail(failure)));
    }

    private Streaming write(Chunk chunk) {
      source.onSuccess(open -> asked.request.call().timeline().execute(() -> open.write(chunk)));
      return this;
    }
  }
}
