package dev.forebay.livepage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.livepage.Verdict.Level;
import dev.forebay.spi.Status;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What changed between samples. */
class ChangesTest {

  private final Changes changes = new Changes();

  private void see(long at, int up, int down) {
    changes.see(at, States.sample(States.gateway(up, down)));
  }

  private List<String> told() {
    return changes.latest().stream()
        .filter(change -> !change.what().equals("verdict"))
        .map(change -> change.at() + " " + change.what() + ": " + change.to())
        .toList();
  }

  @Test
  void whatIsThereAtTheStartIsNoChange() {
    see(1, 2, 1);
    assertEquals(List.of(), told());
  }

  @Test
  void anEndpointGoesDownLeavesAndJoins() {
    see(1, 3, 0);
    see(2, 2, 1);
    see(3, 2, 1);
    see(4, 2, 0);
    see(5, 3, 0);
    assertEquals(
        List.of(
            "5 endpoint default/e2: joined, up",
            "4 endpoint default/e2: gone",
            "2 endpoint default/e2: down"),
        told());
    assertEquals("refused", changes.latest().getLast().why());
  }

  @Test
  void manyAtOnceAreCounted() {
    see(1, 50, 0);
    see(2, 1, 49);
    assertEquals(List.of("2 49 of kind endpoint: changed"), told());
    assertTrue(
        changes.latest().stream()
            .anyMatch(change -> change.level() == Level.BAD && change.why() != null));
  }

  @Test
  void theyHaveABound() {
    for (int i = 0; i < 1000; i++) {
      see(i, 2 - i % 2, i % 2);
    }
    assertEquals(Changes.MOST, changes.latest().size());
    assertEquals(999, changes.latest().getFirst().at());
  }

  @Test
  void theVerdictIsWorseAtOnceAndBetterAfterTenSamples() {
    see(1, 3, 0);
    see(2, 0, 3);
    assertEquals(Level.BAD, changes.verdict().level());
    for (int i = 3; i < 12; i++) {
      see(i, 3, 0);
      assertEquals(Level.BAD, changes.verdict().level(), i + " s");
    }
    assertEquals(2, changes.verdictSince());
    see(12, 3, 0);
    assertEquals(Level.GOOD, changes.verdict().level());
    assertEquals(12, changes.verdictSince());
  }

  @Test
  void sinceIsWhenItBecameSoBadAlsoIfTheSideChanges() {
    Map<Status, Long> full = Map.of(Status.OK, 1L, Status.SATURATED, 1L);
    see(1, 3, 0);
    changes.see(
        2, States.sample(States.gateway(States.endpoints(3, 0), full, Map.of(), new TreeMap<>())));
    assertEquals(Verdict.Side.GATEWAY, changes.verdict().side());
    changes.see(
        9, States.sample(States.gateway(States.endpoints(2, 1), full, Map.of(), new TreeMap<>())));
    assertEquals(Verdict.Side.UPSTREAM, changes.verdict().side());
    assertEquals(2, changes.verdictSince());
  }
}
