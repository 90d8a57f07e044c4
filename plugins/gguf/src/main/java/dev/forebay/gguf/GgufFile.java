package dev.forebay.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a model file says of itself: metadata and tensors, without their data. Every length, count
 * and offset has been checked against the size of the file, so that whoever maps it reads nothing
 * beyond its end.
 *
 * <p>The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3,
 * little endian.
 *
 * @param path where it is
 * @param version 2 or 3
 * @param alignment of tensor data, in bytes: a power of two
 * @param metadata in the order of the file
 * @param tensors in the order of the file
 * @param size of the file in bytes
 */
public record GgufFile(
    Path path,
    int version,
    int alignment,
    List<GgufValue> metadata,
    List<GgufTensor> tensors,
    long size) {

  /** Where tensor data is aligned unless the file says otherwise, in bytes. */
  public static final int DEFAULT_ALIGNMENT = 32;

  /** Copies. */
  public GgufFile {
    metadata = List.copyOf(metadata);
    tensors = List.copyOf(tensors);
  }

  /**
   * Reads the head of a file.
   *
   * @throws GgufException where it is no GGUF file, cut, or contradicts itself
   * @throws IOException where it cannot be read
   */
  public static GgufFile read(Path path) throws IOException {
    return GgufReader.read(path);
  }

  /** The value under a key; empty where there is none. */
  public Optional<GgufValue> value(String key) {
    return metadata.stream().filter(value -> value.key().equals(key)).findFirst();
  }

  /** The text under a key; empty where there is none, or something else. */
  public Optional<String> text(String key) {
    return value(key).filter(v -> v.scalar() instanceof String).map(v -> (String) v.scalar());
  }

  /**
   * The texts of the list under a key, read from the file again; empty where there is none, or
   * something else.
   *
   * @throws IOException where the file cannot be read any more, or one is no UTF-8
   */
  public List<String> texts(String key) throws IOException {
    GgufValue list = value(key).orElse(null);
    return list == null || list.element() != GgufValue.Type.STRING
        ? List.of()
        : GgufReader.texts(path, list);
  }

  /**
   * The whole numbers, of 32 bits, of the list under a key, read from the file again; empty where
   * there is none, or something else.
   *
   * @throws IOException where the file cannot be read any more
   */
  public List<Long> numbers(String key) throws IOException {
    GgufValue list = value(key).orElse(null);
    return list == null
            || (list.element() != GgufValue.Type.UINT32 && list.element() != GgufValue.Type.INT32)
        ? List.of()
        : GgufReader.numbers(path, list);
  }

  /** The whole number under a key; empty where there is none, or something else. */
  public Optional<Long> number(String key) {
    return value(key).filter(v -> v.scalar() instanceof Long).map(v -> (Long) v.scalar());
  }

  /** Whether a flag is set; what is given where the file does not say. */
  public boolean flag(String key, boolean otherwise) {
    return value(key)
        .filter(v -> v.scalar() instanceof Boolean)
        .map(v -> (Boolean) v.scalar())
        .orElse(otherwise);
  }

  /**
   * The architecture, such as {@code llama} or {@code qwen2}; empty where the file does not say.
   */
  public String architecture() {
    return text("general.architecture").orElse("");
  }

  /** Bytes of all tensors together. */
  public long tensorBytes() {
    return tensors.stream().mapToLong(GgufTensor::bytes).sum();
  }

  /** Elements of all tensors together: the number of parameters. */
  public long parameters() {
    return tensors.stream().mapToLong(GgufTensor::elements).sum();
  }
}
