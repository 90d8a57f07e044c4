package dev.forebay.mysql;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The shard of an owner of records: the first hexadecimal digit of the SHA-256 of its name in
 * UTF-8. In SQL: {@code CONV(LEFT(SHA2(name, 256), 1), 16, 10)}. It never changes; which database
 * has a shard may.
 */
final class Shards {

  /** How many there are. */
  static final int COUNT = 16;

  private static final int HALF_BYTE = 4;

  private Shards() {}

  /** The shard of an owner: 0 to 15. */
  static int of(String owner) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(owner.getBytes(StandardCharsets.UTF_8));
      return (hash[0] & 0xff) >> HALF_BYTE;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
