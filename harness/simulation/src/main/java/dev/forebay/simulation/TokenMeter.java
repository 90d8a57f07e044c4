package dev.forebay.simulation;

/** Is told of the tokens that a simulated server works on, as it does. */
@FunctionalInterface
public interface TokenMeter {

  /** Counts nothing. */
  TokenMeter NONE = (model, cached, computed, decoded) -> {};

  /**
   * Tokens were worked on.
   *
   * @param model that the request named
   * @param cached prompt tokens that the prefix cache had
   * @param computed prompt tokens that it had not
   * @param decoded tokens of the answer
   */
  void worked(String model, int cached, int computed, int decoded);
}
