package dev.forebay.llama;

import dev.forebay.gguf.GgufFile;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Operation;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.policy.Backend;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A model in this process. */
final class LlamaBackend implements Backend {

  private final Llama options;
  private final Facts facts;
  private final boolean beginsWithToken;
  private final Slots slots;
  private final @Nullable Slots embedder;
  private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

  LlamaBackend(Llama options, GgufFile file, PluginContext context) {
    this.options = options;
    this.facts =
        Facts.of(options.id())
            .withModels(options.models())
            .withFitting(request -> fits(options, request));
    // without the flag: vocabularies of the kind "llama" have one, those of the kind "gpt2" do not
    this.beginsWithToken =
        file.flag(
            "tokenizer.ggml.add_bos_token",
            file.text("tokenizer.ggml.model").orElse("").equals("llama"));
    Engines.Key key = Engines.Key.of(options, file);
    this.slots = Engines.get(key);
    this.embedder = options.embeddings() ? Engines.get(key.forEmbeddings()) : null;
    slots.use();
    if (embedder != null) {
      embedder.use();
    }
    context.gauge("running", slots::running);
    context.gauge("waiting", slots::waiting);
  }

  @Override
  public Future<InferenceResponse> serve(InferenceRequest request) {
    if (request.call().ended()) {
      Failure why = request.call().reason();
      return Future.failedFuture(why == null ? Failure.cancelled() : why);
    }
    try {
      Ask ask = AskReader.read(request.info().operation(), request.body());
      Slots room = slots;
      if (request.info().operation() == Operation.EMBEDDING) {
        if (embedder == null) {
          throw AskReader.wrong("embeddings are off here (expected: the option embeddings)");
        }
        room = embedder;
      }
      return new Answering(options, beginsWithToken, request, ask, room).start();
    } catch (Failure failure) {
      return Future.failedFuture(failure.at(options.id()));
    }
  }

  @Override
  public Facts facts() {
    return facts;
  }

  @Override
  public void prepare() {
    slots.prepare();
    if (embedder != null) {
      embedder.prepare();
    }
  }

  @Override
  public boolean ready() {
    return slots.ready();
  }

  /** By the estimate of the prompt's length: what it says yes to may still be too long. */
  private static boolean fits(Llama options, RequestInfo request) {
    return request.promptTokens() < options.context()
        && !request.traits().tools()
        && (request.operation() != Operation.EMBEDDING || options.embeddings());
  }

  @Override
  public double load() {
    return slots.load();
  }

  @Override
  public void draining() {
    if (state.compareAndSet(State.OPEN, State.DRAINING)) {
      all().forEach(Slots::drain);
    }
  }

  /** Completes once the engine computes nothing, where no other backend uses it. */
  @Override
  public Future<Void> close() {
    State before = state.getAndSet(State.CLOSED);
    if (before == State.CLOSED) {
      return Future.succeededFuture();
    }
    List<Slots> left = all().stream().filter(each -> each.leave(before == State.DRAINING)).toList();
    Promise<Void> closed = Promise.promise();
    Thread.ofVirtual()
        .start(
            () -> {
              left.forEach(Engines::settle);
              closed.complete();
            });
    return closed.future();
  }

  private List<Slots> all() {
    return embedder == null ? List.of(slots) : List.of(slots, embedder);
  }

  private enum State {
    OPEN,
    DRAINING,
    CLOSED
  }
}
