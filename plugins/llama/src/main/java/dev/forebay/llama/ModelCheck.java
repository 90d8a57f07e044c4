package dev.forebay.llama;

import dev.forebay.gguf.GgufFile;
import dev.forebay.gguf.GgufTensor;
import dev.forebay.gguf.GgufValue;
import dev.forebay.gguf.TensorType;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks what a model says of itself before the engine is given it. What the engine notices it
 * refuses by itself, such as a tensor that is missing; here is what it would believe, and end the
 * process by: numbers that are used as divisors, bounds of arrays or lengths of lists, and
 * vocabularies that cannot express every text.
 */
final class ModelCheck {

  private static final long MOST_LAYERS = 512; // LLAMA_MAX_LAYERS
  private static final long MOST_EXPERTS = 384; // LLAMA_MAX_EXPERTS
  private static final long MOST_HEADS = 1 << 14;
  private static final long MOST_WIDTH = 1 << 20;
  private static final long MOST_TOKENS = 1 << 24;
  private static final String TOKENS = "tokenizer.ggml.tokens";
  private static final Set<TensorType> NO_WEIGHTS =
      Set.of(
          TensorType.I8,
          TensorType.I16,
          TensorType.I32,
          TensorType.I64,
          TensorType.F64,
          TensorType.Q8_1,
          TensorType.Q8_K);

  private final GgufFile file;
  private final String prefix;

  private ModelCheck(GgufFile file) {
    this.file = file;
    this.prefix = file.architecture() + ".";
  }

  /**
   * Checks a model.
   *
   * @throws IllegalArgumentException in one line, where the engine must not be given it
   * @throws IOException where it cannot be read
   */
  static void check(GgufFile file) throws IOException {
    if (file.tensors().isEmpty() || !file.architecture().matches("[a-z0-9_.-]{1,64}")) {
      throw wrong(file, "no weights, or no architecture", "a language model");
    }
    ModelCheck check = new ModelCheck(file);
    check.decimals();
    check.shape();
    check.vocabulary();
    for (GgufTensor tensor : file.tensors()) {
      check.type(tensor);
    }
  }

  private void decimals() {
    for (GgufValue value : file.metadata()) {
      if (value.scalar() instanceof Double decimal) {
        boolean epsilon = value.key().endsWith("epsilon");
        if (!Double.isFinite(decimal) || (epsilon && (decimal < 0 || decimal > 1))) {
          throw wrong(value.key() + ": " + decimal, epsilon ? "0 to 1" : "a finite number");
        }
      }
    }
  }

  private void shape() throws IOException {
    long layers = needed("block_count", MOST_LAYERS);
    long width = needed("embedding_length", MOST_WIDTH);
    needed("context_length", Integer.MAX_VALUE);
    within("feed_forward_length", 1, MOST_TOKENS, layers);
    within("vocab_size", 1, MOST_TOKENS, 1);
    boolean recurrent = prefix.startsWith("mamba") || prefix.startsWith("rwkv");
    Long heads = within("attention.head_count", recurrent ? 0 : 1, MOST_HEADS, layers);
    Long keyHeads = within("attention.head_count_kv", recurrent ? 0 : 1, MOST_HEADS, layers);
    if (heads != null && keyHeads != null && keyHeads > 0 && heads % keyHeads != 0) {
      throw wrong(prefix + "attention.head_count_kv: " + keyHeads, "a divisor of " + heads);
    }
    Long keys = within("attention.key_length", 1, MOST_WIDTH, 1);
    within("attention.value_length", 1, MOST_WIDTH, 1);
    if (keys == null && heads != null && heads > 0) {
      if (width % heads != 0) {
        throw wrong(prefix + "attention.head_count: " + heads, "a divisor of " + width);
      }
      keys = width / heads;
    }
    Long rotated = within("rope.dimension_count", 0, MOST_WIDTH, 1);
    if (rotated != null && (rotated % 2 != 0 || (keys != null && rotated > keys))) {
      throw wrong(prefix + "rope.dimension_count: " + rotated, "an even number up to " + keys);
    }
    Long experts = within("expert_count", 0, MOST_EXPERTS, 1);
    if (experts != null && experts > 0) {
      Long used = within("expert_used_count", 1, experts, layers);
      if (used == null) {
        throw wrong(prefix + "expert_used_count: missing", "1 to " + experts);
      }
    }
    GgufTensor embedding = tensor("token_embd.weight");
    if (embedding != null && embedding.row() != width) {
      throw wrong("row of token_embd.weight: " + embedding.row(), width + ", the embedding_length");
    }
  }

  private void vocabulary() throws IOException {
    GgufValue tokens = file.value(TOKENS).orElse(null);
    if (tokens == null || tokens.count() < 1 || tokens.count() > MOST_TOKENS) {
      throw wrong(TOKENS + ": " + (tokens == null ? "missing" : tokens.count()), "1 or more texts");
    }
    long count = tokens.count();
    list(TOKENS, GgufValue.Type.STRING, count);
    list("tokenizer.ggml.scores", GgufValue.Type.FLOAT32, count);
    list("tokenizer.ggml.token_type", GgufValue.Type.INT32, count);
    list("tokenizer.ggml.merges", GgufValue.Type.STRING, -1);
    for (GgufValue value : file.metadata()) {
      boolean id = value.key().startsWith("tokenizer.") && value.key().endsWith("_token_id");
      // as llama.cpp has it: none is -1
      if (id
          && !(value.scalar() instanceof Long n
              && ((n >= 0 && n < count) || (int) (long) n == -1))) {
        throw wrong(value.key() + ": " + value.scalar(), "0 to " + (count - 1));
      }
    }
    GgufTensor embedding = tensor("token_embd.weight");
    if (embedding != null && embedding.elements() / embedding.row() != count) {
      throw wrong(
          "rows of token_embd.weight: " + embedding.elements() / embedding.row(),
          count + ", one for each token");
    }
    texts();
  }

  /** The engine ends the process at a text that is there twice, and at a byte without a token. */
  private void texts() throws IOException {
    Set<String> texts = new HashSet<>();
    for (String whole : file.texts(TOKENS)) {
      String text = whole.substring(0, (whole + '\0').indexOf('\0')); // as the engine reads it
      if (!texts.add(text) && !text.isEmpty()) {
        throw wrong(TOKENS + ": " + shown(text) + " twice", "each text once");
      }
    }
    // what is no token of its own is made of bytes
    if (file.text("tokenizer.ggml.model").orElse("").equals("llama")) {
      for (int i = 0; i < 256; i++) {
        if (!texts.contains(String.format("<0x%02X>", i))) {
          throw wrong(String.format("%s: no token <0x%02X>", TOKENS, i), "one for each byte");
        }
      }
    }
  }

  /** A list that may be missing. */
  private void list(String key, GgufValue.Type type, long count) {
    GgufValue list = file.value(key).orElse(null);
    if (list == null) {
      return;
    }
    if (list.type() != GgufValue.Type.ARRAY || list.element() != type) {
      throw wrong(key + ": " + list.type() + " of " + list.element(), "a list of " + type);
    }
    if (count >= 0 && list.count() != count) {
      throw wrong(key + ": " + list.count() + " elements", count + ", one for each token");
    }
  }

  /** Vectors are in F32, as all converters write them; the engine cannot compute with others. */
  private void type(GgufTensor tensor) {
    boolean vector = tensor.shape().size() == 1;
    if (NO_WEIGHTS.contains(tensor.type()) || (vector && tensor.type() != TensorType.F32)) {
      throw wrong(
          "type of tensor " + shown(tensor.name()) + ": " + tensor.type(),
          vector ? "F32" : "a type of weights");
    }
  }

  private long needed(String name, long most) throws IOException {
    Long value = within(name, 1, most, 1);
    if (value == null) {
      throw wrong(prefix + name + ": missing", "1 to " + most);
    }
    return value;
  }

  /** A number of the architecture; null where it is missing, or a list with one for each layer. */
  private @Nullable Long within(String name, long least, long most, long layers)
      throws IOException {
    GgufValue value = file.value(prefix + name).orElse(null);
    if (value == null) {
      return null;
    }
    if (layers > 1 && value.count() == layers) {
      List<Long> each = file.numbers(prefix + name);
      long first = prefix.equals("deci.") ? 0 : least; // it has layers without attention
      if (!each.isEmpty() && each.stream().allMatch(n -> n >= first && n <= most)) {
        return null;
      }
    }
    if (!(value.scalar() instanceof Long number) || number < least || number > most) {
      Object said = value.scalar() == null ? value.count() + " elements" : value.scalar();
      throw wrong(prefix + name + ": " + said, least + " to " + most);
    }
    return number;
  }

  private @Nullable GgufTensor tensor(String name) {
    List<GgufTensor> found =
        file.tensors().stream().filter(tensor -> tensor.name().equals(name)).toList();
    return found.isEmpty() ? null : found.getFirst();
  }

  private static String shown(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private IllegalArgumentException wrong(String what, String expected) {
    return wrong(file, what, expected);
  }

  private static IllegalArgumentException wrong(GgufFile file, String what, String expected) {
    return new IllegalArgumentException(
        "model: " + file.path() + ": " + what + " (expected: " + expected + ")");
  }
}
