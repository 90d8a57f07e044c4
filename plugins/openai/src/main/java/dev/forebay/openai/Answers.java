package dev.forebay.openai;

import dev.forebay.spi.Failure;

/** Answers that are refusals in disguise: a status of 200, and then an error. */
final class Answers {

  private static final int MAX_MESSAGE = 200;

  private Answers() {}

  /** Throws what an answer means, where it is an error. */
  static void check(Answer answer) {
    if (answer.error != null) {
      throw Failure.overloaded(502, "upstream_error", "the upstream failed: " + line(answer.error));
    }
    if ("insufficient_system_resource".equals(answer.finishReason)) {
      throw Failure.overloaded(
          503, "insufficient_system_resource", "the upstream ran out of resources");
    }
  }

  private static String line(String message) {
    String first = message.lines().findFirst().orElse("");
    return first.length() > MAX_MESSAGE ? first.substring(0, MAX_MESSAGE) + "…" : first;
  }
}
