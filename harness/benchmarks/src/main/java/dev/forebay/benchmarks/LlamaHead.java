package dev.forebay.benchmarks;

import dev.forebay.gguf.GgufFile;
import dev.forebay.gguf.GgufTensor;
import dev.forebay.gguf.TensorData;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The last matrix of a model, from the hidden state to the next token. The binding gives no
 * probabilities, but hidden states, scaled to a length of 1; in a model whose last norm has weights
 * of 1, their length was the root of their width.
 */
final class LlamaHead {

  private final int width;
  private final int vocabulary;
  private final float[] weights;

  private LlamaHead(int width, int vocabulary, float[] weights) {
    this.width = width;
    this.vocabulary = vocabulary;
    this.weights = weights;
  }

  static LlamaHead read(Path path) throws IOException {
    GgufFile file = GgufFile.read(path);
    GgufTensor output =
        file.tensors().stream()
            .filter(tensor -> tensor.name().equals("output.weight"))
            .findFirst()
            .orElseThrow();
    int width = (int) output.row();
    return new LlamaHead(width, (int) (output.elements() / width), TensorData.read(file, output));
  }

  /** The logits of the next token. */
  float[] logits(float[] hidden) {
    double length = Math.sqrt(width);
    float[] logits = new float[vocabulary];
    for (int token = 0; token < vocabulary; token++) {
      double sum = 0;
      for (int i = 0; i < width; i++) {
        sum += weights[token * width + i] * hidden[i];
      }
      logits[token] = (float) (sum * length);
    }
    return logits;
  }

  /** KL divergence of q from p, in nats. */
  static double divergence(float[] p, float[] q) {
    double pSum = logSum(p);
    double qSum = logSum(q);
    double divergence = 0;
    for (int i = 0; i < p.length; i++) {
      divergence += Math.exp(p[i] - pSum) * ((p[i] - pSum) - (q[i] - qSum));
    }
    return divergence;
  }

  /** The most likely token. */
  static int top(float[] logits) {
    int best = 0;
    for (int i = 1; i < logits.length; i++) {
      best = logits[i] > logits[best] ? i : best;
    }
    return best;
  }

  private static double logSum(float[] logits) {
    double most = logits[top(logits)];
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - most);
    }
    return most + Math.log(sum);
  }
}
