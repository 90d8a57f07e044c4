package dev.forebay.gguf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the head of a model file, and believes nothing in it. */
final class GgufReader {

  /** The first four bytes of a file, {@code GGUF}, as a number. */
  static final int MAGIC = 0x46554747;

  /** The longest name of a tensor that llama.cpp takes, in bytes. */
  static final int MAX_NAME = 63;

  private static final int MAX_KEY = 65_535;
  private static final int MAX_TEXT = 16 << 20;
  private static final int MAX_ENTRIES = 1 << 20;
  private static final int MAX_ALIGNMENT = 1 << 20;
  private static final int MAX_DIMENSIONS = 4;
  private static final int LEAST_ENTRY_BYTES = 8 + 4 + 1;
  private static final int LEAST_TENSOR_BYTES = 8 + 4 + 8 + 4 + 8;

  private final Path path;
  private final LittleEndian in;
  private final List<GgufValue> metadata = new ArrayList<>();
  private final List<GgufTensor> tensors = new ArrayList<>();

  private GgufReader(Path path, LittleEndian in) {
    this.path = path;
    this.in = in;
  }

  static GgufFile read(Path path) throws IOException {
    if (!Files.isRegularFile(path)) {
      throw new GgufException(path + ": no such file (expected: a model in GGUF format)");
    }
    try (LittleEndian in = new LittleEndian(path)) {
      return new GgufReader(path, in).file();
    }
  }

  /** The texts of a list that was found in a file. */
  static List<String> texts(Path path, GgufValue list) throws IOException {
    try (LittleEndian in = new LittleEndian(path)) {
      in.skip(list.offset() + 4 + 8);
      List<String> texts = new ArrayList<>();
      for (long i = 0; i < list.count(); i++) {
        texts.add(in.utf8("a text in " + shown(list.key()), MAX_TEXT));
      }
      return texts;
    }
  }

  /** The numbers, of 32 bits, of a list that was found in a file. */
  static List<Long> numbers(Path path, GgufValue list) throws IOException {
    try (LittleEndian in = new LittleEndian(path)) {
      in.skip(list.offset() + 4 + 8);
      List<Long> numbers = new ArrayList<>();
      for (long i = 0; i < list.count(); i++) {
        int number = in.i32();
        numbers.add(list.element() == GgufValue.Type.UINT32 ? number & 0xFFFF_FFFFL : number);
      }
      return numbers;
    }
  }

  private GgufFile file() throws IOException {
    if (in.size() < 4 || in.i32() != MAGIC) {
      throw new GgufException(path + ": no GGUF file (expected: one that begins with GGUF)");
    }
    int version = in.i32();
    if (version != 2 && version != 3) {
      boolean bigEndian = Integer.reverseBytes(version) < 16;
      throw in.wrong(
          bigEndian ? "byte order: big endian" : "version: " + Integer.toUnsignedString(version),
          bigEndian ? "little endian" : "2 or 3");
    }
    int tensorCount = count("number of tensors", LEAST_TENSOR_BYTES);
    int entries = count("number of metadata entries", LEAST_ENTRY_BYTES);
    Set<String> keys = new HashSet<>();
    for (int i = 0; i < entries; i++) {
      GgufValue value = value();
      if (!keys.add(value.key())) {
        throw in.wrong("key " + shown(value.key()) + ": twice", "once");
      }
      metadata.add(value);
    }
    int alignment = alignment();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < tensorCount; i++) {
      GgufTensor tensor = tensor(alignment);
      if (!names.add(tensor.name())) {
        throw in.wrong("tensor " + shown(tensor.name()) + ": twice", "once");
      }
      tensors.add(tensor);
    }
    return new GgufFile(path, version, alignment, metadata, placed(alignment), in.size());
  }

  private int count(String what, int leastBytes) throws IOException {
    long count = in.i64();
    long most = Math.min(MAX_ENTRIES, in.left() / leastBytes);
    if (count < 0 || count > most) {
      throw in.wrong(what + ": " + Long.toUnsignedString(count), "0 to " + most);
    }
    return (int) count;
  }

  private GgufValue value() throws IOException {
    String key = in.text("a key", MAX_KEY);
    GgufValue.Type type = type(in.i32(), key);
    long from = in.position();
    if (type == GgufValue.Type.ARRAY) {
      GgufValue.Type element = type(in.i32(), key);
      long elements = in.i64();
      skip(key, element, elements);
      return new GgufValue(key, type, null, element, elements, from, in.position() - from);
    }
    Object scalar = scalar(key, type);
    return new GgufValue(key, type, scalar, null, 1, from, in.position() - from);
  }

  private GgufValue.Type type(int number, String key) throws GgufException {
    GgufValue.Type[] types = GgufValue.Type.values();
    if (number < 0 || number >= types.length) {
      throw in.wrong(
          "type of " + shown(key) + ": " + Integer.toUnsignedString(number),
          "0 to " + (types.length - 1));
    }
    return types[number];
  }

  private void skip(String key, GgufValue.Type element, long elements) throws IOException {
    int least = element == GgufValue.Type.STRING ? 8 : element.bytes();
    if (least == 0) {
      throw in.wrong("elements of " + shown(key) + ": arrays", "numbers or texts");
    }
    if (elements < 0 || elements > in.left() / least) {
      throw in.wrong(
          "length of " + shown(key) + ": " + Long.toUnsignedString(elements),
          "at most " + in.left() / least);
    }
    if (element != GgufValue.Type.STRING) {
      in.skip(elements * least);
      return;
    }
    for (long i = 0; i < elements; i++) {
      long length = in.i64();
      if (length < 0 || length > Math.min(MAX_TEXT, in.left())) {
        throw in.wrong(
            "length of a text in " + shown(key) + ": " + Long.toUnsignedString(length),
            "at most " + Math.min(MAX_TEXT, in.left()));
      }
      in.skip(length);
    }
  }

  private Object scalar(String key, GgufValue.Type type) throws IOException {
    return switch (type) {
      case UINT8 -> (long) in.u8();
      case INT8 -> (long) (byte) in.u8();
      case UINT16 -> (long) in.u16();
      case INT16 -> (long) (short) in.u16();
      case UINT32 -> in.i32() & 0xFFFF_FFFFL;
      case INT32 -> (long) in.i32();
      case UINT64, INT64 -> in.i64();
      case FLOAT32 -> (double) Float.intBitsToFloat(in.i32());
      case FLOAT64 -> Double.longBitsToDouble(in.i64());
      case BOOL -> bool(key);
      case STRING -> in.text(shown(key), MAX_TEXT);
      case ARRAY -> throw new IllegalStateException("an array is no scalar");
    };
  }

  private Boolean bool(String key) throws IOException {
    int value = in.u8();
    if (value > 1) {
      throw in.wrong(shown(key) + ": " + value, "0 or 1");
    }
    return value == 1;
  }

  private int alignment() throws GgufException {
    for (GgufValue value : metadata) {
      if (value.key().equals("general.alignment")) {
        if (value.scalar() instanceof Long bytes
            && bytes >= 1
            && bytes <= MAX_ALIGNMENT
            && Long.bitCount(bytes) == 1) {
          return (int) (long) bytes;
        }
        throw in.wrong(
            "general.alignment: " + value.scalar(), "a power of two up to " + MAX_ALIGNMENT);
      }
    }
    return GgufFile.DEFAULT_ALIGNMENT;
  }

  private GgufTensor tensor(int alignment) throws IOException {
    String name = in.text("the name of a tensor", MAX_NAME);
    int dimensions = in.i32();
    if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
      throw in.wrong(
          "dimensions of " + shown(name) + ": " + Integer.toUnsignedString(dimensions),
          "1 to " + MAX_DIMENSIONS);
    }
    List<Long> shape = new ArrayList<>();
    long elements = 1;
    for (int i = 0; i < dimensions; i++) {
      long length = in.i64();
      if (length < 1 || length > Long.MAX_VALUE / 8 / elements) {
        throw in.wrong(
            "shape of " + shown(name) + ": " + Long.toUnsignedString(length),
            "1 or more, and sane");
      }
      elements *= length;
      shape.add(length);
    }
    int number = in.i32();
    @Nullable TensorType type = TensorType.of(number);
    if (type == null) {
      throw in.wrong(
          "type of tensor " + shown(name) + ": " + Integer.toUnsignedString(number),
          "a type of ggml that is known here");
    }
    if (shape.getFirst() % type.blockElements() != 0) {
      throw in.wrong(
          "row of " + shown(name) + ": " + shape.getFirst(),
          "a multiple of " + type.blockElements() + " for " + type);
    }
    long offset = in.i64();
    if (offset < 0 || offset % alignment != 0) {
      throw in.wrong(
          "offset of " + shown(name) + ": " + Long.toUnsignedString(offset),
          "a multiple of " + alignment);
    }
    return new GgufTensor(name, type, shape, offset);
  }

  /** Tensors with offsets from the start of the file, each within it and none over another. */
  private List<GgufTensor> placed(int alignment) throws GgufException {
    long data = Math.ceilDiv(in.position(), alignment) * alignment;
    List<GgufTensor> placed = new ArrayList<>();
    for (GgufTensor tensor : tensors) {
      long room = in.size() - data - tensor.offset();
      if (tensor.bytes() > room) {
        throw new GgufException(
            path
                + ": the data of "
                + shown(tensor.name())
                + " end after the file does, at byte "
                + in.size()
                + " (expected: a whole file)");
      }
      placed.add(
          new GgufTensor(tensor.name(), tensor.type(), tensor.shape(), data + tensor.offset()));
    }
    long end = 0;
    for (GgufTensor tensor :
        placed.stream().sorted((a, b) -> Long.compare(a.offset(), b.offset())).toList()) {
      if (tensor.offset() < end) {
        throw new GgufException(
            path + ": the data of " + shown(tensor.name()) + " begin inside another tensor's");
      }
      end = tensor.offset() + tensor.bytes();
    }
    return placed;
  }

  /** A name as it may be shown on a terminal: short, and without control characters. */
  private static String shown(String name) {
    String plain = name.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= 64 ? plain : plain.substring(0, 64) + "…";
  }
}
