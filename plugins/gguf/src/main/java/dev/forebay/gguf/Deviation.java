package dev.forebay.gguf;

/** Sums up how far one vector is from another, in constant memory. */
final class Deviation {

  private final String kind;
  private int tensors;
  private long elements;
  private double squares;
  private double dot;
  private double norm;
  private double otherNorm;

  Deviation(String kind) {
    this.kind = kind;
  }

  void tensor() {
    tensors++;
  }

  void add(float[] x, float[] y, int count) {
    elements += count;
    for (int i = 0; i < count; i++) {
      double difference = (double) x[i] - y[i];
      squares += difference * difference;
      dot += (double) x[i] * y[i];
      norm += (double) x[i] * x[i];
      otherNorm += (double) y[i] * y[i];
    }
  }

  Quantization.Kind summary() {
    double rmse = Math.sqrt(squares / Math.max(1, elements));
    double lengths = Math.sqrt(norm) * Math.sqrt(otherNorm);
    return new Quantization.Kind(
        kind, tensors, elements, rmse, lengths == 0 ? (norm == otherNorm ? 1 : 0) : dot / lengths);
  }
}
