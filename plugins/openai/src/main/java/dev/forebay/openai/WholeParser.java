package dev.forebay.openai;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.StreamSource;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;

/** A whole answer: one chunk, without the blank lines that keep the connection alive before it. */
final class WholeParser implements Parser {

  private static final String BLANK = " \t\r\n";

  /** Nothing yet; never appended to. */
  private static final Buffer NOTHING = Buffer.buffer(0);

  private final StreamSource source;
  private final long maxAnswer;
  private final boolean streamAsked;
  private Buffer collected = NOTHING;
  private boolean own;
  private boolean begun;
  private boolean complete;

  /**
   * A parser.
   *
   * @param maxAnswer bytes that it may have
   * @param streamAsked whether the caller asked for a stream, so that no whole answer is one
   */
  WholeParser(StreamSource source, long maxAnswer, boolean streamAsked) {
    this.source = source;
    this.maxAnswer = maxAnswer;
    this.streamAsked = streamAsked;
  }

  @Override
  public boolean read(Buffer piece) {
    int from = begun ? 0 : firstInk(piece);
    begun |= from < piece.length();
    if (collected.length() + (long) piece.length() - from > maxAnswer) {
      throw Failure.overloaded(
          502, "answer_too_large", "the answer is larger than " + maxAnswer + " bytes");
    }
    take(piece, from);
    return true;
  }

  /** Most answers come in one piece, which is nobody else's. */
  private void take(Buffer piece, int from) {
    if (collected.length() == 0 && from == 0) {
      collected = piece;
      return;
    }
    if (!own) {
      collected = Buffer.buffer(2 * (collected.length() + piece.length())).appendBuffer(collected);
      own = true;
    }
    collected.appendBuffer(piece, from, piece.length() - from);
  }

  @Override
  public void end() {
    complete = true;
    if (!begun) {
      throw Failure.overloaded(502, "cut", "the upstream answered nothing");
    }
    Answer answer;
    try {
      answer = Answer.read(collected.getBytes(), 0);
    } catch (IOException e) {
      throw Failure.overloaded(502, "malformed", "the upstream's answer is no JSON object");
    }
    Answers.check(answer);
    if (streamAsked) {
      throw Failure.overloaded(502, "no_stream", "the upstream answered as a whole, not a stream");
    }
    if (!answer.choices) {
      throw Failure.overloaded(502, "empty", "the upstream's answer says nothing");
    }
    if (answer.usage != null) {
      source.usage(answer.usage);
    }
    int tokens =
        answer.usage == null ? answer.tokens() : Math.max(0, answer.usage.completionTokens());
    source.write(Chunk.whole(collected, tokens));
  }

  @Override
  public boolean complete() {
    return complete;
  }

  @Override
  public boolean enough() {
    return false;
  }

  @Override
  public void fail(Failure why) {
    complete = true;
    source.fail(why);
  }

  private static int firstInk(Buffer piece) {
    int at = 0;
    while (at < piece.length() && BLANK.indexOf(piece.getByte(at)) >= 0) {
      at++;
    }
    return at;
  }
}
