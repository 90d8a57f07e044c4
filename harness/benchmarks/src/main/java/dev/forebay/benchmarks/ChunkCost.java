package dev.forebay.benchmarks;

import dev.forebay.core.kernel.PluginErrors;
import dev.forebay.core.stream.FirstContent;
import dev.forebay.core.stream.GuardedStream;
import dev.forebay.core.stream.Recording;
import dev.forebay.core.stream.Streams;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What each layer of a stream adds to the way of a chunk, from the backend that writes it to the
 * reader that waits for it. The making of the stream is spread over its 200 chunks. In the package
 * of the layers, which are not public.
 */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = "-Xmx1g")
public class ChunkCost {

  /** Chunks of a stream, near the mean of Azure's conversations of 2023. */
  private static final int CHUNKS = 200;

  private static final Chunk CONTENT = Chunk.content(Buffer.buffer("data: {}\n\n"), 1);
  private static final Chunk LAST =
      new Chunk(Buffer.buffer("data: [DONE]\n\n"), Chunk.Kind.TRAILER, 0, true);

  private final Timeline timeline = new VirtualTimeline();
  private final PluginErrors errors = new PluginErrors(timeline);

  /** The backend's source alone. */
  @Benchmark
  @OperationsPerInvocation(CHUNKS)
  public void source(Blackhole reader) {
    stream(reader, stream -> stream);
  }

  /** With one wait for the first content before it is read. */
  @Benchmark
  @OperationsPerInvocation(CHUNKS)
  public void firstContent(Blackhole reader) {
    Call call = Call.root(timeline);
    StreamSource source = new StreamSource(call, 0, () -> {});
    FirstContent.await(response(source))
        .onSuccess(answer -> Streams.forEach(answer.tokens(), reader::consume));
    write(source, call);
  }

  /** With a record of it that one reader reads. */
  @Benchmark
  @OperationsPerInvocation(CHUNKS)
  public void recording(Blackhole reader) {
    stream(reader, stream -> recorded(stream, Call.root(timeline)));
  }

  /** From a backend that does not use the source, held to the rules. */
  @Benchmark
  @OperationsPerInvocation(CHUNKS)
  public void guarded(Blackhole reader) {
    stream(reader, stream -> guarded(Call.root(timeline), stream).tokens());
  }

  /** All of them, as a gateway with a cache and retries has them. */
  @Benchmark
  @OperationsPerInvocation(CHUNKS)
  public void all(Blackhole reader) {
    Call call = Call.root(timeline);
    StreamSource source = new StreamSource(call, 0, () -> {});
    InferenceResponse guarded = guarded(call, source);
    FirstContent.await(guarded)
        .map(first -> first.with(recorded(first.tokens(), call)))
        .compose(FirstContent::await)
        .onSuccess(answer -> Streams.forEach(answer.tokens(), reader::consume));
    write(source, call);
  }

  private TokenStream recorded(TokenStream stream, Call call) {
    MemoryBudget memory = new MemoryBudget(Long.MAX_VALUE);
    return new Recording(timeline, stream, 1 << 20, memory).join(call, true);
  }

  private void stream(Blackhole reader, UnaryOperator<TokenStream> layer) {
    Call call = Call.root(timeline);
    StreamSource source = new StreamSource(call, 0, () -> {});
    Streams.forEach(layer.apply(source), reader::consume);
    write(source, call);
  }

  private static void write(StreamSource source, Call call) {
    for (int i = 1; i < CHUNKS; i++) {
      source.write(CONTENT);
    }
    source.write(LAST);
    if (!source.over()) {
      throw new IllegalStateException("the stream was not read to its end");
    }
    call.end();
  }

  private InferenceResponse guarded(Call call, TokenStream stream) {
    return GuardedStream.guard(call, 0, response(new Foreign(stream)), "foreign", errors);
  }

  private static InferenceResponse response(TokenStream tokens) {
    return new InferenceResponse("a", 200, Headers.EMPTY, tokens);
  }

  /** A stream that the core does not know. */
  private record Foreign(TokenStream stream) implements TokenStream {
    @Override
    public Future<Chunk> next() {
      return stream.next();
    }

    @Override
    public void cancel() {
      stream.cancel();
    }

    @Override
    public Future<Outcome> outcome() {
      return stream.outcome();
    }
  }
}
