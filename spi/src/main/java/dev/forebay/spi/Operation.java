package dev.forebay.spi;

/** What an inference request asks for. */
public enum Operation {
  /** {@code /v1/chat/completions}. */
  CHAT("/v1/chat/completions"),
  /** {@code /v1/completions}. */
  COMPLETION("/v1/completions"),
  /** {@code /v1/embeddings}. */
  EMBEDDING("/v1/embeddings");

  private final String path;

  Operation(String path) {
    this.path = path;
  }

  /** The path of the OpenAI-compatible API. */
  public String path() {
    return path;
  }
}
