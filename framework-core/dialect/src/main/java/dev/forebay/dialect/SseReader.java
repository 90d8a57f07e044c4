package dev.forebay.dialect;

import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of server-sent events into blocks, each with the blank line that ends it, byte for
 * byte: what comes out, joined, is what went in, and does not depend on how it came in pieces.
 * Lines end with LF, CR or CRLF; a byte order mark at the very beginning is left out (WHATWG HTML,
 * section 9.2).
 *
 * <p>A CR that is the last byte so far waits for the next one: it may be half of a CRLF.
 */
public final class SseReader {

  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private final long maxBlock;
  private final Consumer<Block> out;
  private final Bytes block = new Bytes();
  private final Bytes data = new Bytes();
  private int lineStart;
  private boolean sawCr;
  private boolean hasData;
  private boolean namedError;
  private boolean hasFields;
  private boolean strayError;
  private @Nullable StringBuilder stray;
  private int mark;

  /**
   * A reader.
   *
   * @param maxBlock bytes that a block may have
   * @param out is given each block
   */
  public SseReader(long maxBlock, Consumer<Block> out) {
    this.maxBlock = maxBlock;
    this.out = out;
  }

  /**
   * Reads the next piece.
   *
   * @throws TooLarge if a block is larger than its bound
   */
  public void read(Buffer piece) {
    byte[] bytes = piece.getBytes();
    int from = mark < MARK.length ? mark(bytes) : 0;
    while (from < bytes.length) {
      int to = from;
      while (to < bytes.length && bytes[to] != '\n' && bytes[to] != '\r') {
        to++;
      }
      if (to > from) {
        text(bytes, from, to);
      }
      if (to < bytes.length) {
        read(bytes[to++]);
      }
      from = to;
    }
  }

  /**
   * Leaves out a byte order mark, whose bytes may come one by one.
   *
   * @return how many bytes of these belong to it
   */
  private int mark(byte[] bytes) {
    int at = 0;
    while (at < bytes.length && mark < MARK.length && bytes[at] == MARK[mark]) {
      at++;
      mark++;
    }
    if (at < bytes.length && mark < MARK.length) {
      int begun = mark;
      mark = MARK.length;
      if (begun > at) {
        text(MARK, 0, begun - at); // it looked like one
      }
      return 0;
    }
    return at;
  }

  /** Says that nothing follows. A block without its blank line is given out with one. */
  public void end() {
    if (mark > 0 && mark < MARK.length) {
      text(MARK, 0, mark); // it looked like one
      mark = MARK.length;
    }
    if (sawCr) {
      lineEnded();
    }
    if (block.size > lineStart) {
      read((byte) '\n');
    }
    if (block.size > 0) {
      read((byte) '\n');
    }
  }

  /** Takes bytes of one line, at once: byte by byte was the dearest part of a stream. */
  private void text(byte[] bytes, int from, int to) {
    if (sawCr) {
      lineEnded();
    }
    if (block.size + (long) (to - from) > maxBlock) {
      throw new TooLarge(maxBlock);
    }
    block.add(bytes, from, to);
  }

  private void read(byte octet) {
    if (sawCr && octet != '\n') {
      lineEnded();
    }
    if (block.size >= maxBlock) {
      throw new TooLarge(maxBlock);
    }
    block.add(octet);
    if (octet == '\n') {
      lineEnded();
    } else {
      sawCr = octet == '\r';
    }
  }

  private void lineEnded() {
    sawCr = false;
    int end = block.size;
    while (end > lineStart && block.isLineEnd(end - 1)) {
      end--;
    }
    if (end > lineStart) {
      hasFields |= block.at(lineStart) != ':';
      field(lineStart, end);
      lineStart = block.size;
    } else {
      give();
    }
  }

  private void field(int from, int to) {
    if (block.startsWith("data", from, to)) {
      int value = from + 4;
      if (value < to && block.at(value) != ':') {
        return; // another name that begins like it
      }
      value = Math.min(to, value + 1);
      value += value < to && block.at(value) == ' ' ? 1 : 0;
      if (hasData) {
        data.add((byte) '\n');
      }
      hasData = true;
      block.copy(value, to, data);
    } else if (block.startsWith("event", from, to)) {
      namedError = block.text(from, to).replace(" ", "").equals("event:error");
    } else if (block.at(from) != ':'
        && !block.startsWith("id", from, to)
        && !block.startsWith("retry", from, to)) {
      stray(block.text(from, to));
    }
  }

  /** Keeps a line that is no field of an event; a field {@code error} without its name. */
  private void stray(String line) {
    StringBuilder lines = stray == null ? new StringBuilder() : stray.append('\n');
    boolean error = line.startsWith("error:");
    strayError |= error;
    stray = lines.append(error ? line.substring("error:".length()) : line);
  }

  private void give() {
    Buffer bytes = Buffer.buffer(block.take());
    byte[] joined = data.take();
    byte @Nullable [] payload = hasData ? joined : null;
    String lines = stray == null ? null : stray.toString();
    Block given = new Block(bytes, payload, namedError, hasFields, lines, strayError);
    lineStart = 0;
    hasData = false;
    namedError = false;
    hasFields = false;
    stray = null;
    strayError = false;
    out.accept(given);
  }

  /** The data of one event, its lines joined by LF; null if it has none. */
  static byte @Nullable [] data(Buffer event) {
    byte[][] found = {null};
    SseReader reader = new SseReader(Long.MAX_VALUE, block -> found[0] = block.data);
    reader.read(event);
    reader.end();
    return found[0];
  }

  /** A block. */
  public static final class Block {
    public final Buffer bytes;
    public final byte @Nullable [] data;
    public final boolean namedError;
    final boolean hasFields;
    final @Nullable String stray;
    final boolean strayError;

    /**
     * A block.
     *
     * @param bytes all of it, with its blank line
     * @param data its data lines, joined by LF; null where it has none
     * @param namedError whether its event is named {@code error}
     * @param hasFields whether it has lines that are no comments
     * @param stray its lines that are no fields of an event, joined by LF; null if it has none
     * @param strayError whether one of these is a field {@code error}
     */
    Block(
        Buffer bytes,
        byte @Nullable [] data,
        boolean namedError,
        boolean hasFields,
        @Nullable String stray,
        boolean strayError) {
      this.bytes = bytes;
      this.data = data;
      this.namedError = namedError;
      this.hasFields = hasFields;
      this.stray = stray;
      this.strayError = strayError;
    }
  }

  /** A block was larger than its bound. */
  public static final class TooLarge extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooLarge(long maxBlock) {
      super("an event is larger than " + maxBlock + " bytes", null, false, false);
    }
  }

  /** Bytes that it has room for, used or not. */
  public int held() {
    return block.array.length + data.array.length;
  }

  /** A byte array that grows, shrinks after what is huge, and can be looked into. */
  private static final class Bytes {
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 8;
    private static final int FIRST = 512;
    private static final int KEPT = 64 << 10;

    private byte[] array = new byte[FIRST];
    private int size;

    void add(byte octet) {
      if (size == array.length) {
        array = Arrays.copyOf(array, size * 2);
      }
      array[size++] = octet;
    }

    void add(byte[] bytes, int from, int to) {
      int length = to - from;
      if (size + length > array.length) {
        array = Arrays.copyOf(array, Math.max(size + length, (int) Math.min(size * 2L, MAX_ARRAY)));
      }
      System.arraycopy(bytes, from, array, size, length);
      size += length;
    }

    byte at(int index) {
      return array[index];
    }

    boolean isLineEnd(int index) {
      return array[index] == '\n' || array[index] == '\r';
    }

    boolean startsWith(String ascii, int from, int to) {
      if (to - from < ascii.length()) {
        return false;
      }
      for (int i = 0; i < ascii.length(); i++) {
        if (array[from + i] != ascii.charAt(i)) {
          return false;
        }
      }
      return true;
    }

    String text(int from, int to) {
      return new String(array, from, to - from, StandardCharsets.UTF_8);
    }

    void copy(int from, int to, Bytes into) {
      into.add(array, from, to);
    }

    byte[] take() {
      byte[] taken = Arrays.copyOf(array, size);
      size = 0;
      if (array.length > KEPT) {
        array = new byte[FIRST];
      }
      return taken;
    }
  }
}
