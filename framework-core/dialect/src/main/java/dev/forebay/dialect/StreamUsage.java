package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.policy.CachedAnswer;
import dev.forebay.spi.policy.ChunkTimes;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The event that ends a stream with its usage: {@code stream_options.include_usage} asks for it,
 * and who does not ask must not get it, whoever asked when the stream was recorded.
 */
final class StreamUsage {

  /** Bytes of an event that may be one that has the usage only. */
  private static final int MAX_EVENT = 64 << 10;

  /** Events at the end of a stream among which its usage is: some have one for each choice. */
  private static final int LAST = 256;

  private StreamUsage() {}

  /**
   * A recorded stream as a request wants it.
   *
   * @param wanted whether it is to end with its usage
   * @return null where its usage is wanted, and nobody knows it
   */
  static @Nullable CachedAnswer as(CachedAnswer answer, boolean wanted) {
    List<Chunk> chunks = answer.chunks();
    int extra = -1;
    boolean said = false;
    int latest = -1;
    for (int i = Math.max(0, chunks.size() - LAST); i < chunks.size(); i++) {
      Answer event = trailer(chunks.get(i));
      if (event != null) {
        latest = i;
        said |= event.usage() != null;
        extra = event.usageOnly() ? i : extra;
      }
    }
    if (!wanted) {
      return extra < 0 ? answer : without(answer, extra);
    }
    if (said) {
      return answer;
    }
    JsonObject like = latest < 0 ? null : Events.json(chunks.get(latest).data());
    return like == null || !Events.known(answer.usage()) ? null : with(answer, like);
  }

  private static @Nullable Answer trailer(Chunk chunk) {
    boolean may = chunk.kind() == Chunk.Kind.TRAILER && chunk.data().length() <= MAX_EVENT;
    return may ? Events.answer(chunk.data()) : null;
  }

  private static CachedAnswer without(CachedAnswer answer, int place) {
    List<Chunk> chunks = new ArrayList<>(answer.chunks());
    chunks.remove(place);
    return changed(answer, chunks, place, -1);
  }

  private static CachedAnswer with(CachedAnswer answer, JsonObject like) {
    JsonObject event = like.copy().put("choices", new JsonArray());
    event.put("usage", Events.usage(answer.usage()));
    List<Chunk> chunks = new ArrayList<>(answer.chunks());
    int place = chunks.size() - 1;
    chunks.add(place, new Chunk(Events.event(event), Chunk.Kind.TRAILER, 0, false));
    return changed(answer, chunks, place, 1);
  }

  /** With other chunks, and the times that belong to them. */
  private static CachedAnswer changed(
      CachedAnswer answer, List<Chunk> chunks, int place, int added) {
    ChunkTimes times = answer.times();
    if (times.size() > 0) {
      int[] millis = new int[chunks.size()];
      for (int i = 0; i < millis.length; i++) {
        int before = added > 0 ? (i > place ? i - 1 : i) : (i >= place ? i + 1 : i);
        millis[i] = times.millis(before);
      }
      times = ChunkTimes.of(millis);
    }
    return new CachedAnswer(
        answer.servedBy(),
        answer.status(),
        answer.headers(),
        chunks,
        answer.usage(),
        answer.storedAtMillis(),
        times);
  }

  /** A stream in flight, without its usage event. */
  static TokenStream without(TokenStream stream) {
    return new Dropping(stream);
  }

  private record Dropping(TokenStream stream) implements TokenStream {

    @Override
    public Future<Chunk> next() {
      Future<Chunk> next = stream.next();
      if (!next.isComplete()) {
        return next.compose(this::checked);
      }
      return next.failed() || next.result().kind() != Chunk.Kind.TRAILER
          ? next
          : checked(next.result());
    }

    private Future<Chunk> checked(Chunk chunk) {
      Answer event = chunk.last() ? null : trailer(chunk);
      boolean dropped = event != null && event.usageOnly();
      return dropped ? stream.next() : Future.succeededFuture(chunk);
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
