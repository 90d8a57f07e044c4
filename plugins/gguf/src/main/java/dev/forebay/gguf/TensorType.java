package dev.forebay.gguf;

import org.jspecify.annotations.Nullable;

/**
 * How the elements of a tensor are stored: the types of ggml, by the number that files have for
 * them. Types with blocks hold a whole number of blocks per row.
 */
public enum TensorType {
  /** IEEE 754 single precision. */
  F32(0, 1, 4),
  /** IEEE 754 half precision. */
  F16(1, 1, 2),
  /** 4 bits, and a half-precision scale per 32 elements. */
  Q4_0(2, 32, 18),
  /** 4 bits, a scale and a minimum per 32 elements. */
  Q4_1(3, 32, 20),
  /** 5 bits, and a scale per 32 elements. */
  Q5_0(6, 32, 22),
  /** 5 bits, a scale and a minimum per 32 elements. */
  Q5_1(7, 32, 24),
  /** 8 bits, and a half-precision scale per 32 elements. */
  Q8_0(8, 32, 34),
  /** 8 bits, a scale and a sum per 32 elements. */
  Q8_1(9, 32, 36),
  /** 2 bits in blocks of 256. */
  Q2_K(10, 256, 84),
  /** 3 bits in blocks of 256. */
  Q3_K(11, 256, 110),
  /** 4 bits in blocks of 256. */
  Q4_K(12, 256, 144),
  /** 5 bits in blocks of 256. */
  Q5_K(13, 256, 176),
  /** 6 bits in blocks of 256. */
  Q6_K(14, 256, 210),
  /** 8 bits in blocks of 256. */
  Q8_K(15, 256, 292),
  /** About 2 bits, from a codebook. */
  IQ2_XXS(16, 256, 66),
  /** About 2 bits, from a codebook. */
  IQ2_XS(17, 256, 74),
  /** About 3 bits, from a codebook. */
  IQ3_XXS(18, 256, 98),
  /** About 1.5 bits, from a codebook. */
  IQ1_S(19, 256, 50),
  /** 4 bits, from a table that is not linear. */
  IQ4_NL(20, 32, 18),
  /** About 3 bits, from a codebook. */
  IQ3_S(21, 256, 110),
  /** About 2 bits, from a codebook. */
  IQ2_S(22, 256, 82),
  /** 4 bits, from a table that is not linear, in blocks of 256. */
  IQ4_XS(23, 256, 136),
  /** 8-bit integers. */
  I8(24, 1, 1),
  /** 16-bit integers. */
  I16(25, 1, 2),
  /** 32-bit integers. */
  I32(26, 1, 4),
  /** 64-bit integers. */
  I64(27, 1, 8),
  /** IEEE 754 double precision. */
  F64(28, 1, 8),
  /** About 1.75 bits, from a codebook. */
  IQ1_M(29, 256, 56),
  /** The upper half of single precision. */
  BF16(30, 1, 2),
  /** Ternary, packed by base 3. */
  TQ1_0(34, 256, 54),
  /** Ternary, 2 bits. */
  TQ2_0(35, 256, 66);

  private final int number;
  private final int elements;
  private final int bytes;

  TensorType(int number, int elements, int bytes) {
    this.number = number;
    this.elements = elements;
    this.bytes = bytes;
  }

  /** The type of a number; null where none is known. */
  static @Nullable TensorType of(int number) {
    for (TensorType type : values()) {
      if (type.number == number) {
        return type;
      }
    }
    return null;
  }

  /** Its number in files. */
  public int number() {
    return number;
  }

  /** Elements of a block; 1 where there are no blocks. */
  public int blockElements() {
    return elements;
  }

  /** Bytes of a block. */
  public int blockBytes() {
    return bytes;
  }

  /** Bytes of so many elements, which are a whole number of blocks. */
  public long bytes(long count) {
    return count / elements * bytes;
  }

  /** Whether {@link Blocks} can read it as floating point. */
  public boolean isFloat() {
    return this == F32 || this == F16 || this == BF16;
  }
}
