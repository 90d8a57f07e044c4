package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceRequest;
import dev.forebay.spi.PrefixHashes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The fingerprint of traffic. */
class DigestTest {

  private static final TraceRequest PLAIN = TraceRequest.of(0, 100, 20);

  private static Trace from(String path, TraceRequest... requests) {
    return new Trace("a", path, List.of(requests), Set.of(), Set.of(), 16, List.of(), List.of());
  }

  private static String of(TraceRequest... requests) {
    return Digest.of(from("x", requests));
  }

  @Test
  void eachThingThatARequestSaysMakesADifference() {
    TraceRequest later = TraceRequest.of(1000, 100, 20);
    List<String> all =
        List.of(
            of(PLAIN),
            of(PLAIN, PLAIN),
            of(PLAIN, later),
            of(TraceRequest.of(0, 101, 20)),
            of(TraceRequest.of(0, 100, 21)),
            of(PLAIN.from("a", null)),
            of(PLAIN.from("", null)),
            of(PLAIN.from(null, "a")),
            of(PLAIN.inSession("a", 0, 0)),
            of(PLAIN.inSession("a", 1, 0)),
            of(PLAIN.inSession("a", 0, 5)),
            of(PLAIN.withPrompt(7, PrefixHashes.NONE, 100, 20)),
            of(PLAIN.withPrompt(7, PrefixHashes.of(1, 2), 100, 20)),
            of(PLAIN.withPrompt(7, PrefixHashes.of(1, 3), 100, 20)),
            of(PLAIN.asking("m", PLAIN.priority(), true)),
            of(PLAIN.asking(null, PLAIN.priority() + 1, true)),
            of(PLAIN.asking(null, PLAIN.priority(), false)),
            of(PLAIN.leavingAfter(9)),
            Digest.of(from("x", PLAIN, later).scaled(2)));
    assertEquals(all.size(), new HashSet<>(all).size(), all::toString);
    assertTrue(all.stream().allMatch(text -> text.matches("[0-9a-f]{16}")), all::toString);
  }

  @Test
  void whereATraceWasReadMakesNoDifference() {
    assertEquals(Digest.of(from("x", PLAIN)), Digest.of(from("y", PLAIN)));
  }
}
