package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.gateway.Pool;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An endpoint that drains gets no new work, and finishes what it has. */
class DrainTest {

  private final Scripted a = new Scripted("a", self -> self.streams(10, millis(10)));
  private final Scripted b = new Scripted("b", self -> self.streams(10, millis(10)));
  private final World world = new World(9, a, b);

  DrainTest() {
    world.build(p -> {});
  }

  private String state(int index) {
    return world.gateway().pool("default").state().endpoints().get(index).state().toString();
  }

  @Test
  void streamsUnderWayFinishAndNewWorkGoesElsewhere() {
    Client before = world.send();
    world.time.runUntil(millis(25));
    assertEquals(true, world.gateway().drain("default", "a").result());
    assertEquals("draining", state(0));
    for (int i = 0; i < 5; i++) {
      world.send();
    }
    world.settle();
    assertTrue(before.ok(), "its stream was finished");
    assertEquals(1, a.calls.size());
    assertEquals(5, b.calls.size());
  }

  @Test
  void takenBackItServesAgain() {
    world.gateway().drain("default", "a");
    world.send();
    world.gateway().undrain("default", "a");
    assertEquals("up", state(0));
    world.send();
    world.send();
    world.settle();
    assertEquals(1, a.calls.size());
  }

  @Test
  void whereAllDrainThereIsNobodyToAsk() {
    world.gateway().drain("default", "a");
    world.gateway().drain("default", "b");
    assertFalse(world.gateway().ready());
    Client refused = world.send();
    world.settle();
    assertEquals("no_endpoint", refused.reason());
  }

  @Test
  void aChangeOfMembersKeepsItDrainingAndLeavingEndsIt() {
    world.gateway().drain("default", "a");
    List<Pool.Member> both =
        List.of(new Pool.Member(World.plugin(a), 1, 0), new Pool.Member(World.plugin(b), 1, 0));
    world.gateway().members("default", both);
    assertEquals("draining", state(0));
    world.gateway().members("default", both.subList(1, 2));
    world.gateway().members("default", both);
    assertEquals("up", state(0));
  }

  @Test
  void anUnknownOneIsSaidToBe() {
    assertEquals(false, world.gateway().drain("default", "nobody").result());
  }
}
