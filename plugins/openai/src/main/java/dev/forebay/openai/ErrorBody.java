package dev.forebay.openai;

import dev.forebay.dialect.Faults;
import dev.forebay.dialect.Parser;
import dev.forebay.spi.Failure;
import io.vertx.core.buffer.Buffer;
import org.jspecify.annotations.Nullable;

/** What an upstream says against a request, for the caller to read: bounded, and decompressed. */
final class ErrorBody {

  private final Collected collected = new Collected();
  private @Nullable Parser reader;

  ErrorBody(@Nullable String encoding) {
    try {
      reader = Inflated.around(collected, encoding, () -> {});
    } catch (Failure unknown) {
      reader = null; // the caller could not read it either
    }
  }

  /** Reads on; false if it is larger than its bound. */
  boolean read(Buffer piece) {
    Parser into = reader;
    if (into != null) {
      try {
        into.read(piece);
      } catch (Failure unreadable) {
        reader = null;
      }
    }
    return collected.bytes.length() <= Faults.MAX_BODY;
  }

  /** What could be read; null if it cannot be decompressed. */
  @Nullable Buffer bytes() {
    Parser read = reader;
    if (read == null) {
      return null;
    }
    try {
      read.end();
    } catch (Failure cut) {
      return collected.bytes; // what came of it
    }
    return collected.bytes;
  }

  private static final class Collected implements Parser {
    private final Buffer bytes = Buffer.buffer();

    @Override
    public boolean read(Buffer piece) {
      bytes.appendBuffer(piece);
      return bytes.length() <= Faults.MAX_BODY;
    }

    @Override
    public void end() {}

    @Override
    public boolean complete() {
      return bytes.length() > Faults.MAX_BODY;
    }

    @Override
    public boolean enough() {
      return false;
    }

    @Override
    public void fail(Failure why) {}
  }
}
