package dev.forebay.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Vectors that were computed by hand from the definition of the blocks in ggml. */
class BlocksTest {

  @Test
  void theGreatestMagnitudeOfQ8IsAHundredTwentySeven() {
    // greatest 127: scale 1 = 0x3C00 in half precision, so elements are their own bytes
    float[] x = new float[32];
    x[0] = 127;
    x[1] = -127;
    x[2] = 1;
    x[31] = -1;
    assertEquals("003c" + "7f8101" + "00".repeat(28) + "ff", hex(TensorType.Q8_0, x));
  }

  @Test
  void q8RoundsHalvesAwayFromZero() {
    // 0.5 would become 0 and 2.5 would become 2 with rounding to even
    float[] x = new float[32];
    x[0] = 127;
    x[1] = 0.5f;
    x[2] = -0.5f;
    x[3] = 2.5f;
    x[4] = -2.5f;
    x[5] = 0.49999997f;
    assertEquals("003c" + "7f01ff03fd00" + "00".repeat(26), hex(TensorType.Q8_0, x));
  }

  @Test
  void q8DividesByTheScaleBeforeItIsRoundedToHalfPrecision() {
    // greatest 1: scale 1/127 = 0x3C010204 in single precision, 0x2008 in half; 0.5 * 127 = 63.5
    // becomes 64. With the rounded scale, 1 / 0x2008 = 127.007… would still give 127, but 0.5 / it
    // gives 63.5038: the same here; 0.4999 tells them apart: 63.487 is 63 by the exact scale
    float[] x = new float[32];
    x[0] = 1;
    x[1] = 0.5f;
    x[2] = 0.4999f;
    assertEquals("0820" + "7f403f" + "00".repeat(29), hex(TensorType.Q8_0, x));
  }

  @Test
  void theGreatestMagnitudeOfQ4IsMinusEight() {
    // signed greatest -8: scale 1; nibbles are value + 8, clamped to 15: -8→0, 0→8, 7→15, 7.9→15
    float[] x = new float[32];
    x[0] = -8;
    x[1] = 7;
    x[16] = 7.9f;
    x[17] = 1;
    assertEquals("003c" + "f0" + "9f" + "88".repeat(14), hex(TensorType.Q4_0, x));
  }

  @Test
  void aPositiveGreatestGivesQ4ANegativeScale() {
    // signed greatest 8: scale 8 / -8 = -1 = 0xBC00; 8 → -8 + 8.5 → 0; -8 → 16.5 → clamped to 15
    float[] x = new float[32];
    x[0] = 8;
    x[1] = -8;
    x[16] = 0.5f; // -0.5 + 8.5 = 8
    x[17] = -0.5f; // 0.5 + 8.5 = 9
    assertEquals("00bc" + "80" + "9f" + "88".repeat(14), hex(TensorType.Q4_0, x));
  }

  @Test
  void theFirstOfEqualMagnitudesDecidesTheSignOfQ4() {
    float[] x = new float[32];
    x[3] = -4;
    x[4] = 4;
    // scale 0.5 = 0x3800; -4 → 0; 4 → 8 + 8.5 = 16 → 15
    assertEquals("0038" + "888888" + "80" + "8f" + "88".repeat(11), hex(TensorType.Q4_0, x));
  }

  @Test
  void zerosHaveAScaleOfZero() {
    assertEquals("0000" + "00".repeat(32), hex(TensorType.Q8_0, new float[32]));
    assertEquals("0080" + "88".repeat(16), hex(TensorType.Q4_0, new float[32])); // 0 / -8 is -0
  }

  @Test
  void whatIsWrittenIsReadBack() {
    float[] x = new float[32];
    for (int i = 0; i < 32; i++) {
      x[i] = (i - 16) * 7.9375f; // multiples of the scale 127 / 127
    }
    x[0] = -127;
    float[] back = new float[32];
    for (TensorType type : new TensorType[] {TensorType.Q8_0, TensorType.Q4_0}) {
      ByteBuffer block = buffer(type);
      Blocks.quantize(type, x, 0, block);
      Blocks.dequantize(type, block.flip(), back, 0);
      float most = type == TensorType.Q8_0 ? 0.5f : 127 / 8f;
      for (int i = 0; i < 32; i++) {
        assertEquals(x[i], back[i], most);
      }
    }
  }

  @Test
  void halvesAreRead() {
    ByteBuffer in = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    in.putShort((short) 0x3C00).putShort((short) 0xC000).flip();
    float[] out = new float[2];
    Blocks.read(TensorType.F16, in, out, 2);
    assertArrayEquals(new float[] {1, -2}, out);
    in.clear().putShort((short) 0x3F80).putShort((short) 0xC000).flip();
    Blocks.read(TensorType.BF16, in, out, 2);
    assertArrayEquals(new float[] {1, -2}, out);
  }

  private static String hex(TensorType type, float[] x) {
    byte[] block = new byte[type.blockBytes()];
    Blocks.quantize(type, x, 0, ByteBuffer.wrap(block).order(ByteOrder.LITTLE_ENDIAN));
    return HexFormat.of().formatHex(block);
  }

  private static ByteBuffer buffer(TensorType type) {
    return ByteBuffer.allocate(type.blockBytes()).order(ByteOrder.LITTLE_ENDIAN);
  }
}
