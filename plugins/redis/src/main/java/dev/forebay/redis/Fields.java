package dev.forebay.redis;

import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Numbers, texts and bytes, one after the other. A number takes 7 bits of each byte, the least
 * first, as in protocol buffers; a text or bytes follow their length. Reading what is not there
 * throws a {@link RuntimeException}.
 */
final class Fields {

  private static final int BITS = 7;
  private static final int MORE = 0x80;

  private final ByteBuffer in;

  /** Fields from an offset on. */
  Fields(byte[] bytes, int offset) {
    this.in = ByteBuffer.wrap(bytes, offset, bytes.length - offset);
  }

  long number() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += BITS) {
      byte next = in.get();
      value |= (long) (next & (MORE - 1)) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("number: longer than 64 bits");
  }

  byte[] bytes() {
    long length = number();
    if (length < 0 || length > in.remaining()) {
      throw new IllegalArgumentException("length: " + length + " (expected: what is left)");
    }
    byte[] bytes = new byte[(int) length];
    in.get(bytes);
    return bytes;
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  boolean atEnd() {
    return !in.hasRemaining();
  }

  /** Writes fields. */
  static final class Writer {

    private final Buffer out = Buffer.buffer();

    Writer number(long value) {
      long left = value;
      while ((left & -MORE) != 0) {
        out.appendByte((byte) ((left & (MORE - 1)) | MORE));
        left >>>= BITS;
      }
      out.appendByte((byte) left);
      return this;
    }

    Writer bytes(byte[] bytes) {
      number(bytes.length);
      out.appendBytes(bytes);
      return this;
    }

    Writer text(String text) {
      return bytes(text.getBytes(StandardCharsets.UTF_8));
    }

    Buffer buffer() {
      return out;
    }
  }
}
