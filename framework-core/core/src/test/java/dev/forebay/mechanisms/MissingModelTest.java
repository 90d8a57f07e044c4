package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.retrying.Fallback;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Status;
import dev.forebay.spi.state.EndpointFigures;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A backend that does not have a model is left out for that model, and for no other. */
class MissingModelTest {

  private static final long MINUTE = millis(60_000);
  private static final Buffer WORDS = Buffer.buffer("{\"error\":{\"code\":\"model_not_found\"}}");

  private final Failure missing =
      Failure.of(Status.MODEL_MISSING, 404, "model_not_found", "no such model").withBody(WORDS);
  private final Failure overloaded = Failure.overloaded(503, "overloaded", "too much");

  /** One that has some models only, and says so when it is asked for another. */
  private Scripted with(String id, String... models) {
    return new Scripted(
        id,
        self ->
            request ->
                (List.of(models).contains(request.info().model())
                        ? self.streams(1, 0)
                        : self.fails(missing, millis(1)))
                    .apply(request));
  }

  private Scripted overloaded(String id) {
    return new Scripted(id, self -> self.fails(overloaded, millis(1)));
  }

  private static Client send(World world, String model) {
    InferenceRequest plain = Fakes.request(world.time, "r" + world.clients.size());
    Client client = Client.send(world.gateway(), plain.with(plain.info().withModel(model)));
    world.clients.add(client);
    return client;
  }

  private static List<Client> sendAll(World world, String model, int requests) {
    List<Client> all = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      all.add(send(world, model));
    }
    return all;
  }

  private static int askedFor(Scripted backend, String model) {
    return (int) backend.calls.stream().filter(call -> call.info().model().equals(model)).count();
  }

  @Test
  void theOtherAnswersAndTheOneIsAskedOnceAMinute() {
    Scripted a = with("a", "m", "n");
    Scripted b = with("b", "n");
    World world = new World(9, a, b).build(p -> {});
    for (int minute = 0; minute < 3; minute++) {
      for (int i = 0; i < 60; i++) {
        world.time.after(minute * MINUTE + millis(1_000L * i), () -> send(world, "m"));
      }
    }
    world.settle();
    assertTrue(world.clients.stream().allMatch(Client::ok));
    assertEquals(3, askedFor(b, "m"));
    assertEquals(3, world.counter("balance.missing_models"));
    assertEquals(0, world.counter("balance.cooldowns"));
  }

  @Test
  void requestsThatCameTogetherAreAllAnswered() {
    Scripted a = with("a", "m");
    Scripted b = with("b");
    World world = new World(9, a, b).build(p -> {});
    List<Client> all = sendAll(world, "m", 200);
    world.settle();
    assertTrue(all.stream().allMatch(Client::ok));
    assertTrue(askedFor(b, "m") > 0);
    assertEquals(200, askedFor(a, "m"));
  }

  @Test
  void otherModelsOfTheSameBackendAreServed() {
    Scripted a = with("a", "m", "n");
    Scripted b = with("b", "n");
    World world = new World(9, a, b).build(p -> {});
    sendAll(world, "m", 10);
    world.time.runUntil(millis(10));
    sendAll(world, "n", 10);
    world.settle();
    assertTrue(world.clients.stream().allMatch(Client::ok));
    assertTrue(askedFor(b, "n") > 0);
  }

  @Test
  void ifNobodyHasItTheCallerGetsWhatTheLastOneSaid() {
    Scripted a = with("a", "m");
    Scripted b = with("b", "m");
    World world = new World(9, a, b).build(p -> p.retry(3));
    Client first = send(world, "none");
    world.time.runUntil(millis(10));
    Client second = send(world, "none");
    world.settle();
    for (Client client : List.of(first, second)) {
      Failure failure = client.failure;
      assertEquals(Status.MODEL_MISSING, client.status());
      assertEquals(404, failure == null ? 0 : failure.httpStatus());
      assertEquals(WORDS, failure == null ? null : failure.body());
    }
    assertEquals(3, a.calls.size() + b.calls.size(), "both for the first, one for the second");
    assertEquals(0, world.counter("retry.retries"));
    assertTrue(send(world, "m").ok(), "they serve what they have");
  }

  /** What could answer is out for another reason: that is no mistake of the caller. */
  @Test
  void ifTheOneThatMayHaveItIsOverloadedTheCallerIsToldThat() {
    Scripted a = overloaded("a");
    Scripted b = with("b");
    World world = new World(9, a, b).build(p -> p.retry(3));
    List<Client> first = sendAll(world, "m", 4);
    world.time.runUntil(millis(5_000));
    int asked = b.calls.size();
    List<Client> second = sendAll(world, "m", 4);
    world.settle();
    first.forEach(client -> assertEquals("overloaded", client.reason()));
    second.forEach(client -> assertEquals("overloaded", client.reason()));
    assertEquals(asked, b.calls.size(), "left out");
  }

  @Test
  void aMoveIsNoRetryAndDrawsOnNoBudget() {
    Scripted a = with("a", "m");
    Scripted b = with("b");
    World world = new World(9, a, b).build(p -> {});
    Client one = send(world, "m");
    Client two = send(world, "m");
    world.settle();
    assertTrue(one.ok() && two.ok());
    assertEquals(0L, world.counter("extra-work.taken"));
  }

  /** A caller who invents names costs a bounded number of calls and a bounded memory. */
  @Test
  void movesAndTheTableAreBounded() {
    Scripted[] many = new Scripted[20];
    for (int i = 0; i < many.length; i++) {
      many[i] = with("b" + i);
    }
    World world = new World(9, many).build(p -> {});
    for (int i = 0; i < 1_000; i++) {
      send(world, "invented-" + i);
      send(world, "x".repeat(10_000) + i);
    }
    world.settle();
    int calls = world.backends.stream().mapToInt(backend -> backend.calls.size()).sum();
    assertEquals(9 * 1_000 + 1_000, calls, "nine for a short name, one for a long one");
    Set<String> kept = new HashSet<>();
    for (int i = 0; i < many.length; i++) {
      kept.addAll(missing(world, i));
    }
    assertEquals(256, kept.size());
  }

  @Test
  void whichModelsAreMissingIsSeen() {
    World world = new World(9, with("a"), with("b", "m")).build(p -> {});
    sendAll(world, "m", 2);
    world.settle();
    assertEquals(List.of("m"), missing(world, 0));
    assertEquals(List.of(), missing(world, 1));
  }

  private static List<String> missing(World world, int index) {
    return Objects.requireNonNullElse(endpoint(world, index).missingModels(), List.of());
  }

  private static EndpointFigures endpoint(World world, int index) {
    return world.gateway().pool("default").state().endpoints().get(index);
  }

  /** A prompt that fits only the one without the model: who may have it says why it does not. */
  @Test
  void whatFitsOnlyWhereTheModelIsMissingIsAskedOfTheOthers() {
    Scripted small = overloaded("small");
    small.longest = 5;
    Scripted large = with("large");
    World world = new World(9, small, large).build(p -> {});
    Client client = send(world, "m");
    world.settle();
    assertEquals("overloaded", client.reason());
  }

  @Test
  void aFallbackCanNameAMissingModelAndAPromptThatIsTooLong() {
    Failure tooLong = Failure.of(Status.CONTEXT_LENGTH, 400, "context_length_exceeded", "too long");
    for (Failure failure : List.of(missing, tooLong)) {
      Scripted one = new Scripted("one", self -> self.fails(failure, millis(1)));
      Scripted two = new Scripted("two", self -> self.streams(1, 0));
      World world = new World(9);
      Fallback named = new Fallback("two", null, List.of(failure.status()), 0);
      Fallback usual = Fallback.to("two", null);
      assertEquals(Status.OK, fallBack(world, one, two, named));
      assertEquals(failure.status(), fallBack(world, one, two, usual), "not unless it is named");
    }
  }

  private static Status fallBack(World world, Scripted one, Scripted two, Fallback options) {
    Gateway gateway =
        Gateway.builder(new Host(world.policies, 1))
            .pool("one", p -> p.stage(options).retry(3).backends(World.plugin(one)))
            .pool("two", p -> p.backends(World.plugin(two)))
            .build();
    Client client = Client.send(gateway, Fakes.request(world.time, "r"));
    world.time.run();
    return client.status();
  }
}
