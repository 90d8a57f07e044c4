package dev.forebay.dialect;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.forebay.spi.Usage;
import java.io.IOException;

/**
 * What an answer used, in the spellings that there are: OpenAI's, DeepSeek's, Moonshot's,
 * Anthropic's and those of the Responses API. Each token counts once: cached tokens are part of the
 * prompt, reasoning is part of the completion, whichever way the upstream adds them up.
 */
final class Counts {

  /**
   * The largest count that is believed, ten times the longest context that is offered anywhere. One
   * beyond it is not read: it would take a tenant's limit, and its money for a month, at once. Five
   * of them have a sum that is an int.
   */
  static final int MOST = 100_000_000;

  private int prompt;
  private int input;
  private int cacheRead;
  private int cacheWritten;
  private int cached;
  private int completion;
  private int reasoning;
  private int total;

  /** Reads a member of the object {@code usage}. */
  void member(String name, JsonParser value) throws IOException {
    switch (name) {
      case "prompt_tokens" -> prompt = count(value);
      case "input_tokens" -> input = count(value);
      case "completion_tokens", "output_tokens" -> completion = Math.max(completion, count(value));
      case "cache_read_input_tokens" -> cacheRead = count(value);
      case "cache_creation_input_tokens" -> cacheWritten = count(value);
      case "prompt_cache_hit_tokens", "cached_tokens", "num_cached_tokens" -> cached(value);
      case "reasoning_tokens" -> reasoning = Math.max(reasoning, count(value));
      case "total_tokens" -> total = count(value);
      default -> {}
    }
  }

  /** Reads a member of an object in the object {@code usage}. */
  void detail(String group, String name, JsonParser value) throws IOException {
    switch (group) {
      case "prompt_tokens_details", "input_tokens_details" -> {
        if (name.equals("cached_tokens")) {
          cached(value);
        }
      }
      case "completion_tokens_details", "output_tokens_details" -> {
        if (name.equals("reasoning_tokens")) {
          reasoning = Math.max(reasoning, count(value));
        }
      }
      default -> {}
    }
  }

  private void cached(JsonParser value) throws IOException {
    cached = Math.max(cached, count(value));
  }

  /** The usage, with cached tokens at most those of the prompt, and reasoning of the completion. */
  Usage usage() {
    long in = prompt > 0 ? prompt : input;
    long kept = cached;
    if (prompt == 0 && cached == 0) {
      in += (long) cacheRead + cacheWritten; // Anthropic counts them beside its input
      kept = cacheRead;
    } else {
      kept = Math.max(kept, cacheRead);
    }
    long out = completion;
    if (in == 0 && total > out) {
      in = total - out; // embeddings of some servers have a total only
    } else if (reasoning > 0 && total == in + out + reasoning) {
      out += reasoning; // xAI counts it beside the completion
    } else if (prompt > 0 && cacheRead > 0 && total == in + out + cacheRead + cacheWritten) {
      in += (long) cacheRead + cacheWritten;
    }
    int whole = (int) Math.min(in, MOST);
    int said = (int) Math.min(out, MOST);
    return new Usage(
        whole, (int) Math.min(kept, whole), said, Math.min(reasoning, Math.max(said, 0)));
  }

  /** Two of one answer: what came later counts, but for what it leaves out. */
  static Usage merged(Usage earlier, Usage later) {
    return new Usage(
        Math.max(earlier.promptTokens(), later.promptTokens()),
        Math.max(earlier.cachedTokens(), later.cachedTokens()),
        Math.max(earlier.completionTokens(), later.completionTokens()),
        Math.max(earlier.reasoningTokens(), later.reasoningTokens()));
  }

  /** Those of several choices: their prompt is the same. */
  static Usage added(Usage one, Usage other) {
    Usage both = merged(one, other);
    return new Usage(
        both.promptTokens(),
        both.cachedTokens(),
        Math.min(MOST, one.completionTokens() + other.completionTokens()),
        Math.min(MOST, one.reasoningTokens() + other.reasoningTokens()));
  }

  /** A count: a whole number, also written as {@code 10.0} or as a text; 0 for anything else. */
  private static int count(JsonParser value) throws IOException {
    double number;
    if (value.currentToken() == JsonToken.VALUE_NUMBER_INT
        || value.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
      number = value.getValueAsDouble();
    } else if (value.currentToken() == JsonToken.VALUE_STRING) {
      number = number(value.getText());
    } else {
      return 0;
    }
    return number >= 0 && number <= MOST ? (int) number : 0;
  }

  private static double number(String text) {
    try {
      return text.length() > 32 ? 0 : Double.parseDouble(text.trim());
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
