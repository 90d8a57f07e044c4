package dev.forebay.core;

import dev.forebay.spi.CachedAnswer;
import dev.forebay.spi.Call;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Timeline;
import dev.forebay.spi.Timings;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.List;

/** A complete answer given again, at the pace of its reader. */
public final class ReplayStream implements TokenStream {

  private final Timeline home;
  private final List<Chunk> chunks;
  private final Usage usage;
  private final long startedNanos;
  private final Promise<Outcome> outcome = Promise.promise();
  private long firstContentNanos = -1;
  private Registration callEnd = Registration.NONE;
  private int cursor;

  /** A replay of a stored answer, that ends with a call. */
  public ReplayStream(Call call, CachedAnswer answer) {
    this(call.home(), answer);
    callEnd = call.onEnd(() -> home.execute(() -> stop(Endings.why(call))));
  }

  /** A replay of a stored answer, on a home. */
  public ReplayStream(Timeline home, CachedAnswer answer) {
    this.home = home;
    this.chunks = answer.chunks();
    this.usage = answer.usage();
    this.startedNanos = home.nanos();
  }

  @Override
  public Future<Chunk> next() {
    if (cursor >= chunks.size()) {
      return Future.failedFuture(
          outcome.future().isComplete() && outcome.future().result().failure() != null
              ? outcome.future().result().failure()
              : Failure.internal("next() after the last chunk", null));
    }
    Chunk chunk = chunks.get(cursor++);
    if (firstContentNanos < 0 && chunk.kind() == Chunk.Kind.CONTENT) {
      firstContentNanos = home.nanos();
    }
    if (chunk.last()) {
      callEnd.cancel();
      outcome.tryComplete(Outcome.ok(usage, timings()));
    }
    return Future.succeededFuture(chunk);
  }

  @Override
  public void cancel() {
    stop(Failure.cancelled());
  }

  private void stop(Failure why) {
    callEnd.cancel();
    cursor = chunks.size();
    outcome.tryComplete(Outcome.failed(why, usage, timings()));
  }

  @Override
  public Future<Outcome> outcome() {
    return outcome.future();
  }

  private Timings timings() {
    return new Timings(startedNanos, firstContentNanos, home.nanos());
  }
}
