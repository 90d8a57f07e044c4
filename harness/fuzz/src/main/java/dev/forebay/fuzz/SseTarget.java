package dev.forebay.fuzz;

import dev.forebay.dialect.SseReader;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What must hold of any stream of bytes that an upstream sends: read in whatever pieces, it gives
 * the same events, and these, joined, are what came, but for a byte order mark at its beginning.
 */
public final class SseTarget {

  private static final int MAX_BLOCK = 4096;
  private static final int SPLITS = 8;
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private SseTarget() {}

  /**
   * Reads bytes at once and in pieces.
   *
   * @param data the lengths of the pieces in eight bytes, taken in turn; then the stream
   * @throws IllegalStateException where something does not hold
   */
  public static void fuzzerTestOneInput(byte[] data) {
    byte[] splits = Arrays.copyOf(data, Math.min(SPLITS, data.length));
    byte[] stream = Arrays.copyOfRange(data, splits.length, data.length);
    Read whole = new Read();
    whole.take(stream, 0, stream.length);
    whole.end();
    Read pieces = new Read();
    int from = 0;
    for (int turn = 0; from < stream.length; turn++) {
      int length = 1 + (splits[turn % splits.length] & 0x1F);
      int to = Math.min(stream.length, from + length);
      pieces.take(stream, from, to);
      from = to;
    }
    pieces.end();
    require(whole.tooLarge == pieces.tooLarge, "a bound that depends on the pieces");
    require(whole.shown.equals(pieces.shown), "events that depend on the pieces");
    if (!whole.tooLarge) {
      require(whole.joinsTo(withoutMark(stream)), "events that, joined, are not what came");
    }
  }

  private static byte[] withoutMark(byte[] stream) {
    boolean marked = Arrays.mismatch(stream, MARK) == MARK.length || Arrays.equals(stream, MARK);
    return marked ? Arrays.copyOfRange(stream, MARK.length, stream.length) : stream;
  }

  private static void require(boolean holds, String what) {
    if (!holds) {
      throw new IllegalStateException(what);
    }
  }

  private static final class Read {
    private final List<String> shown = new ArrayList<>();
    private final Buffer joined = Buffer.buffer();
    private final SseReader reader = new SseReader(MAX_BLOCK, this::event);
    private boolean tooLarge;

    void take(byte[] bytes, int from, int to) {
      if (!tooLarge) {
        try {
          reader.read(Buffer.buffer(Arrays.copyOfRange(bytes, from, to)));
        } catch (SseReader.TooLarge e) {
          tooLarge = true;
        }
      }
    }

    void end() {
      if (!tooLarge) {
        try {
          reader.end();
        } catch (SseReader.TooLarge e) {
          tooLarge = true;
        }
      }
    }

    private void event(SseReader.Block block) {
      joined.appendBuffer(block.bytes);
      shown.add(
          Arrays.toString(block.bytes.getBytes()) + Arrays.toString(block.data) + block.namedError);
    }

    /** At the end, what had no blank line is given one. */
    boolean joinsTo(byte[] stream) {
      byte[] all = joined.getBytes();
      int added = all.length - stream.length;
      boolean lineEnds = added >= 0 && added <= 2;
      for (int i = stream.length; lineEnds && i < all.length; i++) {
        lineEnds = all[i] == '\n';
      }
      return lineEnds && Objects.equals(Buffer.buffer(stream), joined.getBuffer(0, stream.length));
    }
  }
}
