package dev.forebay.spi;

/**
 * What an answer used, in tokens, all at least 0.
 *
 * @param promptTokens of the prompt, cached ones included
 * @param cachedTokens of the prompt that the upstream had in its prefix cache
 * @param completionTokens of the answer, reasoning included
 * @param reasoningTokens of the answer that were reasoning
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens, int reasoningTokens) {

  /** Nothing used, or nothing known. */
  public static final Usage NONE = new Usage(0, 0, 0, 0);

  /** Prompt and completion together. */
  public int totalTokens() {
    return promptTokens + completionTokens;
  }
}
