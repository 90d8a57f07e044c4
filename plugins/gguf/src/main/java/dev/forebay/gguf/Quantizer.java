package dev.forebay.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Makes a smaller model file of a model file: matrices in floating point become blocks of integers,
 * everything else is copied. It reads and writes from front to back, in memory that does not grow
 * with the model.
 *
 * <p>What is kept is what llama.cpp's own quantizer keeps: vectors, norms, the routing of experts,
 * positions. Unlike there, no matrix gets a better type than the others (that is {@code --pure}).
 */
public final class Quantizer {

  private static final int ELEMENTS = 1 << 16;
  private static final int QUANTIZATION_VERSION = 2;
  private static final Map<TensorType, Integer> FILE_TYPES =
      Map.of(TensorType.Q4_0, 2, TensorType.Q8_0, 7);
  private static final Set<String> REPLACED =
      Set.of("general.file_type", "general.quantization_version");

  private final GgufFile source;
  private final TensorType type;
  private final Progress progress;
  private final float[] original = new float[ELEMENTS];
  private final float[] restored = new float[ELEMENTS];
  private final Map<String, Deviation> deviations = new TreeMap<>();
  private final Map<String, List<String>> kept = new LinkedHashMap<>();
  private long done;

  private Quantizer(GgufFile source, TensorType type, Progress progress) {
    this.source = source;
    this.type = type;
    this.progress = progress;
  }

  /** Is told how far a quantization is. */
  @FunctionalInterface
  public interface Progress {

    /**
     * After each piece.
     *
     * @param done bytes of tensors that have been read
     * @param of bytes of all tensors
     * @param tensor the name of the current one
     */
    void at(long done, long of, String tensor);
  }

  /**
   * Quantizes a file.
   *
   * @param type Q8_0 or Q4_0
   * @throws GgufException where the source is no GGUF file, is broken, or has no matrix in floating
   *     point
   * @throws IOException where a file cannot be read or written
   */
  public static Quantization quantize(Path from, Path to, TensorType type, Progress progress)
      throws IOException {
    if (!FILE_TYPES.containsKey(type)) {
      throw new IllegalArgumentException("type: " + type + " (expected: Q8_0 or Q4_0)");
    }
    GgufFile source = GgufFile.read(from);
    if (Files.exists(to) && Files.isSameFile(from, to)) {
      throw new GgufException(to + ": the source itself (expected: another file)");
    }
    return new Quantizer(source, type, progress).run(to);
  }

  private Quantization run(Path to) throws IOException {
    if (source.tensors().stream().noneMatch(tensor -> reasonToKeep(tensor).isEmpty())) {
      throw new GgufException(
          source.path() + ": nothing to quantize (expected: matrices in F32, F16 or BF16)");
    }
    try (FileChannel in = FileChannel.open(source.path(), StandardOpenOption.READ);
        GgufWriter out = new GgufWriter(to)) {
      for (GgufValue value : source.metadata()) {
        if (!REPLACED.contains(value.key())) {
          out.copy(value, in);
        }
      }
      out.number("general.file_type", FILE_TYPES.getOrDefault(type, 0));
      out.number("general.quantization_version", QUANTIZATION_VERSION);
      for (GgufTensor tensor : source.tensors()) {
        boolean keep = !reasonToKeep(tensor).isEmpty();
        out.tensor(tensor.name(), keep ? tensor.type() : type, tensor.shape());
      }
      out.begin();
      for (GgufTensor tensor : source.tensors()) {
        tensor(tensor, in, out);
      }
      out.finish();
    }
    return new Quantization(
        source.size(),
        Files.size(to),
        deviations.values().stream().map(Deviation::summary).toList(),
        kept);
  }

  private void tensor(GgufTensor tensor, FileChannel in, GgufWriter out) throws IOException {
    String reason = reasonToKeep(tensor);
    if (!reason.isEmpty()) {
      kept.computeIfAbsent(reason, r -> new ArrayList<>()).add(tensor.name());
      copy(tensor, in, out);
      return;
    }
    Deviation deviation = deviations.computeIfAbsent(tensor.kind(), Deviation::new);
    deviation.tensor();
    ByteBuffer read = buffer((int) tensor.type().bytes(ELEMENTS));
    byte[] block = new byte[(int) type.bytes(ELEMENTS)];
    ByteBuffer written = ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN);
    long elements = tensor.elements();
    for (long at = 0; at < elements; at += ELEMENTS) {
      int count = (int) Math.min(ELEMENTS, elements - at);
      fill(read, (int) tensor.type().bytes(count), in, tensor.offset() + tensor.type().bytes(at));
      Blocks.read(tensor.type(), read, original, count);
      blocks(tensor, count, written.clear());
      deviation.add(original, restored, count);
      out.write(block, written.position());
      advance(tensor, tensor.type().bytes(count));
    }
  }

  private void blocks(GgufTensor tensor, int count, ByteBuffer written) throws GgufException {
    for (int i = 0; i < count; i += Blocks.ELEMENTS) {
      int block = written.position();
      Blocks.quantize(type, original, i, written);
      float scale = Float.float16ToFloat(written.getShort(block));
      if (!Float.isFinite(scale) || !finite(i)) {
        throw new GgufException(
            source.path()
                + ": "
                + tensor.name()
                + " holds a value that is not finite, or too great for a scale in half precision");
      }
      Blocks.dequantize(
          type, written.duplicate().order(written.order()).position(block), restored, i);
    }
  }

  private boolean finite(int from) {
    float sum = 0;
    for (int i = from; i < from + Blocks.ELEMENTS; i++) {
      sum += original[i] * 0; // NaN where one is NaN or infinite
    }
    return sum == 0;
  }

  private void copy(GgufTensor tensor, FileChannel in, GgufWriter out) throws IOException {
    byte[] piece = new byte[ELEMENTS];
    ByteBuffer buffer = ByteBuffer.wrap(piece);
    long bytes = tensor.bytes();
    for (long at = 0; at < bytes; at += ELEMENTS) {
      int count = (int) Math.min(ELEMENTS, bytes - at);
      fill(buffer, count, in, tensor.offset() + at);
      out.write(piece, count);
      advance(tensor, count);
    }
  }

  private void fill(ByteBuffer buffer, int bytes, FileChannel in, long at) throws IOException {
    buffer.clear().limit(bytes);
    while (buffer.hasRemaining()) {
      if (in.read(buffer, at + buffer.position()) < 0) {
        throw new GgufException(source.path() + ": was cut while it was read");
      }
    }
    buffer.flip();
  }

  private void advance(GgufTensor tensor, long bytes) {
    done += bytes;
    progress.at(done, source.tensorBytes(), tensor.name());
  }

  /** Why a tensor is copied as it is; empty where it is quantized. */
  private static String reasonToKeep(GgufTensor tensor) {
    String name = tensor.name();
    if (tensor.shape().size() < 2) {
      return "1-D";
    }
    if (name.contains("_norm")) {
      return "norm";
    }
    if (name.contains("ffn_gate_inp")
        || name.contains("position_embd")
        || name.contains("token_types")) {
      return "routing or positions";
    }
    if (!name.endsWith(".weight")) {
      return "no weight";
    }
    if (!tensor.type().isFloat()) {
      return "already " + tensor.type();
    }
    return tensor.row() % Blocks.ELEMENTS == 0 ? "" : "row is no multiple of " + Blocks.ELEMENTS;
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
