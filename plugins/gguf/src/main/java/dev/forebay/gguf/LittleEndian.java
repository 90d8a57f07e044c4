package dev.forebay.gguf;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Reads numbers and texts of a file from front to back, and knows where it is. */
final class LittleEndian implements Closeable {

  private static final int BUFFER = 1 << 16;

  private final Path path;
  private final FileChannel channel;
  private final long size;
  private final ByteBuffer buffer;
  private long end;

  LittleEndian(Path path) throws IOException {
    this.path = path;
    this.channel = FileChannel.open(path, StandardOpenOption.READ);
    this.size = channel.size();
    this.buffer = ByteBuffer.allocate(BUFFER).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  }

  long size() {
    return size;
  }

  /** Bytes that have been read. */
  long position() {
    return end - buffer.remaining();
  }

  /** Bytes that are left. */
  long left() {
    return size - position();
  }

  int u8() throws IOException {
    need(1);
    return buffer.get() & 255;
  }

  int u16() throws IOException {
    need(2);
    return buffer.getShort() & 65_535;
  }

  int i32() throws IOException {
    need(4);
    return buffer.getInt();
  }

  long i64() throws IOException {
    need(8);
    return buffer.getLong();
  }

  /** A text of a bounded length; what is no UTF-8 is replaced. */
  String text(String what, int most) throws IOException {
    return new String(bytes(what, most), StandardCharsets.UTF_8);
  }

  /** A text of a bounded length, in UTF-8. */
  String utf8(String what, int most) throws IOException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes(what, most)))
          .toString();
    } catch (CharacterCodingException e) {
      throw wrong(what + ": other bytes", "UTF-8");
    }
  }

  private byte[] bytes(String what, int most) throws IOException {
    long length = i64();
    if (length < 0 || length > Math.min(left(), most)) {
      throw wrong(
          "length of " + what + ": " + Long.toUnsignedString(length),
          "at most " + Math.min(left(), most));
    }
    byte[] bytes = new byte[(int) length];
    for (int at = 0; at < bytes.length; ) {
      need(1);
      int part = Math.min(buffer.remaining(), bytes.length - at);
      buffer.get(bytes, at, part);
      at += part;
    }
    return bytes;
  }

  /** Goes on by so many bytes, which are there. */
  void skip(long bytes) throws IOException {
    if (bytes <= buffer.remaining()) {
      buffer.position(buffer.position() + (int) bytes);
      return;
    }
    long to = position() + bytes;
    channel.position(to);
    buffer.limit(0);
    end = to;
  }

  GgufException wrong(String what, String expected) {
    return new GgufException(
        path + ": " + what + " (expected: " + expected + "), before byte " + position());
  }

  private void need(int bytes) throws IOException {
    if (buffer.remaining() >= bytes) {
      return;
    }
    buffer.compact();
    while (buffer.position() < bytes) {
      int read = channel.read(buffer);
      if (read < 0) {
        throw new GgufException(
            path
                + ": ends at byte "
                + size
                + ", in the middle of its head (expected: a whole file)");
      }
      end += read;
    }
    buffer.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
