package dev.forebay.dialect;

import dev.forebay.spi.Failure;
import dev.forebay.spi.StreamSource;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * An answer in the form that was asked for, whichever form the upstream gives it, and however it
 * labels it: the first byte that is not blank tells a stream of events from a whole answer. The
 * form that was asked for passes byte for byte; the other one is converted.
 *
 * <p>Everything counts before it is skipped: a whole answer, and what comes between two events of a
 * stream, has a bound in bytes.
 */
public final class AnswerParser implements Parser {

  private final StreamSource source;
  private final Expected expected;
  private final Runnable again;
  private final @Nullable StreamParser events;
  private @Nullable Parser form;
  private long bytes;
  private boolean failed;

  /**
   * A parser.
   *
   * @param source takes the chunks
   * @param again asks for {@link #more()} in a later turn, after the parser said that there is no
   *     room
   */
  public AnswerParser(StreamSource source, Expected expected, Runnable again) {
    this.source = source;
    this.again = again;
    this.expected = expected;
    this.events = expected.stream() ? new StreamParser(new Passing(source), expected, again) : null;
  }

  @Override
  public boolean read(Buffer piece) {
    Parser known = form;
    if (known != null) {
      return known.read(piece);
    }
    int ink = 0;
    while (ink < piece.length() && blank(piece.getByte(ink))) {
      ink++;
    }
    bytes += ink;
    if (bytes > expected.maxAnswer()) {
      throw WholeParser.tooLarge(expected);
    }
    StreamParser waiting = events;
    if (waiting != null && ink == piece.length()) {
      return waiting.read(piece); // blank lines of a stream: its upstream is still busy
    }
    if (ink == piece.length()) {
      return true;
    }
    Parser chosen = begin(piece.getByte(ink));
    form = chosen;
    boolean all = ink == 0 || chosen == waiting;
    return chosen.read(all ? piece : piece.getBuffer(ink, piece.length()));
  }

  @Override
  public boolean more() {
    Parser known = form == null ? events : form;
    return known == null || known.more();
  }

  /** Blank, or of a byte order mark. */
  private static boolean blank(byte octet) {
    return switch (octet) {
      case ' ', '\t', '\r', '\n', (byte) 0xEF, (byte) 0xBB, (byte) 0xBF -> true;
      default -> false;
    };
  }

  /** Chooses the form: an event begins with a field's name or a colon, JSON with a bracket. */
  private Parser begin(byte first) {
    StreamParser asked = events;
    if (asked != null) {
      boolean json = first == '{' || first == '[';
      return json ? new WholeParser(source, expected, bytes, again) : asked;
    }
    boolean field = first == ':' || first == 'd' || first == 'e' || first == 'i' || first == 'r';
    return field
        ? new StreamParser(new Collecting(source, expected), expected, again)
        : new WholeParser(source, expected, bytes, again);
  }

  @Override
  public void end() {
    Parser known = form;
    if (known != null) {
      known.end();
      return;
    }
    failed = true;
    throw Failure.overloaded(502, "cut", "the upstream answered nothing");
  }

  @Override
  public void lost() {
    Parser known = form;
    if (known != null) {
      known.lost();
    } else {
      end();
    }
  }

  @Override
  public boolean complete() {
    Parser known = form;
    return failed || (known != null && known.complete());
  }

  /** A whole answer is never made of a stream whose end was not seen: it would look proven. */
  @Override
  public boolean enough() {
    StreamParser asked = events;
    return asked != null && asked == form && asked.enough();
  }

  @Override
  public long held() {
    Parser known = form != null ? form : events;
    return known == null ? 0 : known.held();
  }

  @Override
  public void fail(Failure why) {
    failed = true;
    Parser known = form;
    if (known != null) {
      known.fail(why);
    } else {
      source.fail(why);
    }
  }
}
