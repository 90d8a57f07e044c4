package dev.forebay.gguf;

import java.util.List;

/**
 * A tensor of a model file.
 *
 * @param name unique in the file
 * @param type how its elements are stored
 * @param shape 1 to 4 lengths, the row's first, each at least 1
 * @param offset where its data begin, in bytes from the start of the file
 */
public record GgufTensor(String name, TensorType type, List<Long> shape, long offset) {

  /** Copies. */
  public GgufTensor {
    shape = List.copyOf(shape);
  }

  /** How many elements it has. */
  public long elements() {
    long product = 1;
    for (long length : shape) {
      product *= length;
    }
    return product;
  }

  /** Length of its data in bytes. */
  public long bytes() {
    return type.bytes(elements());
  }

  /** Elements of a row. */
  public long row() {
    return shape.getFirst();
  }

  /** What it is for: its name without its layer, such as {@code attn_q} or {@code token_embd}. */
  public String kind() {
    String kind = name.replaceFirst("^blk\\.\\d+\\.", "");
    return kind.endsWith(".weight") ? kind.substring(0, kind.length() - 7) : kind;
  }
}
