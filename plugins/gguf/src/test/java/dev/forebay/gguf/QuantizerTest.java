package dev.forebay.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuantizerTest {

  @TempDir Path folder = Path.of("");
  private Path model = Path.of("");

  @BeforeEach
  void model() throws IOException {
    model = folder.resolve("tiny.gguf");
    RandomLlama.tiny().write(model, 1);
  }

  @Test
  void q8TakesLittleMoreThanAQuarterAndQ4AnEighth() throws IOException {
    Quantization q8 = quantize(TensorType.Q8_0);
    assertTrue(q8.ratio() < 0.285, () -> "ratio " + q8.ratio());
    Quantization q4 = quantize(TensorType.Q4_0);
    assertTrue(q4.ratio() < 0.165, () -> "ratio " + q4.ratio());
    assertTrue(q8.kinds().stream().allMatch(kind -> kind.cosine() > 0.9999), q8::toString);
    assertTrue(q4.kinds().stream().allMatch(kind -> kind.cosine() > 0.99), q4::toString);
    assertTrue(
        q4.kinds().getFirst().rmse() > 8 * q8.kinds().getFirst().rmse(),
        "4 bits are 16 times as coarse");
  }

  @Test
  void vectorsAndMetadataAreKept() throws IOException {
    quantize(TensorType.Q8_0);
    GgufFile before = GgufFile.read(model);
    GgufFile after = GgufFile.read(out());
    assertEquals(before.parameters(), after.parameters());
    for (GgufValue value : before.metadata()) {
      if (!value.key().equals("general.file_type")) {
        GgufValue copy = after.value(value.key()).orElseThrow();
        assertArrayEquals(bytes(before, value), bytes(after, copy), value.key());
      }
    }
    assertEquals(7, after.number("general.file_type").orElseThrow());
    for (int i = 0; i < before.tensors().size(); i++) {
      GgufTensor tensor = after.tensors().get(i);
      boolean vector = tensor.shape().size() == 1;
      assertEquals(before.tensors().get(i).name(), tensor.name());
      assertEquals(vector ? TensorType.F32 : TensorType.Q8_0, tensor.type());
    }
  }

  @Test
  void halfPrecisionIsASourceToo() throws IOException {
    for (TensorType source : List.of(TensorType.F16, TensorType.BF16)) {
      RandomLlama.tiny().write(model, 1, source);
      assertTrue(
          quantize(TensorType.Q8_0).kinds().stream().allMatch(kind -> kind.cosine() > 0.9999));
    }
  }

  @Test
  void whatIsQuantizedAlreadyIsCopied() throws IOException {
    quantize(TensorType.Q8_0);
    GgufException nothing =
        assertThrows(
            GgufException.class,
            () ->
                Quantizer.quantize(
                    out(), folder.resolve("again"), TensorType.Q4_0, (a, b, c) -> {}));
    assertTrue(
        String.valueOf(nothing.getMessage()).endsWith("matrices in F32, F16 or BF16)"),
        nothing::getMessage);
    assertFalse(Files.exists(folder.resolve("again")));
  }

  @Test
  void aValueThatIsNotFiniteIsNamedAndLeavesNoFile() throws IOException {
    GgufTensor last = GgufFile.read(model).tensors().getLast();
    byte[] bytes = Files.readAllBytes(model);
    bytes[(int) last.offset() + 3] = (byte) 0x7F;
    bytes[(int) last.offset() + 2] = (byte) 0x80;
    Files.write(model, bytes);
    GgufException thrown = assertThrows(GgufException.class, () -> quantize(TensorType.Q8_0));
    assertTrue(String.valueOf(thrown.getMessage()).contains("output.weight"), thrown::getMessage);
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(model), files.toList());
    }
  }

  @Test
  void theSourceIsNotOverwritten() {
    assertThrows(
        GgufException.class,
        () -> Quantizer.quantize(model, model, TensorType.Q8_0, (a, b, c) -> {}));
  }

  @Test
  void progressGrowsToTheEnd() throws IOException {
    List<Long> seen = new ArrayList<>();
    Quantizer.quantize(
        model,
        out(),
        TensorType.Q8_0,
        (done, of, tensor) -> {
          seen.add(done);
          assertTrue(done <= of);
        });
    assertEquals(GgufFile.read(model).tensorBytes(), seen.getLast());
  }

  @Test
  void theSameSeedGivesTheSameModel() throws IOException {
    Path other = folder.resolve("other.gguf");
    RandomLlama.tiny().write(other, 1);
    assertEquals(-1, Files.mismatch(model, other));
    assertTrue(Files.size(model) < 2 << 20);
    assertEquals(RandomLlama.tiny().parameters(), GgufFile.read(model).parameters());
    RandomLlama.tiny().write(other, 2);
    assertTrue(Files.mismatch(model, other) >= 0);
  }

  private Quantization quantize(TensorType type) throws IOException {
    return Quantizer.quantize(model, out(), type, (done, of, tensor) -> {});
  }

  private Path out() {
    return folder.resolve("out.gguf");
  }

  private static byte[] bytes(GgufFile file, GgufValue value) throws IOException {
    try (SeekableByteChannel channel = Files.newByteChannel(file.path())) {
      byte[] bytes = new byte[(int) value.bytes()];
      ByteBuffer buffer = ByteBuffer.wrap(bytes);
      channel.position(value.offset());
      while (buffer.hasRemaining()) {
        assertTrue(channel.read(buffer) > 0);
      }
      return bytes;
    }
  }
}
