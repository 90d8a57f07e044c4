package dev.forebay.gguf;

import java.nio.ByteBuffer;

/**
 * Blocks of 32 elements as ggml defines them ({@code block_q8_0} and {@code block_q4_0} in
 * ggml-common.h, {@code quantize_row_q8_0_ref} and {@code quantize_row_q4_0_ref} in ggml-quants.c):
 * a scale in half precision, then the elements divided by the scale before it was rounded to half
 * precision. The results are equal to those functions bit for bit. Buffers are little endian.
 */
final class Blocks {

  /** Elements of a block. */
  static final int ELEMENTS = 32;

  private Blocks() {}

  /** Reads elements in floating point. */
  static void read(TensorType type, ByteBuffer in, float[] out, int count) {
    switch (type) {
      case F32 -> {
        for (int i = 0; i < count; i++) {
          out[i] = in.getFloat();
        }
      }
      case F16 -> {
        for (int i = 0; i < count; i++) {
          out[i] = Float.float16ToFloat(in.getShort());
        }
      }
      case BF16 -> {
        for (int i = 0; i < count; i++) {
          out[i] = Float.intBitsToFloat(in.getShort() << 16);
        }
      }
      default -> throw new IllegalArgumentException(type + " (expected: F32, F16 or BF16)");
    }
  }

  /** Writes the block of the 32 elements from {@code at}. */
  static void quantize(TensorType type, float[] x, int at, ByteBuffer out) {
    switch (type) {
      case Q8_0 -> q8(x, at, out);
      case Q4_0 -> q4(x, at, out);
      default -> throw new IllegalArgumentException(type + " (expected: Q8_0 or Q4_0)");
    }
  }

  /** Reads a block back. */
  static void dequantize(TensorType type, ByteBuffer in, float[] x, int at) {
    float scale = Float.float16ToFloat(in.getShort());
    if (type == TensorType.Q8_0) {
      for (int i = 0; i < ELEMENTS; i++) {
        x[at + i] = in.get() * scale;
      }
      return;
    }
    for (int i = 0; i < ELEMENTS / 2; i++) {
      int pair = in.get();
      x[at + i] = ((pair & 15) - 8) * scale;
      x[at + ELEMENTS / 2 + i] = (((pair >> 4) & 15) - 8) * scale;
    }
  }

  /** Signed bytes: the greatest magnitude becomes 127. */
  private static void q8(float[] x, int at, ByteBuffer out) {
    float greatest = 0;
    for (int i = 0; i < ELEMENTS; i++) {
      greatest = Math.max(greatest, Math.abs(x[at + i]));
    }
    float scale = greatest / 127;
    float inverse = scale == 0 ? 0 : 1 / scale;
    out.putShort(Float.floatToFloat16(scale));
    for (int i = 0; i < ELEMENTS; i++) {
      out.put((byte) halfAwayFromZero(x[at + i] * inverse));
    }
  }

  /**
   * Four bits: the element of the greatest magnitude becomes -8, so one sign reaches further than
   * the other. Element i is in the lower half of byte i, element 16 + i in the upper half.
   */
  private static void q4(float[] x, int at, ByteBuffer out) {
    float greatest = 0;
    float signed = 0;
    for (int i = 0; i < ELEMENTS; i++) {
      if (greatest < Math.abs(x[at + i])) {
        greatest = Math.abs(x[at + i]);
        signed = x[at + i];
      }
    }
    float scale = signed / -8;
    float inverse = scale == 0 ? 0 : 1 / scale;
    out.putShort(Float.floatToFloat16(scale));
    for (int i = 0; i < ELEMENTS / 2; i++) {
      int low = nibble(x[at + i] * inverse);
      int high = nibble(x[at + ELEMENTS / 2 + i] * inverse);
      out.put((byte) (low | (high << 4)));
    }
  }

  private static int nibble(float value) {
    return Math.min(15, (byte) (value + 8.5f));
  }

  /** C's roundf, which Math.round is not. */
  private static int halfAwayFromZero(float value) {
    float magnitude = Math.abs(value);
    int whole = (int) magnitude;
    int rounded = magnitude - whole >= 0.5f ? whole + 1 : whole;
    return value < 0 ? -rounded : rounded;
  }
}
