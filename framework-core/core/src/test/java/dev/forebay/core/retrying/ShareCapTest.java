package dev.forebay.core.retrying;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ShareCapTest {

  @Property(tries = 200)
  void whatIsSpentStaysBelowTheShareOfWhatWasSeen(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double share = random.nextDouble();
    ShareCap cap = new ShareCap(share);
    double seen = 0;
    double spent = 0;
    for (int i = 0; i < 5000; i++) {
      double weight = random.nextDouble() * 10;
      seen += weight;
      cap.seen(weight);
      if (random.nextInt(1 + i / 500) == 0 && cap.allows(weight)) {
        cap.spend(weight);
        spent += weight;
      }
      assertTrue(spent <= share * seen + 1e-6, spent + " of " + seen);
    }
  }
}
