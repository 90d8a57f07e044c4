package dev.forebay.gguf;

import java.util.List;
import java.util.Map;

/**
 * What a quantization did.
 *
 * @param bytesIn size of the file that was read
 * @param bytesOut size of the file that was written
 * @param kinds what was quantized, by what tensors are for: {@code attn_q}, {@code ffn_up} and so
 *     on
 * @param kept tensors that were copied as they are, by the reason
 */
public record Quantization(
    long bytesIn, long bytesOut, List<Kind> kinds, Map<String, List<String>> kept) {

  /** Size of the result, as a share of the original. */
  public double ratio() {
    return (double) bytesOut / bytesIn;
  }

  /**
   * Tensors of one kind, and how far what was written is from what was read.
   *
   * @param name what they are for
   * @param tensors how many there are
   * @param elements of all of them
   * @param rmse root of the mean of squared differences
   * @param cosine of the angle between both; 1 where all elements are 0
   */
  public record Kind(String name, int tensors, long elements, double rmse, double cosine) {}
}
