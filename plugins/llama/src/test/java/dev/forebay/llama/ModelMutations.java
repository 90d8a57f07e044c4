package dev.forebay.llama;

import dev.forebay.gguf.GgufFile;
import dev.forebay.gguf.GgufTensor;
import dev.forebay.gguf.GgufValue;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Changes what a model says of itself, at random but in form: lengths in the file stay right. */
final class ModelMutations {

  private static final long[] WHOLE = {
    0, 1, 2, 3, 5, 7, 31, 63, 65, 255, 511, 513, 1024, 65_535, 1 << 20, Integer.MAX_VALUE, -1, -2
  };
  private static final double[] DECIMAL = {
    0, -0.0, 1, -1, 1e-30, 1e30, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY
  };
  private static final List<String> ARCHITECTURES =
      List.of("qwen2", "bloom", "gemma", "mamba", "rwkv6", "phi-2", "deci\0", "LLAMA", "t5enc");

  private final GgufFile file;
  private final byte[] whole;
  private final int head;

  ModelMutations(GgufFile file, byte[] whole) {
    this.file = file;
    this.whole = whole;
    this.head = (int) file.tensors().getFirst().offset();
  }

  /** A file like the model but for one to three places; and in words, which. */
  Mutated of(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuffer bytes = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
    List<String> said = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      said.add(random.nextInt(3) == 0 ? tensor(bytes, random) : value(bytes, random));
    }
    return new Mutated(Buffer.buffer(bytes.array()), String.join("; ", said));
  }

  private String value(ByteBuffer bytes, SplittableRandom random) {
    GgufValue value = file.metadata().get(random.nextInt(file.metadata().size()));
    int at = (int) value.offset();
    if (random.nextInt(12) == 0) { // as good as missing
      byte[] key = value.key().getBytes(StandardCharsets.UTF_8);
      bytes.put(at - 4 - key.length, (byte) '_');
      return value.key() + " missing";
    }
    return value.key()
        + " = "
        + switch (value.type()) {
          case STRING -> text(bytes, random, value, at);
          case ARRAY -> element(bytes, random, value, at);
          case BOOL -> put(bytes, random, 1, at);
          case FLOAT32 -> {
            float decimal = (float) DECIMAL[random.nextInt(DECIMAL.length)];
            bytes.putFloat(at, decimal);
            yield "" + decimal;
          }
          default -> put(bytes, random, 4, at);
        };
  }

  private String put(ByteBuffer bytes, SplittableRandom random, int length, int at) {
    if (length == 1) {
      bytes.put(at, (byte) random.nextInt(2));
      return "" + bytes.get(at);
    }
    int was = bytes.getInt(at);
    int now =
        switch (random.nextInt(4)) {
          case 0 -> was + random.nextInt(-2, 3);
          case 1 -> random.nextBoolean() ? was * 2 : was / 2;
          default -> (int) WHOLE[random.nextInt(WHOLE.length)];
        };
    bytes.putInt(at, now);
    return Integer.toUnsignedString(now);
  }

  private String text(ByteBuffer bytes, SplittableRandom random, GgufValue value, int at) {
    int length = (int) value.bytes() - 8;
    if (value.key().equals("general.architecture")) {
      String other = ARCHITECTURES.get(random.nextInt(ARCHITECTURES.size()));
      bytes.put(at + 8, other.getBytes(StandardCharsets.UTF_8), 0, length);
      return other;
    }
    if (value.key().equals("tokenizer.ggml.model") && random.nextBoolean()) {
      bytes.put(at + 8, "t5\0\0\0".getBytes(StandardCharsets.UTF_8));
      return "t5";
    }
    int where = random.nextInt(length);
    bytes.put(at + 8 + where, (byte) random.nextInt(256));
    return "byte " + where + " = " + bytes.get(at + 8 + where);
  }

  /** An element, the type of elements where it has the same size, or bytes of a text. */
  private String element(ByteBuffer bytes, SplittableRandom random, GgufValue value, int at) {
    int type = bytes.getInt(at);
    if (type != GgufValue.Type.STRING.ordinal()) {
      if (random.nextInt(3) == 0) {
        int[] alike = {4, 5, 6};
        bytes.putInt(at, alike[random.nextInt(3)]);
        return "elements of type " + bytes.getInt(at);
      }
      int where = random.nextInt((int) value.count());
      for (int i = 0; i <= random.nextInt(64) && where < value.count(); i++, where++) {
        put(bytes, random, 4, at + 12 + 4 * where);
      }
      return "elements before " + where;
    }
    int from = random.nextInt(2 << 8) + 12;
    for (int i = 0; i < 1 + random.nextInt(8); i++) {
      int next = at + 12;
      for (int j = from % (int) value.count(); j > 0; j--) {
        next += 8 + (int) bytes.getLong(next);
      }
      if (bytes.getLong(next) > 0) {
        bytes.put(next + 8 + random.nextInt((int) bytes.getLong(next)), (byte) random.nextInt(256));
      }
      from++;
    }
    return "texts before " + from;
  }

  /** Its shape, its type where the size stays, its name, or its data's place. */
  private String tensor(ByteBuffer bytes, SplittableRandom random) {
    GgufTensor tensor = file.tensors().get(random.nextInt(file.tensors().size()));
    byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
    int at = at(name);
    int dimensions = at + name.length;
    int count = bytes.getInt(dimensions);
    int type = dimensions + 4 + 8 * count;
    return switch (random.nextInt(5)) {
      case 0 -> {
        int[] alike = {26, 0, 24, 25, 1, 30, 8, 2, 9, 15, 12};
        bytes.putInt(type, alike[random.nextInt(alike.length)]);
        yield tensor.name() + " of type " + bytes.getInt(type);
      }
      case 1 -> {
        bytes.put(at + random.nextInt(name.length), (byte) ('a' + random.nextInt(26)));
        yield tensor.name() + " renamed";
      }
      case 2 -> {
        bytes.putLong(dimensions + 4 + 8 * random.nextInt(count), 1L << random.nextInt(12));
        yield tensor.name() + " with another length";
      }
      case 3 -> {
        long first = bytes.getLong(dimensions + 4);
        long last = bytes.getLong(type - 8);
        boolean swap = random.nextBoolean();
        bytes.putLong(dimensions + 4, swap ? last : first * 2);
        bytes.putLong(type - 8, swap ? first : count > 1 ? last / 2 : first * 2);
        yield tensor.name() + " turned";
      }
      default -> {
        GgufTensor other = file.tensors().get(random.nextInt(file.tensors().size()));
        bytes.putLong(type + 4, other.offset() - head);
        yield tensor.name() + " where " + other.name() + " is";
      }
    };
  }

  private int at(byte[] name) {
    for (int i = head - name.length; i > 0; i--) {
      boolean here = i >= 8;
      for (int j = 0; here && j < name.length; j++) {
        here = whole[i + j] == name[j];
      }
      if (here
          && ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getLong(i - 8) == name.length) {
        return i;
      }
    }
    throw new IllegalStateException("no tensor " + new String(name, StandardCharsets.UTF_8));
  }

  /** A file, and what is different. */
  record Mutated(Buffer bytes, String what) {}
}
