package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.limiting.Admit;
import dev.forebay.core.limiting.DeadLetters;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.Operation;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.Status;
import dev.forebay.spi.http.HttpRoutes.Listener;
import dev.forebay.spi.http.RouteAnswer;
import dev.forebay.spi.http.RouteRequest;
import dev.forebay.spi.options.NamedPlugin;
import dev.forebay.spi.policy.DeadLetter;
import dev.forebay.spi.policy.DeadLetterStore;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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
  void aTryOfARequestThatItsOwnerKeepsMakesNone() {
    Failure down = Failure.overloaded(502, "refused", "refused");
    World world = new World(1, new Scripted("a", self -> self.fails(down, 0)));
    world.build(p -> p.stage(letters()));
    InferenceRequest made = Fakes.request(world.time, "job", null, CacheMode.DEFAULT);
    Call call = Call.root(world.time);
    call.keep();
    assertTrue(call.child().isKept() && call.apart().child().isKept());
    InferenceRequest job = new InferenceRequest(made.info(), made.body(), call, made.attempt());
    world.clients.add(Client.send(world.gateway(), job, 0));
    world.settle();
    assertEquals(List.of(), kept);
    world.send();
    world.settle();
    assertEquals(1, kept.size());
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
    world.time.runUntil(millis(1_000));
    assertEquals(3, kept.size());
    assertEquals(7, world.counter("dead-letters.lost"));
    pending.forEach(Promise::complete);
    slow = false;
    large(world);
    world.settle();
    assertEquals(4, kept.size(), "there is room again");
    assertEquals(7, world.counter("dead-letters.lost"));
  }

  @Test
  void aStoreThatNeverAnswersLosesLettersAndIsAskedAgain() {
    slow = true;
    Failure down = Failure.overloaded(502, "refused", "refused");
    World world = new World(1, new Scripted("a", self -> self.fails(down, 0)));
    world.build(p -> p.stage(letters()));
    world.send();
    world.send();
    world.time.runUntil(millis(29_999));
    assertEquals(0, world.counter("dead-letters.lost"));
    world.time.runUntil(millis(30_000));
    assertEquals(2, world.counter("dead-letters.lost"));
    String said = String.valueOf(world.gateway().pluginError());
    assertTrue(said.contains("kept no letter within 30 s"), said);
    world.send();
    world.send();
    assertEquals(3, kept.size(), "one at a time while answers are overdue");
    assertEquals(3, world.counter("dead-letters.lost"));
    List.copyOf(pending).forEach(Promise::complete);
    world.send();
    world.send();
    assertEquals(5, kept.size(), "it answers again");
    slow = false;
    pending.forEach(Promise::tryComplete);
    world.settle();
    assertEquals(3, world.counter("dead-letters.lost"));
  }

  @Test
  void anAnswerHasSoManyBytesOfBodiesAtMost() {
    World world = new World(1, new Scripted("a", self -> self.silent()));
    world.build(p -> p.stage(letters()));
    for (int megabytes : List.of(18, 6, 6)) {
      kept.add(letter(megabytes));
    }
    assertEquals(List.of("18", "omitted", "omitted"), bodies(world));
    kept.addLast(kept.getFirst().withoutBody());
    assertEquals(List.of("18", "omitted", "omitted", "none"), bodies(world));
    kept.removeFirst();
    kept.removeLast();
    kept.add(letter(6));
    kept.add(letter(3));
    assertEquals(List.of("6", "6", "omitted", "3"), bodies(world));
  }

  private static DeadLetter letter(int megabytes) {
    return new DeadLetter(
        "l",
        "r",
        0,
        "down",
        502,
        Operation.CHAT,
        "m",
        "t",
        1,
        1,
        Buffer.buffer("x".repeat(megabytes << 20)));
  }

  /** Of each letter the megabytes of its body, or that it was omitted. */
  private static List<String> bodies(World world) {
    Map<String, List<String>> query = Map.of("bodies", List.of("true"));
    RouteRequest asked =
        new RouteRequest(Map.of(), query, HttpHead.NONE, Caller.at(""), Buffer.buffer(), true);
    Future<RouteAnswer> answer =
        world.gateway().routes().all(Listener.ADMINISTRATION).getFirst().handler().handle(asked);
    world.time.run();
    return answer.result().body().toString().lines().map(DeadLettersTest::body).toList();
  }

  private static String body(String line) {
    JsonObject letter = new JsonObject(line);
    String body = letter.getString("body", "");
    boolean omitted = letter.getBoolean("omitted", false);
    return !letter.getBoolean("replayable")
        ? "none"
        : omitted ? "omitted" : String.valueOf(body.length() >> 20);
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
