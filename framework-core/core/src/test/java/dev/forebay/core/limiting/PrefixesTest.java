package dev.forebay.core.limiting;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.forebay.spi.Caller;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import org.junit.jupiter.api.Test;

class PrefixesTest {

  private final Prefixes prefixes = new Prefixes();

  private static RequestInfo prompt(int tokens, long... blocks) {
    Caller caller = new Caller("192.0.2.1", "", "t", "", "");
    return RequestInfo.chat("r", "m", caller, 0).withPrompt(tokens, null, PrefixHashes.of(blocks));
  }

  private static Usage cached(int tokens) {
    return new Usage(1_000, tokens, 10, 0);
  }

  @Test
  void theNextTurnOfASessionIsCachedUpToWhatWasAnswered() {
    RequestInfo next = prompt(4_000, 1, 2, 3, 4);
    assertEquals(0, prefixes.cachedTokens(next), "nobody asked before");

    prefixes.learn(prompt(2_000, 1, 2), cached(0));

    assertEquals(2_000, prefixes.cachedTokens(next));
    assertEquals(0, prefixes.cachedTokens(prompt(4_000, 7, 2, 3, 4)), "another beginning");
    assertEquals(0, prefixes.cachedTokens(prompt(100)), "shorter than a block");
  }

  @Test
  void endpointsThatSayThatNothingWasCachedAreBelieved() {
    for (int turn = 0; turn < 500; turn++) {
      prefixes.learn(prompt(1_000, 1, 2), cached(0));
    }
    assertEquals(0, prefixes.cachedTokens(prompt(1_000, 1, 2)));

    for (int turn = 0; turn < 500; turn++) {
      prefixes.learn(prompt(1_000, 1, 2), cached(500));
    }
    assertEquals(
        500.0, (double) prefixes.cachedTokens(prompt(1_000, 1, 2)), 5.0, "the share that they say");
  }

  @Test
  void blocksThatNobodyAskedForLongAreForgotten() {
    prefixes.learn(prompt(1_000, -1), cached(0));
    for (int block = 0; block < Prefixes.MOST_BLOCKS; block++) {
      prefixes.learn(prompt(1_000, block), cached(0));
    }
    assertEquals(0, prefixes.cachedTokens(prompt(1_000, -1)));
    assertEquals(1_000, prefixes.cachedTokens(prompt(1_000, 0)));
  }
}
