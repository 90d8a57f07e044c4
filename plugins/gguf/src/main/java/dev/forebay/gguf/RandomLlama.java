package dev.forebay.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A model of the architecture llama with random weights, for tests and measurements: it has the
 * form of a real one, runs at the speed of a real one of its size, and answers nothing: what it
 * says is noise. The same shape and seed give the same file.
 *
 * @param vocabulary how many tokens it knows: at least {@link #LEAST_VOCABULARY}
 * @param width of its vectors: a multiple of 32 and of the heads
 * @param layers how many
 * @param heads of attention
 * @param keyHeads heads of keys and values, which divide the others
 * @param inner width inside a layer: a multiple of 32
 * @param context tokens that it says it was trained for
 */
public record RandomLlama(
    int vocabulary, int width, int layers, int heads, int keyHeads, int inner, int context) {

  /** The fewest tokens: three with a meaning, one for each byte, and the printable characters. */
  public static final int LEAST_VOCABULARY = 3 + 256 + 96;

  private static final int UNKNOWN = 2;
  private static final int NORMAL = 1;
  private static final int CONTROL = 3;
  private static final int BYTE = 6;
  private static final int CHUNK = 1 << 14;
  private static final String SPACE = "\u2581";
  private static final String TEMPLATE =
      "{% for message in messages %}{{ '<' + message['role'] + '> ' + message['content'] + '\\n' }}"
          + "{% endfor %}{% if add_generation_prompt %}{{ '<assistant> ' }}{% endif %}";

  /** Checks the shape. */
  public RandomLlama {
    if (vocabulary < LEAST_VOCABULARY || width % 32 != 0 || inner % 32 != 0) {
      throw new IllegalArgumentException(
          "shape: "
              + vocabulary
              + ", "
              + width
              + ", "
              + inner
              + " (expected: a vocabulary of at"
              + " least "
              + LEAST_VOCABULARY
              + ", and widths that are multiples of 32)");
    }
    if (width % heads != 0 || heads % keyHeads != 0) {
      throw new IllegalArgumentException(
          "heads: " + heads + " and " + keyHeads + " (expected: that they divide width and heads)");
    }
  }

  /** 0.2 million parameters, 0.9 MB: for tests. */
  public static RandomLlama tiny() {
    return new RandomLlama(512, 64, 3, 4, 2, 192, 8192);
  }

  /** 110 million parameters, 441 MB: for measurements. */
  public static RandomLlama medium() {
    return new RandomLlama(16_384, 768, 12, 12, 12, 2048, 4096);
  }

  /** How many parameters it has. */
  public long parameters() {
    long attention = 2L * width * width + 2L * width * keyWidth();
    long layer = attention + 3L * width * inner + 2L * width;
    return 2L * vocabulary * width + layers * layer + width;
  }

  /**
   * Writes the model in F32.
   *
   * @param seed of the weights
   */
  public void write(Path path, long seed) throws IOException {
    write(path, seed, TensorType.F32);
  }

  /**
   * Writes the model in F32, F16 or BF16; vectors are always in F32. The same seed gives the same
   * weights, rounded to the type.
   */
  public void write(Path path, long seed, TensorType type) throws IOException {
    if (!type.isFloat()) {
      throw new IllegalArgumentException("type: " + type + " (expected: F32, F16 or BF16)");
    }
    try (GgufWriter out = new GgufWriter(path)) {
      metadata(out, seed, type);
      tensors(out, type);
      out.begin();
      weights(out, new SplittableRandom(seed), type);
      out.finish();
    }
  }

  private void metadata(GgufWriter out, long seed, TensorType type) {
    List<String> tokens = tokens(seed);
    float[] scores = new float[vocabulary];
    int[] types = new int[vocabulary];
    for (int i = 0; i < vocabulary; i++) {
      scores[i] = i < LEAST_VOCABULARY ? -1e3f : -i;
      types[i] = i == 0 ? UNKNOWN : i < 3 ? CONTROL : i < 3 + 256 ? BYTE : NORMAL;
    }
    out.text("general.architecture", "llama")
        .text("general.name", "random weights, seed " + seed + ": answers nothing")
        .number("general.file_type", type == TensorType.F32 ? 0 : type == TensorType.F16 ? 1 : 32)
        .number("llama.vocab_size", vocabulary)
        .number("llama.context_length", context)
        .number("llama.embedding_length", width)
        .number("llama.block_count", layers)
        .number("llama.feed_forward_length", inner)
        .number("llama.attention.head_count", heads)
        .number("llama.attention.head_count_kv", keyHeads)
        .number("llama.rope.dimension_count", width / heads)
        .decimal("llama.attention.layer_norm_rms_epsilon", 1e-5f)
        .decimal("llama.rope.freq_base", 10_000)
        .text("tokenizer.ggml.model", "llama")
        .texts("tokenizer.ggml.tokens", tokens)
        .decimals("tokenizer.ggml.scores", scores)
        .numbers("tokenizer.ggml.token_type", types)
        .number("tokenizer.ggml.unknown_token_id", 0)
        .number("tokenizer.ggml.bos_token_id", 1)
        .number("tokenizer.ggml.eos_token_id", 2)
        .flag("tokenizer.ggml.add_bos_token", true)
        .flag("tokenizer.ggml.add_eos_token", false)
        .text("tokenizer.chat_template", TEMPLATE);
  }

  /** Three with a meaning, the bytes, printable characters, then made-up words. */
  private List<String> tokens(long seed) {
    Set<String> tokens = new LinkedHashSet<>(List.of("<unk>", "<s>", "</s>"));
    for (int i = 0; i < 256; i++) {
      tokens.add(String.format("<0x%02X>", i));
    }
    tokens.add(SPACE);
    for (char c = '!'; c <= '~'; c++) {
      tokens.add(String.valueOf(c));
    }
    tokens.add(SPACE + SPACE);
    SplittableRandom random = new SplittableRandom(~seed);
    while (tokens.size() < vocabulary) {
      StringBuilder word = new StringBuilder(random.nextBoolean() ? SPACE : "");
      int length = 2 + random.nextInt(4);
      for (int i = 0; i < length; i++) {
        word.append((char) ('a' + random.nextInt(26)));
      }
      tokens.add(word.toString());
    }
    return new ArrayList<>(tokens);
  }

  private void tensors(GgufWriter out, TensorType type) {
    matrix(out, "token_embd", type, width, vocabulary);
    for (int i = 0; i < layers; i++) {
      String layer = "blk." + i + ".";
      out.tensor(layer + "attn_norm.weight", TensorType.F32, List.of((long) width));
      matrix(out, layer + "attn_q", type, width, width);
      matrix(out, layer + "attn_k", type, width, keyWidth());
      matrix(out, layer + "attn_v", type, width, keyWidth());
      matrix(out, layer + "attn_output", type, width, width);
      out.tensor(layer + "ffn_norm.weight", TensorType.F32, List.of((long) width));
      matrix(out, layer + "ffn_gate", type, width, inner);
      matrix(out, layer + "ffn_up", type, width, inner);
      matrix(out, layer + "ffn_down", type, inner, width);
    }
    out.tensor("output_norm.weight", TensorType.F32, List.of((long) width));
    matrix(out, "output", type, width, vocabulary);
  }

  private static void matrix(GgufWriter out, String name, TensorType type, long row, long rows) {
    out.tensor(name + ".weight", type, List.of(row, rows));
  }

  /** In the order of {@link #tensors}: deviations that keep the size of vectors, norms of 1. */
  private void weights(GgufWriter out, SplittableRandom random, TensorType type)
      throws IOException {
    normal(out, random, type, (long) vocabulary * width, 1);
    for (int i = 0; i < layers; i++) {
      ones(out);
      normal(out, random, type, (long) width * width, width);
      normal(out, random, type, (long) width * keyWidth(), width);
      normal(out, random, type, (long) width * keyWidth(), width);
      normal(out, random, type, (long) width * width, width);
      ones(out);
      normal(out, random, type, (long) width * inner, width);
      normal(out, random, type, (long) width * inner, width);
      normal(out, random, type, (long) inner * width, inner);
    }
    ones(out);
    normal(out, random, type, (long) width * vocabulary, width / 4);
  }

  private void ones(GgufWriter out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4 * width).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < width; i++) {
      buffer.putFloat(1);
    }
    out.write(buffer.array(), buffer.position());
  }

  private static void normal(
      GgufWriter out, SplittableRandom random, TensorType type, long count, int fanIn)
      throws IOException {
    double deviation = 1 / Math.sqrt(fanIn);
    ByteBuffer buffer = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (long at = 0; at < count; at += CHUNK) {
      buffer.clear();
      for (int i = 0; i < Math.min(CHUNK, count - at); i++) {
        put(buffer, type, (float) (normal(random.nextLong()) * deviation));
      }
      out.write(buffer.array(), buffer.position());
    }
  }

  private static void put(ByteBuffer buffer, TensorType type, float value) {
    switch (type) {
      case F32 -> buffer.putFloat(value);
      case F16 -> buffer.putShort(Float.floatToFloat16(value));
      default -> {
        int bits = Float.floatToRawIntBits(value);
        buffer.putShort((short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16)); // to nearest, even
      }
    }
  }

  /** About normal, of deviation 1, and the same on every JVM: the sum of four even 16 bits. */
  private static double normal(long bits) {
    long sum =
        (bits & 0xFFFF) + ((bits >>> 16) & 0xFFFF) + ((bits >>> 32) & 0xFFFF) + (bits >>> 48);
    return (sum / 65_535.0 - 2) * Math.sqrt(3);
  }

  private int keyWidth() {
    return width / heads * keyHeads;
  }
}
