package dev.forebay.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;

/** The data of one tensor, in single precision. */
public final class TensorData {

  private TensorData() {}

  /**
   * Reads a tensor whole.
   *
   * @param tensor of the file, in F32, F16, BF16, Q8_0 or Q4_0, of less than 2 GiB
   */
  public static float[] read(GgufFile file, GgufTensor tensor) throws IOException {
    TensorType type = tensor.type();
    float[] x = new float[Math.toIntExact(tensor.elements())];
    ByteBuffer data =
        ByteBuffer.allocate(Math.toIntExact(tensor.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    try (FileChannel in = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      while (data.hasRemaining()) {
        if (in.read(data, tensor.offset() + data.position()) < 0) {
          throw new GgufException(file.path() + ": was cut while it was read");
        }
      }
    }
    data.flip();
    if (type.isFloat()) {
      Blocks.read(type, data, x, x.length);
    } else if (type == TensorType.Q8_0 || type == TensorType.Q4_0) {
      for (int i = 0; i < x.length; i += Blocks.ELEMENTS) {
        Blocks.dequantize(type, data, x, i);
      }
    } else {
      throw new IllegalArgumentException(type + " (expected: F32, F16, BF16, Q8_0 or Q4_0)");
    }
    return x;
  }
}
