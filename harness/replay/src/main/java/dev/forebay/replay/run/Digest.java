package dev.forebay.replay.run;

import java.util.HexFormat;

/**
 * A fingerprint of a run: covers every event in order, so that two runs with one fingerprint are
 * the same run. 64 bits, mixed as in MurmurHash3's finaliser; not cryptographic.
 */
final class Digest {

  private long hash = 0x9e3779b97f4a7c15L;

  void add(long value) {
    long mixed = (hash ^ value) * 0xff51afd7ed558ccdL;
    hash = Long.rotateLeft(mixed, 31) * 0xc4ceb9fe1a85ec53L;
  }

  void add(String text) {
    for (int i = 0; i < text.length(); i++) {
      add(text.charAt(i));
    }
    add(-1);
  }

  /** 16 hexadecimal digits. */
  String text() {
    long last = hash ^ (hash >>> 33);
    return HexFormat.of().toHexDigits(last);
  }
}
