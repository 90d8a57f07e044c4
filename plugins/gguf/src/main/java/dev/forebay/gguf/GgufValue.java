package dev.forebay.gguf;

import org.jspecify.annotations.Nullable;

/**
 * An entry of a model file's metadata. Arrays stay in the file: vocabularies have 100,000s of
 * entries.
 *
 * @param key unique in the file, such as {@code general.architecture}
 * @param type the type of its value
 * @param scalar a {@link Long}, {@link Double}, {@link Boolean} or {@link String}; null for arrays
 * @param element the type of an array's elements; null for others
 * @param count elements of an array; 1 for others
 * @param offset where the value begins, in bytes from the start of the file
 * @param bytes length of the value in the file
 */
public record GgufValue(
    String key,
    Type type,
    @Nullable Object scalar,
    @Nullable Type element,
    long count,
    long offset,
    long bytes) {

  /** The types of values, in the order of their numbers in files. */
  public enum Type {
    /** Unsigned 8 bits. */
    UINT8(1),
    /** Signed 8 bits. */
    INT8(1),
    /** Unsigned 16 bits. */
    UINT16(2),
    /** Signed 16 bits. */
    INT16(2),
    /** Unsigned 32 bits. */
    UINT32(4),
    /** Signed 32 bits. */
    INT32(4),
    /** IEEE 754 single precision. */
    FLOAT32(4),
    /** One byte, 0 or 1. */
    BOOL(1),
    /** A length of 64 bits, then UTF-8. */
    STRING(0),
    /** A type, a count of 64 bits, then the elements. */
    ARRAY(0),
    /** Unsigned 64 bits. */
    UINT64(8),
    /** Signed 64 bits. */
    INT64(8),
    /** IEEE 754 double precision. */
    FLOAT64(8);

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    /** Bytes of a value; 0 where they vary. */
    int bytes() {
      return bytes;
    }
  }
}
