package dev.forebay.spi.jobs;

/** What became of a job that was to be created. */
public sealed interface Creation {

  /** It is kept. */
  record Created(Job job) implements Creation {}

  /**
   * The tenant has used the key before, with the same fingerprint.
   *
   * @param job the one that was created then, as it is now
   */
  record Repeated(Job job) implements Creation {}

  /** The tenant has used the key before, with another fingerprint. */
  record KeyReused() implements Creation {}

  /** The store takes no more jobs now. */
  record Full() implements Creation {}
}
