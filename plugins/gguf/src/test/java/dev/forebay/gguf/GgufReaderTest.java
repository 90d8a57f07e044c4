package dev.forebay.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are cut, wrong or hostile give one clear line. */
class GgufReaderTest {

  @TempDir Path folder = Path.of("");

  @Test
  void aGoodFileIsReadWhole() throws IOException {
    GgufFile file = GgufFile.read(tiny());
    assertEquals("llama", file.architecture());
    assertEquals(8192, file.number("llama.context_length").orElseThrow());
    assertEquals(512, file.value("tokenizer.ggml.tokens").orElseThrow().count());
    assertTrue(file.flag("tokenizer.ggml.add_bos_token", false));
    assertFalse(file.flag("absent", false));
    assertEquals("attn_q", file.tensors().get(2).kind());
  }

  @Test
  void everyCutIsNoticed() throws IOException {
    byte[] whole = Files.readAllBytes(tiny());
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 300; i++) {
      int length = i < 100 ? i : random.nextInt(whole.length);
      refused(Arrays.copyOf(whole, length));
    }
    refused(Arrays.copyOf(whole, whole.length - 1));
  }

  @Test
  void anyFlippedByteIsReadOrRefusedButNeverCrashes() throws IOException {
    byte[] whole = Files.readAllBytes(tiny());
    int head = (int) GgufFile.read(tiny()).tensors().getFirst().offset();
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 500; i++) {
      byte[] bytes = whole.clone();
      for (int j = 0; j <= i % 3; j++) {
        bytes[random.nextInt(head)] = (byte) random.nextInt(256);
      }
      Path path = folder.resolve("flipped.gguf");
      Files.write(path, bytes);
      try {
        GgufFile.read(path);
      } catch (GgufException e) {
        assertOneLine(e);
      }
    }
  }

  @Test
  void hostileHeadsAreRefused() throws IOException {
    says("no GGUF file", "GGML".getBytes(StandardCharsets.UTF_8));
    says("no GGUF file", new byte[0]);
    says("version: 1", head(1, 0, 0));
    says("byte order: big endian", head(Integer.reverseBytes(3), 0, 0));
    says("number of tensors: 18446744073709551615", head(3, -1, 0));
    says("number of tensors: 9223372036854775807", head(3, Long.MAX_VALUE, 0));
    says("number of metadata entries: 4294967296", head(3, 0, 1L << 32));
    says("length of a key: 9223372036854775807", entry(Long.MAX_VALUE, "", 0));
    says("type of k: 13", entry(1, "k", 13));
    says("elements of k: arrays", array("k", 9, 1));
    says("length of k: 9223372036854775807", array("k", 0, Long.MAX_VALUE));
    says("length of k: 18446744073709551615", array("k", 8, -1));
    says("dimensions of t: 5", tensor("t", 5, 32, 0, 0));
    says("dimensions of t: 0", tensor("t", 0, 32, 0, 0));
    says("shape of t: 0", tensor("t", 2, 0, 0, 0));
    says("shape of t: 4611686018427387904", tensor("t", 2, 1L << 62, 0, 0));
    says("shape of t: 2147483648", tensor("t", 2, 1L << 31, 0, 0));
    says("type of tensor t: 4", tensor("t", 1, 32, 4, 0));
    says("row of t: 33", tensor("t", 1, 33, 8, 0));
    says("offset of t: 1 ", tensor("t", 1, 32, 0, 1));
    says("offset of t: 18446744073709551584", tensor("t", 1, 32, 0, -32));
    says("the data of t end after the file", tensor("t", 1, 32, 0, 1L << 40));
    says("length of the name of a tensor: 64", tensor("t".repeat(64), 1, 32, 0, 0));
  }

  @Test
  void aFolderAndNothingAreRefused() {
    assertThrows(GgufException.class, () -> GgufFile.read(folder));
    assertThrows(GgufException.class, () -> GgufFile.read(folder.resolve("absent.gguf")));
  }

  private Path tiny() throws IOException {
    Path path = folder.resolve("tiny.gguf");
    if (!Files.exists(path)) {
      RandomLlama.tiny().write(path, 1);
    }
    return path;
  }

  /** A head that is 512 bytes long, whatever was put there. */
  private void says(String what, ByteBuffer head) throws IOException {
    byte[] bytes = new byte[head.capacity()];
    head.rewind().get(bytes);
    says(what, bytes);
  }

  private void says(String what, byte[] bytes) throws IOException {
    String message = refused(bytes);
    assertTrue(message.contains(what), () -> message + " (expected: " + what + ")");
  }

  private String refused(byte[] bytes) throws IOException {
    Path path = folder.resolve("bad.gguf");
    Files.write(path, bytes);
    return assertOneLine(assertThrows(GgufException.class, () -> GgufFile.read(path)));
  }

  private static String assertOneLine(GgufException e) {
    String message = String.valueOf(e.getMessage());
    assertEquals(1, message.lines().count(), message);
    assertTrue(message.contains("expected") || message.contains("inside another"), message);
    return message;
  }

  private static ByteBuffer head(int version, long tensors, long entries) {
    return buffer().putInt(0x46554747).putInt(version).putLong(tensors).putLong(entries);
  }

  private static ByteBuffer entry(long length, String key, int type) {
    ByteBuffer buffer = start(0, 1);
    return buffer.putLong(length).put(key.getBytes(StandardCharsets.UTF_8)).putInt(type);
  }

  private static ByteBuffer array(String key, int element, long count) {
    ByteBuffer buffer = start(0, 1);
    buffer.putLong(key.length()).put(key.getBytes(StandardCharsets.UTF_8));
    return buffer.putInt(9).putInt(element).putLong(count);
  }

  private static ByteBuffer tensor(
      String name, int dimensions, long length, int type, long offset) {
    ByteBuffer buffer = start(1, 0);
    buffer.putLong(name.length()).put(name.getBytes(StandardCharsets.UTF_8)).putInt(dimensions);
    for (int i = 0; i < dimensions; i++) {
      buffer.putLong(length);
    }
    return buffer.putInt(type).putLong(offset);
  }

  private static ByteBuffer start(long tensors, long entries) {
    return buffer().putInt(0x46554747).putInt(3).putLong(tensors).putLong(entries);
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.wrap(new byte[512]).order(ByteOrder.LITTLE_ENDIAN);
  }
}
