package dev.forebay.spi;

/**
 * What an answer used, in tokens, all at least 0.
 *
 * @param promptTokens of the prompt, cached ones included
 * @param cachedTokens of the prompt that the upstream had in its prefix cache
 * @param completionTokens of the answer, reasoning included
 * @param reasoningTokens of the answer that were reasoning
 * @param replayed whether these tokens were used before, for another request: a cache gave the
 *     answer again, or it was shared in flight. Nobody is billed twice for them upstream.
 */
public record Usage(
    int promptTokens,
    int cachedTokens,
    int completionTokens,
    int reasoningTokens,
    boolean replayed) {

  /** Nothing used, or nothing known. */
  public static final Usage NONE = new Usage(0, 0, 0, 0);

  /** What an upstream used for this request. */
  public Usage(int promptTokens, int cachedTokens, int completionTokens, int reasoningTokens) {
    this(promptTokens, cachedTokens, completionTokens, reasoningTokens, false);
  }

  /** The same tokens, used for another request before. */
  public Usage asReplay() {
    return replayed
        ? this
        : new Usage(promptTokens, cachedTokens, completionTokens, reasoningTokens, true);
  }

  /** Prompt and completion together. */
  public int totalTokens() {
    return promptTokens + completionTokens;
  }
}
