package dev.forebay.spi;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Hashes of the leading blocks of a prompt, each covering all that comes before it: two prompts
 * share as many blocks as they have equal leading hashes.
 */
public final class PrefixHashes {

  /** Of a prompt shorter than a block, or of a trace that carries no prefixes. */
  public static final PrefixHashes NONE = new PrefixHashes(new long[0]);

  private final long[] hashes;

  private PrefixHashes(long[] hashes) {
    this.hashes = hashes;
  }

  /** Takes a copy of the hashes, first block first. */
  public static PrefixHashes of(long... hashes) {
    return hashes.length == 0 ? NONE : new PrefixHashes(hashes.clone());
  }

  /** How many blocks. */
  public int size() {
    return hashes.length;
  }

  /** The hash of the prompt up to the end of block {@code index}, from 0. */
  public long get(int index) {
    return hashes[index];
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PrefixHashes prefix && Arrays.equals(prefix.hashes, hashes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(hashes);
  }

  @Override
  public String toString() {
    return "PrefixHashes[" + hashes.length + "]";
  }
}
