package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.balancing.BalancingService;
import dev.forebay.spi.Failure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One mechanism leads from a priority group to the next: health, load, retries and drains. */
class PriorityGroupsTest {

  private final Failure overloaded = Failure.overloaded(503, "overloaded", "");

  private final World world = new World(9);

  private static Scripted busy(String id) {
    return new Scripted(id, self -> self.streams(10, millis(10)));
  }

  private static BalancingService.Options options(int spillOver) {
    return new BalancingService.Options(
        0.25, Duration.ofMinutes(2), Duration.ZERO, 0.1, spillOver, 1);
  }

  private static int calls(Scripted backend) {
    return backend.calls.size();
  }

  @Test
  void whatIsBeyondTheSpillOverOfAGroupGoesToTheNext() {
    Scripted remote = busy("remote");
    Scripted local = busy("local");
    world.build(
        p ->
            p.balancing(options(4))
                .backend(World.plugin(remote), 1, 0)
                .backend(World.plugin(local), 1, 1));
    for (int i = 0; i < 6; i++) {
      world.send();
    }
    assertEquals(List.of(4, 2), List.of(calls(remote), calls(local)));
    world.time.run();
    world.send();
    world.settle();
    assertEquals(5, calls(remote), "it has room again");
  }

  @Test
  void aHeavierMemberMakesMoreRoom() {
    Scripted remote = busy("remote");
    Scripted local = busy("local");
    world.build(
        p ->
            p.balancing(options(2))
                .backend(World.plugin(remote), 3, 0)
                .backend(World.plugin(local), 1, 1));
    for (int i = 0; i < 7; i++) {
      world.send();
    }
    world.settle();
    assertEquals(List.of(6, 1), List.of(calls(remote), calls(local)));
  }

  @Test
  void whereEveryGroupIsFullTheFirstServes() {
    Scripted remote = busy("remote");
    Scripted local = busy("local");
    world.build(
        p ->
            p.balancing(options(1))
                .backend(World.plugin(remote), 1, 0)
                .backend(World.plugin(local), 1, 1));
    for (int i = 0; i < 4; i++) {
      world.send();
    }
    world.settle();
    assertEquals(List.of(3, 1), List.of(calls(remote), calls(local)));
  }

  @Test
  void aBackupServesNothingWhileAnotherCan() {
    Scripted first = busy("first");
    Scripted backup = busy("backup");
    world.build(p -> p.backups(World.plugin(backup)).backends(World.plugin(first)));
    for (int i = 0; i < 20; i++) {
      world.send();
    }
    world.settle();
    assertEquals(List.of(20, 0), List.of(calls(first), calls(backup)));
  }

  @Test
  void aRetryGoesToTheNextGroupWhereItsOwnHasNobodyLeft() {
    Scripted one = new Scripted("one", self -> self.fails(overloaded, 0));
    Scripted two = new Scripted("two", self -> self.fails(overloaded, 0));
    Scripted backup = busy("backup");
    world.build(
        p ->
            p.retry(3)
                .backends(World.plugin(one), World.plugin(two))
                .backups(World.plugin(backup)));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok());
    assertEquals(List.of(1, 1, 1), List.of(calls(one), calls(two), calls(backup)));
  }

  @Test
  void aRetryUsesAnEndpointAgainWhereNoGroupHasAnother() {
    Scripted one = new Scripted("one", self -> self.fails(overloaded, 0));
    world.build(p -> p.retry(3).backends(World.plugin(one)));
    Client client = world.send();
    world.settle();
    assertFalse(client.ok());
    assertEquals(3, calls(one));
  }

  @Test
  void aDrainedGroupGivesWayToTheNext() {
    Scripted remote = busy("remote");
    Scripted local = busy("local");
    world.build(p -> p.backend(World.plugin(remote), 1, 0).backend(World.plugin(local), 1, 1));
    world.gateway().drain("default", "remote");
    world.send();
    world.gateway().undrain("default", "remote");
    world.send();
    world.settle();
    assertEquals(List.of(1, 1), List.of(calls(remote), calls(local)));
  }
}
