package dev.forebay.llama;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is needed of a binding to llama.cpp, and no more, so that another can take its place. All
 * calls block, and may come from several threads.
 */
interface Engine {

  /** The prompt that the model's chat template makes of messages. */
  String chat(List<Message> messages);

  /** Length of a text in tokens, without those that begin a prompt. */
  int tokens(String text);

  /** Begins an answer; at most as many at once as there are slots. */
  Generation generate(Task task);

  /** The embedding of a text, of length 1. Needs an engine that was loaded for it. */
  float[] embed(String text);

  /**
   * Gives up all answers and begins no more, for good: those who read them may wait for ever. For
   * the end of the process only.
   */
  default void stop() {}

  /** Waits until nothing of answers that were given up is computed any more. */
  default void settle() {}

  /** A message of a chat: a role and plain text. */
  record Message(String role, String content) {}

  /**
   * What to generate.
   *
   * @param prompt the whole prompt
   * @param maxTokens bound on the answer, at least 1
   * @param reusePrefix whether what the slot has computed may be used
   * @param sampling how tokens are chosen
   */
  record Task(String prompt, int maxTokens, boolean reusePrefix, Sampling sampling) {}

  /**
   * How tokens are chosen. Null: the engine's default.
   *
   * @param stop texts that end the answer, and are not part of it
   * @param grammar what the answer must keep to, in the engine's form
   * @param bias added to the logits of tokens, by their numbers
   */
  record Sampling(
      @Nullable Float temperature,
      @Nullable Float topP,
      @Nullable Float minP,
      @Nullable Integer topK,
      @Nullable Integer seed,
      @Nullable Float frequencyPenalty,
      @Nullable Float presencePenalty,
      List<String> stop,
      @Nullable String grammar,
      Map<Integer, Float> bias) {

    /** Everything at its default. */
    static final Sampling DEFAULT =
        new Sampling(null, null, null, null, null, null, null, List.of(), null, Map.of());
  }

  /** An answer as it comes. Used by one thread. */
  interface Generation {

    /** The next piece of text, for each token one, perhaps empty; null at the end. Waits. */
    @Nullable String next();

    /** Gives the rest up; its slot is free at once. */
    void cancel();
  }
}
