package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

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

  /** Bytes, and values, of one event: it is read in one turn of an event loop. */
  static final int MAX_EVENT = 16 << 20;

  static final int MAX_VALUES = 500_000;

  /** Events and blank lines that are read in one turn, but for the rest of a slice of bytes. */
  static final int TURN = 1000;

  static final int SLICE = 4096;

  private static final Buffer NOTHING = Buffer.buffer(0);

  private final Sink sink;
  private final Expected expected;
  private final SseReader reader;
  private final Choices choices = new Choices();
  private final Runnable again;
  private Buffer pending = NOTHING;
  private int at;
  private int blocks;
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
    this.again = again;
    this.reader = new SseReader(Math.min(expected.maxAnswer(), MAX_EVENT), this::block);
  }

  @Override
  public boolean read(Buffer piece) {
    pending = at == pending.length() ? piece : rest().appendBuffer(piece);
    at = 0;
    return more();
  }

  private Buffer rest() {
    return pending.getBuffer(at, pending.length());
  }

  @Override
  public boolean more() {
    room = true;
    blocks = 0;
    while (at < pending.length() && !complete) {
      if (room && blocks >= TURN) {
        again.run();
        room = false;
      }
      if (!room) {
        return false;
      }
      int from = at;
      at = Math.min(pending.length(), from + SLICE);
      feed(at - from == pending.length() ? pending : pending.getBuffer(from, at));
    }
    return room;
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
    if (at < pending.length()) {
      feed(rest());
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
    return reader.held() + sink.held();
  }

  @Override
  public void fail(Failure why) {
    complete = true;
    sink.fail(why);
  }

  private void block(SseReader.Block block) {
    byte[] data = block.data;
    blocks++;
    if (complete) {
      return;
    }
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
    Answer answer;
    try {
      answer = Answer.read(data, choices, MAX_VALUES);
    } catch (IOException e) {
      if (ending) {
        return; // the half of an event that was cut
      }
      throw Failure.overloaded(502, "malformed", "an event of the upstream is no JSON object");
    }
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
}
