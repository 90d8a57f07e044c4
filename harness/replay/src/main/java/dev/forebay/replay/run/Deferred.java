package dev.forebay.replay.run;

/**
 * What became of requests that a gateway made jobs of.
 *
 * @param requests whose callers were given a job instead of an answer or a refusal
 * @param answered those of them whose jobs were answered, rightly
 * @param latency of these, from the arrival of the request to the end of its job
 */
public record Deferred(long requests, long answered, Distribution latency) {

  /** The share of them that was answered, 0 to 1; 0 if there were none. */
  public double answeredShare() {
    return requests == 0 ? 0 : (double) answered / requests;
  }
}
