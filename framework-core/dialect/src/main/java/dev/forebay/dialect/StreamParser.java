package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * A streamed answer: one chunk for each event, its bytes as they came.
 *
 * <p>It is complete if each choice that has begun has a finish reason, and {@code [DONE]} follows.
 * Some servers leave {@code [DONE]} out: then the end of the response completes an answer that has
 * all the choices that were asked for, and {@code [DONE]} is added. Any other end is a cut. If the
 * response was lost after that, {@code [DONE]} is added for the caller, but proves nothing.
 */
final class StreamParser implements Parser {

  static final Buffer KEEP_ALIVE = Buffer.buffer(": keep-alive\n\n");

  /** Bytes, and values, of one event. */
  static final int MAX_EVENT = 16 << 20;

  static final int MAX_VALUES = 500_000;

  /** Bytes of the data of an event that is read at once; a larger one is read in slices. */
  static final int MAX_AT_ONCE = 128 << 10;

  static final int SLICE = 4096;

  private static final Buffer NOTHING = Buffer.buffer(0);

  private final Sink sink;
  private final Expected expected;
  private final SseReader reader;
  private final Choices choices = new Choices();
  private final Share share;
  private final ArrayDeque<SseReader.Block> later = new ArrayDeque<>();
  private @Nullable Large large;
  private Buffer pending = NOTHING;
  private boolean own; // pending is no piece of the network, but a copy
  private int at;
  private Usage used = Usage.NONE;
  private long sinceEvent;
  private boolean said;
  private boolean ending;
  private boolean complete;
  private boolean room = true;

  /**
   * A parser.
   *
   * @param again asks for {@link #more()} in a later turn
   */
  StreamParser(Sink sink, Expected expected, Runnable again) {
    this.sink = sink;
    this.expected = expected;
    this.share = new Share(again);
    this.reader = new SseReader(Math.min(expected.maxAnswer(), MAX_EVENT), this::came);
  }

  @Override
  public boolean read(Buffer piece) {
    if (at == pending.length()) {
      pending = piece;
      at = 0;
      own = false;
    } else {
      join(piece);
    }
    return readOn();
  }

  /**
   * Puts a piece behind what was not read. What was read is left out once it is the larger half.
   */
  private void join(Buffer piece) {
    if (!own || at > pending.length() / 2) {
      pending = pending.getBuffer(at, pending.length());
      at = 0;
      own = true;
    }
    pending.appendBuffer(piece);
  }

  @Override
  public boolean more() {
    share.renew();
    return readOn();
  }

  private boolean readOn() {
    room = true;
    while (unread()) {
      if (!room || share.usedUp()) {
        return false;
      }
      step();
    }
    return room;
  }

  private boolean unread() {
    return !complete && (large != null || !later.isEmpty() || at < pending.length());
  }

  /** Reads a slice, or goes on with the events of the last one. */
  private void step() {
    Large begun = large;
    SseReader.Block next = begun == null ? later.poll() : null;
    if (begun != null) {
      read(begun);
    } else if (next != null) {
      block(next);
    } else {
      int from = at;
      at = Math.min(pending.length(), from + SLICE);
      share.read(0, at - from);
      feed(at - from == pending.length() ? pending : pending.getBuffer(from, at));
    }
  }

  private void feed(Buffer slice) {
    try {
      reader.read(slice);
    } catch (SseReader.TooLarge e) {
      throw Failure.overloaded(502, "event_too_large", String.valueOf(e.getMessage()));
    }
  }

  @Override
  public void lost() {
    end(Chunk.Kind.UNPROVEN);
  }

  @Override
  public void end() {
    end(Chunk.Kind.TRAILER);
  }

  private void end(Chunk.Kind kind) {
    while (unread()) {
      step();
    }
    ending = true;
    reader.end();
    if (complete) {
      return;
    }
    if (!enough()) {
      throw cut();
    }
    last(Events.DONE.data(), kind);
  }

  private static Failure cut() {
    return Failure.overloaded(502, "cut", "the upstream's stream was cut");
  }

  @Override
  public boolean complete() {
    return complete;
  }

  @Override
  public boolean enough() {
    return choices.allEnded() && choices.ended() >= expected.choices().getAsInt();
  }

  @Override
  public long held() {
    Large begun = large;
    return reader.held() + sink.held() + (begun == null ? 0 : 2L * begun.data.length);
  }

  @Override
  public void fail(Failure why) {
    complete = true;
    large = null;
    later.clear();
    sink.fail(why);
  }

  /** Takes a block, unless one before it is not read yet. */
  private void came(SseReader.Block block) {
    share.step();
    if (complete) {
      return;
    }
    if (large == null && later.isEmpty()) {
      block(block);
    } else {
      later.add(block);
    }
  }

  private void block(SseReader.Block block) {
    byte[] data = block.data;
    String stray = block.stray;
    if (stray != null) {
      Faults.checkStray(stray, block.strayError);
    }
    if (data == null) {
      sinceEvent += block.bytes.length();
      if (sinceEvent > expected.maxAnswer()) {
        throw Failure.overloaded(502, "no_content", "the upstream sends nothing but comments");
      }
      // Some clients take an id or an event without data for an event, and fail on it.
      Buffer comment = block.hasFields ? KEEP_ALIVE : block.bytes;
      write(new Chunk(comment, Chunk.Kind.WAITING, 0, false));
    } else if (isDone(data)) {
      done(block.bytes);
    } else {
      sinceEvent = 0;
      event(block, data);
    }
  }

  private void done(Buffer bytes) {
    if (!said && !choices.allEnded()) {
      throw Failure.overloaded(502, "empty", "the upstream's stream is empty");
    }
    if (!choices.allEnded()) {
      throw cut();
    }
    last(bytes, Chunk.Kind.TRAILER);
  }

  private void event(SseReader.Block block, byte[] data) {
    if (data.length > MAX_AT_ONCE) {
      if (!ending) { // else it is the half of an event that was cut
        large = new Large(block, data, new SlicedAnswer(choices));
      }
      return;
    }
    Answer answer;
    try {
      answer = Answer.read(data, choices, MAX_VALUES);
    } catch (IOException e) {
      if (ending) {
        return; // the half of an event that was cut
      }
      throw malformed();
    }
    event(block, data, answer);
  }

  /** Reads a slice of a large event. */
  private void read(Large event) {
    int from = event.at;
    long before = event.answer.tokens();
    event.at = Math.min(event.data.length, from + MAX_AT_ONCE);
    try {
      event.answer.read(event.data, from, event.at);
    } catch (IOException e) {
      throw malformed();
    }
    share.read(event.answer.tokens() - before, event.at - from);
    boolean whole = event.at == event.data.length;
    if (event.answer.tokens() > MAX_VALUES || (whole && !event.answer.answer().complete())) {
      throw malformed();
    }
    if (whole) {
      large = null;
      event.answer.close();
      event(event.block, event.data, event.answer.answer());
    }
  }

  private static Failure malformed() {
    return Failure.overloaded(502, "malformed", "an event of the upstream is no JSON object");
  }

  private void event(SseReader.Block block, byte[] data, Answer answer) {
    Faults.check(answer, block.namedError, () -> Buffer.buffer(data));
    Usage now = answer.usage();
    if (now != null) {
      used = Counts.merged(used, now);
      sink.usage(used);
    }
    said |= answer.content();
    if (expected.hideUsage() && answer.usageOnly()) {
      return;
    }
    write(new Chunk(block.bytes, answer.kind(), answer.tokens(), false));
  }

  private void write(Chunk chunk) {
    room &= sink.write(chunk);
  }

  private void last(Buffer bytes, Chunk.Kind kind) {
    complete = true;
    sink.write(new Chunk(bytes, kind, 0, true));
  }

  private static boolean isDone(byte[] data) {
    return data.length < 16 && new String(data, StandardCharsets.UTF_8).trim().equals("[DONE]");
  }

  /** An event that is read in slices. */
  private static final class Large {
    private final SseReader.Block block;
    private final byte[] data;
    private final SlicedAnswer answer;
    private int at;

    Large(SseReader.Block block, byte[] data, SlicedAnswer answer) {
      this.block = block;
      this.data = data;
      this.answer = answer;
    }
  }
}
