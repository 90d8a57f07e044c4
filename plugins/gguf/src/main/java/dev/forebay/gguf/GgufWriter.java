package dev.forebay.gguf;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a model file from front to back: metadata and tensors are named, then {@link #begin}, then
 * the data of each tensor in the same order. The file appears under its name when it is complete,
 * and not at all where it is closed before.
 */
public final class GgufWriter implements Closeable {

  private static final int VERSION = 3;
  private static final int COPY_BYTES = 1 << 16;

  private final Path path;
  private final Path part;
  private final OutputStream out;
  private final ByteBuffer number = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
  private final List<Entry> metadata = new ArrayList<>();
  private final List<GgufTensor> tensors = new ArrayList<>();
  private int alignment = GgufFile.DEFAULT_ALIGNMENT;
  private long position;
  private long offset;
  private int current;
  private long left;

  /**
   * A writer.
   *
   * @throws IOException where the folder cannot be written to
   */
  public GgufWriter(Path path) throws IOException {
    this.path = path;
    this.part = path.resolveSibling(path.getFileName() + ".part");
    this.out = new BufferedOutputStream(Files.newOutputStream(part), 1 << 20);
  }

  /** Adds a text. */
  public GgufWriter text(String key, String value) {
    return entry(key, GgufValue.Type.STRING, () -> text(value));
  }

  /** Adds an unsigned number of 32 bits. */
  public GgufWriter number(String key, int value) {
    return entry(key, GgufValue.Type.UINT32, () -> i32(value));
  }

  /** Adds a number in single precision. */
  public GgufWriter decimal(String key, float value) {
    return entry(key, GgufValue.Type.FLOAT32, () -> i32(Float.floatToRawIntBits(value)));
  }

  /** Adds a flag. */
  public GgufWriter flag(String key, boolean value) {
    return entry(key, GgufValue.Type.BOOL, () -> raw(new byte[] {(byte) (value ? 1 : 0)}, 1));
  }

  /** Adds a list of texts. */
  public GgufWriter texts(String key, List<String> values) {
    return entry(
        key,
        GgufValue.Type.ARRAY,
        () -> {
          array(GgufValue.Type.STRING, values.size());
          for (String value : values) {
            text(value);
          }
        });
  }

  /** Adds a list of numbers in single precision. */
  public GgufWriter decimals(String key, float[] values) {
    return entry(
        key,
        GgufValue.Type.ARRAY,
        () -> {
          array(GgufValue.Type.FLOAT32, values.length);
          for (float value : values) {
            i32(Float.floatToRawIntBits(value));
          }
        });
  }

  /** Adds a list of signed numbers of 32 bits. */
  public GgufWriter numbers(String key, int[] values) {
    return entry(
        key,
        GgufValue.Type.ARRAY,
        () -> {
          array(GgufValue.Type.INT32, values.length);
          for (int value : values) {
            i32(value);
          }
        });
  }

  /**
   * Adds a value of another file, byte for byte; {@code from} must be open until {@link #begin}.
   */
  GgufWriter copy(GgufValue value, FileChannel from) {
    if (value.key().equals("general.alignment") && value.scalar() instanceof Long bytes) {
      alignment = (int) (long) bytes;
    }
    return entry(value.key(), value.type(), () -> copy(from, value.offset(), value.bytes()));
  }

  /** Adds a tensor; its data are to be written after {@link #begin}, in this order. */
  public GgufWriter tensor(String name, TensorType type, List<Long> shape) {
    GgufTensor tensor = new GgufTensor(name, type, shape, aligned(offset));
    offset = tensor.offset() + tensor.bytes();
    tensors.add(tensor);
    return this;
  }

  /** Writes the head. */
  public void begin() throws IOException {
    i32(GgufReader.MAGIC);
    i32(VERSION);
    i64(tensors.size());
    i64(metadata.size());
    for (Entry entry : metadata) {
      text(entry.key);
      i32(entry.type.ordinal());
      entry.value.write();
    }
    for (GgufTensor tensor : tensors) {
      text(tensor.name());
      i32(tensor.shape().size());
      for (long length : tensor.shape()) {
        i64(length);
      }
      i32(tensor.type().number());
      i64(tensor.offset());
    }
    pad();
    left = tensors.isEmpty() ? 0 : tensors.getFirst().bytes();
  }

  /**
   * Writes data of the current tensor, and goes on to the next where they complete it.
   *
   * @throws IllegalStateException where they are more than it has
   */
  public void write(byte[] data, int length) throws IOException {
    if (length > left) {
      throw new IllegalStateException(length + " bytes (expected: at most " + left + ")");
    }
    raw(data, length);
    left -= length;
    if (left == 0) {
      pad();
      current++;
      left = current < tensors.size() ? tensors.get(current).bytes() : 0;
    }
  }

  /** Gives the file its name; data that are missing are an {@link IllegalStateException}. */
  public void finish() throws IOException {
    if (current < tensors.size()) {
      throw new IllegalStateException("no data for " + tensors.get(current).name());
    }
    out.close();
    Files.move(part, path, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Removes what is not finished. */
  @Override
  public void close() throws IOException {
    out.close();
    Files.deleteIfExists(part);
  }

  private GgufWriter entry(String key, GgufValue.Type type, Write value) {
    metadata.add(new Entry(key, type, value));
    return this;
  }

  private void array(GgufValue.Type element, long count) throws IOException {
    i32(element.ordinal());
    i64(count);
  }

  private void text(String value) throws IOException {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    i64(bytes.length);
    raw(bytes, bytes.length);
  }

  private void copy(FileChannel from, long at, long bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(COPY_BYTES);
    for (long done = 0; done < bytes; ) {
      buffer.clear().limit((int) Math.min(COPY_BYTES, bytes - done));
      int read = from.read(buffer, at + done);
      if (read < 0) {
        throw new GgufException(path + ": its source was cut while it was read");
      }
      raw(buffer.array(), read);
      done += read;
    }
  }

  private void i32(int value) throws IOException {
    raw(number.putInt(0, value).array(), 4);
  }

  private void i64(long value) throws IOException {
    raw(number.putLong(0, value).array(), 8);
  }

  private void pad() throws IOException {
    while (position % alignment != 0) {
      raw(new byte[1], 1);
    }
  }

  private long aligned(long bytes) {
    return Math.ceilDiv(bytes, alignment) * alignment;
  }

  private void raw(byte[] data, int length) throws IOException {
    out.write(data, 0, length);
    position += length;
  }

  private record Entry(String key, GgufValue.Type type, Write value) {}

  private interface Write {
    void write() throws IOException;
  }
}
