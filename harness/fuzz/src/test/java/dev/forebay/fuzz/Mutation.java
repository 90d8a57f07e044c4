package dev.forebay.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SplittableRandom;

/** Some changes to inputs: bytes flipped, cut out, doubled, put in, and two inputs spliced. */
final class Mutation {

  private static final int MAX_CHANGES = 8;
  private static final int MAX_BYTES = 16 << 10;
  private static final List<String> WORDS =
      List.of(
          "\r",
          "\n",
          "\r\n",
          "data:",
          "event: error",
          ": ",
          "[DONE]",
          "{",
          "}",
          "[",
          "]",
          "\"",
          "\\u0000",
          "\\ud800",
          "1e999999999",
          "-0",
          "null",
          "\"model\":\"m\"",
          "\"messages\":[]",
          "&a ",
          "*a",
          "!!int ",
          "${SECRET}",
          "${",
          "- ",
          "key: ",
          "? ",
          "|99\n",
          "\t",
          "\0",
          "\uFEFF",
          "é");

  private final SplittableRandom random;

  Mutation(long seed) {
    random = new SplittableRandom(seed);
  }

  byte[] of(List<byte[]> corpus) {
    byte[] input = pick(corpus).clone();
    int changes = 1 + random.nextInt(MAX_CHANGES);
    for (int i = 0; i < changes; i++) {
      input = change(input, corpus);
    }
    return input;
  }

  private byte[] change(byte[] input, List<byte[]> corpus) {
    int at = random.nextInt(input.length + 1);
    int to = Math.min(input.length, at + random.nextInt(32));
    return switch (random.nextInt(6)) {
      case 0 -> flipped(input, at);
      case 1 -> joined(input, at, new byte[0], to);
      case 2 -> joined(input, at, slice(input, at, to), at);
      case 3 -> joined(input, at, word(), at);
      case 4 -> joined(input, at, new byte[] {(byte) random.nextInt(256)}, at);
      default -> {
        byte[] other = pick(corpus);
        int from = random.nextInt(other.length + 1);
        yield joined(input, at, slice(other, from, other.length), input.length);
      }
    };
  }

  private byte[] word() {
    return WORDS.get(random.nextInt(WORDS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] pick(List<byte[]> corpus) {
    return corpus.get(random.nextInt(corpus.size()));
  }

  private byte[] flipped(byte[] input, int at) {
    if (at < input.length) {
      input[at] ^= (byte) (1 << random.nextInt(8));
    }
    return input;
  }

  private static byte[] slice(byte[] input, int from, int to) {
    return java.util.Arrays.copyOfRange(input, from, to);
  }

  private static byte[] joined(byte[] input, int at, byte[] middle, int rest) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(input, 0, at);
    out.writeBytes(middle);
    out.write(input, rest, input.length - rest);
    return out.size() > MAX_BYTES ? slice(out.toByteArray(), 0, MAX_BYTES) : out.toByteArray();
  }
}
