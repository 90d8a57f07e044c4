package dev.forebay.dialect;

import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Status;
import dev.forebay.spi.StreamSource;
import dev.forebay.spi.Usage;

/**
 * A stream of which a whole answer is made, event by event, since its request asked for one. What
 * is kept is bounded as a whole answer is.
 */
final class Collecting implements Sink {

  private final StreamSource source;
  private final Expected expected;
  private final WholeFromStream whole;
  private Usage used = Usage.NONE;
  private long bytes;

  Collecting(StreamSource source, Expected expected) {
    this.source = source;
    this.expected = expected;
    this.whole = new WholeFromStream(expected.operation());
  }

  @Override
  public boolean write(Chunk chunk) {
    bytes += chunk.data().length();
    if (bytes > expected.maxAnswer()) {
      throw WholeParser.tooLarge(expected);
    }
    boolean understood = !expected.embedding() && whole.read(chunk);
    Chunk made = understood && chunk.last() ? whole.made(used) : null;
    if (!understood || (chunk.last() && made == null)) {
      throw wrongForm("a stream, which cannot be made whole");
    }
    if (made != null) {
      source.write(made);
    }
    return true;
  }

  @Override
  public void usage(Usage usage) {
    used = usage;
    source.usage(usage);
  }

  @Override
  public long held() {
    return bytes;
  }

  @Override
  public void fail(Failure why) {
    source.fail(why);
  }

  /** What came is a good answer in the wrong form: it was paid for, and would come again. */
  static Failure wrongForm(String what) {
    return Failure.of(Status.INTERNAL, 502, "wrong_form", "the upstream answered with " + what);
  }
}
