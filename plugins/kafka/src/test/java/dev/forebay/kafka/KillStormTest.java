package dev.forebay.kafka;

import org.junit.jupiter.api.Test;

/**
 * The storm in short. The long one: {@code -Dforebay.storm.jobs=2000 -Dforebay.storm.seed=7}; the
 * seed is in the name of what it prints.
 */
class KillStormTest {

  private static final long SEED = Long.getLong("forebay.storm.seed", 1);
  private static final int JOBS = Integer.getInteger("forebay.storm.jobs", 60);

  @Test
  void everyJobEndsOnceWhateverIsKilled() throws Exception {
    try (KillStorm storm = new KillStorm(SEED, JOBS)) {
      System.out.println("storm, seed " + SEED + ": " + storm.run());
    }
  }
}
