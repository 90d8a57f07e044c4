package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Usage;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A whole answer: one chunk, or the stream that is made of it if one was asked for. It is read in
 * slices as it comes, so that none of any length takes more than its {@link Share} of a turn.
 *
 * <p>It is complete if its JSON is, and each choice has a finish reason. Some servers never write
 * one, LocalAI's older versions among them: an answer without a single member {@code finish_reason}
 * is complete by its JSON alone. {@code null} says that the answer has not ended.
 */
final class WholeParser implements Parser {

  /** The largest answer that is converted to the other form: that happens in one turn. */
  static final int MAX_CONVERTED = 4 << 20;

  /** Names, values and brackets of a whole answer that a stream is made of. */
  private static final int MAX_TOKENS = 2 * JsonSource.MAX_TREE;

  private static final int SLICE = 16 << 10;

  /** Nothing yet; never appended to. */
  private static final Buffer NOTHING = Buffer.buffer(0);

  private final StreamSource source;
  private final Expected expected;
  private final Choices choices = new Choices();
  private @Nullable SlicedAnswer sliced;
  private final Share share;
  private Buffer collected = NOTHING;
  private int parsed;
  private long bytes;
  private long tokens;
  private boolean own;
  private boolean complete;

  /**
   * A parser.
   *
   * @param before bytes that came before its first one: they count, too
   * @param again asks for {@link #more()} in a later turn
   */
  WholeParser(StreamSource source, Expected expected, long before, Runnable again) {
    this.source = source;
    this.expected = expected;
    this.bytes = before;
    this.share = new Share(again);
  }

  static Failure tooLarge(Expected expected) {
    return Failure.overloaded(
        502, "answer_too_large", "the answer is larger than " + expected.maxAnswer() + " bytes");
  }

  @Override
  public boolean read(Buffer piece) {
    bytes += piece.length();
    if (bytes > expected.maxAnswer()) {
      throw tooLarge(expected);
    }
    take(piece);
    return parse();
  }

  @Override
  public boolean more() {
    share.renew();
    return parse();
  }

  private boolean parse() {
    if (sliced == null && collected.length() <= SLICE) {
      return true; // one that stays so small is read when it has ended
    }
    while (parsed < collected.length()) {
      if (share.usedUp()) {
        return false;
      }
      slice();
    }
    return true;
  }

  private void slice() {
    int to = Math.min(collected.length(), parsed + SLICE);
    byte[] slice = collected.getBytes(parsed, to);
    SlicedAnswer reading = sliced;
    if (reading == null) {
      reading = new SlicedAnswer(choices);
      sliced = reading;
    }
    long before = reading.tokens();
    try {
      reading.read(slice, 0, slice.length);
    } catch (IOException e) {
      throw malformed();
    }
    parsed = to;
    tokens = reading.tokens();
    share.read(tokens - before, slice.length);
  }

  /** Jackson's parser of arrays is twice as fast as the one of slices, but guesses encodings. */
  private boolean readsAtOnce() {
    return sliced == null
        && collected.length() > 1
        && collected.getByte(0) > 0
        && collected.getByte(1) != 0;
  }

  private Answer answer() {
    if (readsAtOnce()) {
      try {
        return Answer.whole(collected.getBytes(), choices);
      } catch (IOException e) {
        throw malformed();
      }
    }
    while (parsed < collected.length()) {
      slice();
    }
    SlicedAnswer read = sliced;
    if (read == null) {
      throw malformed();
    }
    read.close();
    return read.answer();
  }

  private static Failure malformed() {
    return Failure.overloaded(502, "malformed", "the upstream's answer is no JSON object");
  }

  /** Most answers come in one piece, which is nobody else's. */
  private void take(Buffer piece) {
    if (collected.length() == 0) {
      collected = piece;
      return;
    }
    if (!own) {
      collected = Buffer.buffer(2 * (collected.length() + piece.length())).appendBuffer(collected);
      own = true;
    }
    collected.appendBuffer(piece);
  }

  @Override
  public void end() {
    Answer answer = answer();
    complete = true;
    if (!answer.complete()) {
      throw malformed();
    }
    Faults.check(answer, false, () -> collected);
    boolean empty = expected.embedding() ? !answer.data() : !choices.any();
    if (empty) {
      throw Failure.overloaded(502, "empty", "the upstream's answer says nothing");
    }
    if (!expected.embedding() && choices.reasons() && !choices.allEnded()) {
      throw Failure.overloaded(502, "cut", "the upstream's answer has not ended");
    }
    Usage used = answer.usage();
    if (used != null) {
      source.usage(used);
    }
    int tokens = used == null ? answer.tokens() : Math.max(0, used.completionTokens());
    Chunk whole = Chunk.whole(collected, tokens);
    if (expected.stream()) {
      stream(whole);
    } else {
      source.write(whole);
    }
  }

  private void stream(Chunk whole) {
    List<Chunk> chunks =
        collected.length() > MAX_CONVERTED || tokens > MAX_TOKENS
            ? null
            : StreamFromWhole.of(expected.operation(), whole, expected.usage());
    if (chunks == null) {
      throw Collecting.wrongForm("a whole, of which no stream can be made");
    }
    chunks.forEach(source::write);
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
  public long held() {
    return collected.length();
  }

  @Override
  public void fail(Failure why) {
    complete = true;
    SlicedAnswer reading = sliced;
    if (reading != null) {
      reading.close();
    }
    source.fail(why);
  }
}
