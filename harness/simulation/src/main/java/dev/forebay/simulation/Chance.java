package dev.forebay.simulation;

import java.util.SplittableRandom;

/** Chance that hangs on a seed and a name only, not on the order of what happened before. */
final class Chance {

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private Chance() {}

  /** A generator for one subject under a seed. */
  static SplittableRandom of(long seed, long subject) {
    return new SplittableRandom(mix(seed * GOLDEN_GAMMA + mix(subject)));
  }

  /** 64 bits of a text: FNV-1a, then mixed. */
  static long hash(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return mix(hash);
  }

  /** The finalizer of SplittableRandom (Stafford's variant 13 of MurmurHash3's). */
  static long mix(long value) {
    long z = (value ^ (value >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
