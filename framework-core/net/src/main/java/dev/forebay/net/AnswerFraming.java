package dev.forebay.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the end of the answer to one request in the bytes of an HTTP/1.1 connection.
 *
 * <p>It takes nothing that two programs could read in two ways, and drops interim answers (1xx).
 * The rest of the answer it passes on as it came; so whoever decodes it after this finds the same
 * end.
 */
final class AnswerFraming {

  /** Bytes of a chunk's size with its extensions. */
  static final int MAX_CHUNK_LINE = 4096;

  /** Interim answers to one request. */
  static final int MAX_INTERIM = 1024;

  /** Fields of a head, and of a trailer section: as Python's http.client and hyper take. */
  static final int MAX_FIELDS = 100;

  private static final int MAX_CHUNK_DIGITS = 8;
  private static final int KEPT_LINE = 512;

  private enum State {
    STATUS_LINE,
    FIELDS,
    LENGTH,
    UNTIL_CLOSE,
    CHUNK_SIZE,
    CHUNK,
    CHUNK_END,
    TRAILER,
    OVER
  }

  private final int maxHead;
  private final AnswerHead head = new AnswerHead();
  private State state = State.OVER;
  private boolean bodiless;
  private byte[] line = new byte[KEPT_LINE];
  private int size;
  private int lineBytes; // of the lines that share a bound
  private int interims;
  private int fields;
  private boolean early;
  private long left;
  private @Nullable ByteBuf lines;

  /**
   * Framing of a connection's answers.
   *
   * @param maxHead bytes of a head, and of a trailer section
   */
  AnswerFraming(int maxHead) {
    this.maxHead = maxHead;
  }

  /** Expects the answer to a request; with {@code HEAD}, without a body. */
  void expect(boolean toHead) {
    bodiless = toHead;
    lineBytes = 0;
    interims = 0;
    size = 0;
    early = false;
    state = State.STATUS_LINE;
  }

  /** Whether the final answer began before its request had been sent. */
  boolean early() {
    return early && state.compareTo(State.FIELDS) > 0;
  }

  /** Whether the answer has ended, and with it what is passed on. */
  boolean over() {
    return state == State.OVER;
  }

  /** Whether the head says that the connection stays open, and where the answer ends. */
  boolean persistent() {
    return head.persistent() && state != State.UNTIL_CLOSE;
  }

  /** Whether the head of the final answer has come, with a status of 2xx. */
  boolean good() {
    return state.compareTo(State.FIELDS) > 0 && head.good();
  }

  /** Ends an answer that ends with its connection; says whether it is one. */
  boolean close() {
    boolean ends = state == State.UNTIL_CLOSE;
    if (ends) {
      state = State.OVER;
    }
    return ends;
  }

  /**
   * Reads up to the end of the answer, or of the bytes. What follows the end stays in them.
   *
   * @param sent whether the request has been sent
   * @param to gets the answer's bytes, without interim answers; each piece is its own to release
   */
  void read(ByteBuf in, boolean sent, Consumer<ByteBuf> to) {
    while (in.isReadable() && state.compareTo(State.FIELDS) <= 0) {
      if (state == State.STATUS_LINE && size == 0) {
        early = !sent;
      }
      readHead(in, to);
    }
    int from = in.readerIndex();
    while (in.isReadable() && state != State.OVER) {
      readBody(in);
    }
    if (in.readerIndex() > from) {
      to.accept(in.retainedSlice(from, in.readerIndex() - from));
    }
  }

  /** Forgets an answer that is not read on. */
  void release() {
    state = State.OVER;
    ByteBuf begun = lines;
    lines = null;
    if (begun != null) {
      begun.release();
    }
  }

  private void readHead(ByteBuf in, Consumer<ByteBuf> to) {
    if (!readLine(in, maxHead)) {
      return;
    }
    ByteBuf kept = lines == null ? Unpooled.buffer(KEPT_LINE) : lines;
    lines = kept;
    kept.writeBytes(line, 0, size).writeByte('\r').writeByte('\n');
    if (state == State.STATUS_LINE) {
      head.statusLine(line, size);
      fields = 0;
      state = State.FIELDS;
    } else if (size > 0) {
      countField();
      head.field(line, size);
    } else {
      head.end();
      headEnded(kept, to);
    }
    endLine();
  }

  private void countField() {
    if (++fields > MAX_FIELDS) {
      throw new InvalidAnswerException("more than " + MAX_FIELDS + " fields");
    }
  }

  private void headEnded(ByteBuf kept, Consumer<ByteBuf> to) {
    lines = null;
    lineBytes = 0;
    if (head.interim()) {
      kept.release();
      if (++interims > MAX_INTERIM) {
        throw new InvalidAnswerException("more than " + MAX_INTERIM + " interim answers");
      }
      state = State.STATUS_LINE;
      return;
    }
    left = head.length();
    state =
        bodiless || head.empty() || left == 0
            ? State.OVER
            : head.chunked() ? State.CHUNK_SIZE : left > 0 ? State.LENGTH : State.UNTIL_CLOSE;
    to.accept(kept);
  }

  private void readBody(ByteBuf in) {
    switch (state) {
      case LENGTH -> {
        if (skip(in)) {
          state = State.OVER;
        }
      }
      case CHUNK -> {
        if (skip(in)) {
          state = State.CHUNK_END;
        }
      }
      case CHUNK_SIZE -> {
        if (readLine(in, MAX_CHUNK_LINE)) {
          left = chunkSize();
          state = left == 0 ? State.TRAILER : State.CHUNK;
          fields = 0;
          lineBytes = 0;
          endLine();
        }
      }
      case CHUNK_END -> {
        if (readLine(in, 2)) {
          if (size > 0) {
            throw new InvalidAnswerException("a chunk that is longer than its size");
          }
          state = State.CHUNK_SIZE;
          lineBytes = 0;
        }
      }
      case TRAILER -> {
        if (readLine(in, maxHead)) {
          if (size == 0) {
            state = State.OVER;
          } else {
            countField();
            AnswerHead.trailer(line, size);
          }
          endLine();
        }
      }
      default -> in.skipBytes(in.readableBytes()); // until the connection closes
    }
  }

  /** Skips what is there of the {@code left} bytes; says whether that was all. */
  private boolean skip(ByteBuf in) {
    int here = (int) Math.min(left, in.readableBytes());
    in.skipBytes(here);
    left -= here;
    return left == 0;
  }

  /** Reads to the end of a line, or of the bytes. The line is without its CR and LF. */
  private boolean readLine(ByteBuf in, int most) {
    int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
    int here = end < 0 ? in.readableBytes() : end + 1 - in.readerIndex();
    lineBytes += here;
    if (lineBytes > most) {
      throw state.compareTo(State.FIELDS) <= 0
          ? new TooLongHttpHeaderException("more than " + most + " bytes")
          : new InvalidAnswerException("a line of more than " + most + " bytes in the body");
    }
    if (size + here > line.length) {
      line = Arrays.copyOf(line, Math.min(maxHead + MAX_CHUNK_LINE, 2 * (size + here)));
    }
    in.readBytes(line, size, here);
    size += here;
    if (end < 0) {
      return false;
    }
    size -= 2;
    if (size < 0 || line[size] != '\r') {
      throw new InvalidAnswerException("a line that ends without CR");
    }
    return true;
  }

  private void endLine() {
    size = 0;
    if (line.length > KEPT_LINE) {
      line = new byte[KEPT_LINE];
    }
  }

  private long chunkSize() {
    int digits = 0;
    long bytes = 0;
    while (digits < size && Character.digit(line[digits], 16) >= 0) {
      bytes = bytes * 16 + Character.digit(line[digits++], 16);
      if (digits > MAX_CHUNK_DIGITS || bytes > Integer.MAX_VALUE) {
        throw new InvalidAnswerException("a chunk of more than 2 GiB");
      }
    }
    if (digits == 0 || (digits < size && line[digits] != ';')) {
      throw new InvalidAnswerException("a chunk without a size");
    }
    AnswerHead.checkText(line, digits, size);
    return bytes;
  }
}
