package dev.forebay.replay.trace;

import java.util.Locale;

/** A property of requests that not every trace has. */
public enum Carries {
  /** Numbers of prompt and output tokens. */
  LENGTHS,
  /** Whose request it is, for quotas and fairness. */
  TENANT,
  /** Hashes of the leading blocks of the prompt. */
  PREFIX,
  /** Which requests are turns of one conversation. */
  SESSION,
  /** Which requests have exactly the same prompt. */
  PROMPT_IDENTITY,
  /** The model asked for. */
  MODEL,
  /** How urgent the request is. */
  PRIORITY;

  /** The name as people write it, such as {@code prompt identity}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
