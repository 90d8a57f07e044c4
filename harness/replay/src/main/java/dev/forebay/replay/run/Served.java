package dev.forebay.replay.run;

/**
 * What became of a group of requests: those of one tenant, or of one priority.
 *
 * @param requests how many were offered
 * @param ok how many were answered completely, correctly and in time
 * @param refused how many the gateway refused, for any reason
 * @param overLimit those of them whose caller was over its own limit
 */
public record Served(long requests, long ok, long refused, long overLimit) {

  /** Nobody. */
  static final Served NONE = new Served(0, 0, 0, 0);

  /** The answered share, 0 to 1; 1 without requests. */
  public double share() {
    return requests == 0 ? 1 : (double) ok / requests;
  }

  /** Both together. */
  public Served plus(Served other) {
    return new Served(
        requests + other.requests,
        ok + other.ok,
        refused + other.refused,
        overLimit + other.overLimit);
  }
}
