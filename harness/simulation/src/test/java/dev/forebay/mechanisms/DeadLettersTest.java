package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.limiting.Admit;
import dev.forebay.core.limiting.DeadLetters;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Status;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeadLettersTest {

  private final List<DeadLetter> kept = new ArrayList<>();
  private boolean broken;
  private boolean slow;
  private final List<Promise<Void>> pending = new ArrayList<>();

  private final DeadLetterStore store =
      new DeadLetterStore() {
        @Override
        public Future<Void> keep(DeadLetter letter) {
          kept.add(letter);
          if (slow) {
            pending.add(Promise.promise());
            return pending.getLast().future();
          }
          return broken ? Future.failedFuture("gone") : Future.succeededFuture();
        }

        @Override
        public Future<List<DeadLetter>> newest(int most) {
          return Future.succeededFuture(kept);
        }

        @Override
        public Future<Boolean> drop(String id) {
          return Future.succeededFuture(kept.removeIf(each -> each.id().equals(id)));
        }
      };

  private DeadLetters letters() {
    return DeadLetters.in(NamedPlugin.of(DeadLetterStore.class, "kept", context -> store));
  }

  @Test
  void whatIsShedOrExpiresMakesALetterAndAnAnswerDoesNot() {
    World world = new World(1, new Scripted("a", self -> self.streams(2, millis(1_000))));
    world.build(
        p ->
            p.stage(letters())
                .stage(
                    Admit.by(world.capacity(), world.queue()).withMaxWait(Duration.ofMillis(300))));
    world.send();
    world.send();
    Client leaves = world.send();
    world.time.after(millis(100), leaves::leave);
    world.settle();
    assertEquals(1, kept.size(), "not the one that was answered, not the one that left");
    DeadLetter letter = kept.get(0);
    assertEquals("queue_timeout", letter.reason());
    assertEquals("r1", letter.requestId());
    assertEquals(503, letter.status());
    assertNull(letter.body());
    assertEquals(1, world.counter("dead-letters.letters{reason=queue_timeout}"));
  }

  @Test
  void aFaultOfTheCallerMakesNoneAndAFailureAfterAllTriesMakesOne() {
    Failure wrong = Failure.of(Status.CALLER_FAULT, 400, "bad", "bad");
    Failure down = Failure.overloaded(502, "refused", "refused");
    int[] calls = {0};
    World world =
        new World(
            1,
            new Scripted(
                "a",
                self -> request -> self.fails(calls[0]++ == 0 ? wrong : down, 0).apply(request)));
    world.build(p -> p.stage(letters().withBodies(true)).retry(2));
    world.send();
    world.time.run();
    world.send();
    world.settle();
    assertTrue(calls[0] > 2, "a second try was made");
    assertEquals(1, kept.size());
    assertEquals("refused", kept.get(0).reason());
    assertEquals(0, kept.get(0).body() == null ? -1 : kept.get(0).body().length());
  }

  /** Bodies of 4 MiB, and room for 16 MiB with all that belongs to them. */
  @Test
  void whatASlowStoreHasNotKeptYetIsBounded() {
    slow = true;
    Failure down = Failure.overloaded(502, "refused", "refused");
    World world = new World(1, new Scripted("a", self -> self.fails(down, 0)));
    world.build(p -> p.stage(letters().withBodies(true).withMaxBody(8L << 20)));
    for (int i = 0; i < 10; i++) {
      large(world);
    }
    world.time.run();
    assertEquals(3, kept.size());
    assertEquals(7, world.counter("dead-letters.lost"));
    pending.forEach(Promise::complete);
    large(world);
    world.settle();
    assertEquals(4, kept.size(), "there is room again");
    assertEquals(7, world.counter("dead-letters.lost"));
  }

  private static void large(World world) {
    InferenceRequest plain = Fakes.request(world.time, "r" + world.clients.size());
    Buffer body = Buffer.buffer(new byte[4 << 20]);
    world.clients.add(Client.send(world.gateway(), plain.with(plain.info(), body)));
  }

  @Test
  void aStoreThatFailsLosesTheLetterAndNotTheAnswer() {
    broken = true;
    Failure down = Failure.overloaded(502, "refused", "refused");
    World world = new World(1, new Scripted("a", self -> self.fails(down, 0)));
    world.build(p -> p.stage(letters()));
    Client client = world.send();
    world.settle();
    assertEquals("refused", client.reason());
    assertEquals(1, world.counter("dead-letters.lost"));
  }
}
