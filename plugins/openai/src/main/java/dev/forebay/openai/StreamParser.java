package dev.forebay.openai;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.StreamSource;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * A streamed answer: one chunk for each event, its bytes as they came.
 *
 * <p>It is complete with {@code [DONE]}; some servers leave that out, so an end after a finish
 * reason completes it too, and {@code [DONE]} is added. An end before is a cut.
 */
final class StreamParser implements Parser {

  private static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
  private static final Buffer KEEP_ALIVE = Buffer.buffer(": keep-alive\n\n");

  private final StreamSource source;
  private final boolean hideUsage;
  private final SseReader reader;
  private boolean said;
  private boolean finished;
  private boolean ending;
  private boolean complete;
  private boolean room = true;

  /**
   * A parser.
   *
   * @param maxEvent bytes that an event may have
   * @param hideUsage whether the caller did not ask for the event that has the usage only
   */
  StreamParser(StreamSource source, long maxEvent, boolean hideUsage) {
    this.source = source;
    this.hideUsage = hideUsage;
    this.reader = new SseReader(maxEvent, this::block);
  }

  @Override
  public boolean read(Buffer piece) {
    room = true;
    try {
      reader.read(piece);
    } catch (SseReader.TooLarge e) {
      throw Failure.overloaded(502, "event_too_large", String.valueOf(e.getMessage()));
    }
    return room;
  }

  @Override
  public void end() {
    ending = true;
    reader.end();
    if (complete) {
      return;
    }
    if (!finished) {
      throw Failure.overloaded(502, "cut", "the upstream's stream was cut");
    }
    last(DONE);
  }

  @Override
  public boolean complete() {
    return complete;
  }

  @Override
  public boolean enough() {
    return finished;
  }

  @Override
  public void fail(Failure why) {
    complete = true;
    source.fail(why);
  }

  private void block(SseReader.Block block) {
    byte[] data = block.data;
    if (complete) {
      return;
    }
    if (data == null) {
      // Some clients take an id or an event without data for an event, and fail on it.
      Buffer comment = block.hasFields ? KEEP_ALIVE : block.bytes;
      write(new Chunk(comment, Chunk.Kind.WAITING, 0, false));
    } else if (isDone(data)) {
      if (!said && !finished) {
        throw Failure.overloaded(502, "empty", "the upstream's stream is empty");
      }
      last(block.bytes);
    } else {
      event(block, data);
    }
  }

  private void event(SseReader.Block block, byte[] data) {
    Answer answer;
    try {
      answer = Answer.read(data, 0);
    } catch (IOException e) {
      if (ending) {
        return; // the half of an event that was cut
      }
      throw Failure.overloaded(502, "malformed", "an event of the upstream is no JSON object");
    }
    if (block.namedError && answer.error == null) {
      answer.error = "error";
    }
    Answers.check(answer);
    if (answer.usage != null) {
      source.usage(answer.usage);
    }
    said |= answer.content();
    finished |= answer.finishReason != null;
    if (hideUsage && answer.usage != null && !answer.choices) {
      return;
    }
    write(new Chunk(block.bytes, kind(answer), answer.tokens(), false));
  }

  private static Chunk.Kind kind(Answer answer) {
    if (answer.content()) {
      return Chunk.Kind.CONTENT;
    }
    boolean trailer = answer.finishReason != null || (answer.usage != null && !answer.choices);
    return trailer ? Chunk.Kind.TRAILER : Chunk.Kind.PRELUDE;
  }

  private void write(Chunk chunk) {
    room &= source.write(chunk);
  }

  private void last(Buffer bytes) {
    complete = true;
    source.write(new Chunk(bytes, Chunk.Kind.TRAILER, 0, true));
  }

  private static boolean isDone(byte[] data) {
    return data.length < 16 && new String(data, StandardCharsets.UTF_8).trim().equals("[DONE]");
  }
}
