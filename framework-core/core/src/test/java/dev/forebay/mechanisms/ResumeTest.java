package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.retrying.Deadline;
import dev.forebay.core.retrying.Hedge;
import dev.forebay.core.retrying.Resume;
import dev.forebay.core.retrying.Retry;
import dev.forebay.core.retrying.RetryBudget;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.gateway.Pipeline;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.Failure;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.Outcome;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.RequestInfo.CacheMode;
import dev.forebay.spi.TokenStream;
import dev.forebay.spi.Usage;
import dev.forebay.spi.host.MemoryBudget;
import dev.forebay.spi.options.Options;
import dev.forebay.spi.policy.Backend;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stage {@code resume}, in virtual time. */
class ResumeTest {

  static final int WHOLE = 6;
  static final Resume RESUME = Options.defaults(Resume.class);

  /** Has what is left of an answer of {@link #WHOLE} tokens. */
  static Scripted.Act rest(Scripted self) {
    return request -> self.answers(WHOLE - given(request), millis(1)).apply(request);
  }

  /** The same, but breaks off after some tokens. */
  static Scripted.Act cut(Scripted self, int tokens) {
    return request -> self.cut(WHOLE - given(request), millis(1), 1 + tokens).apply(request);
  }

  static int given(InferenceRequest request) {
    return request.attempt().given();
  }

  static World world(Resume resume, Scripted... backends) {
    World world = new World(9, backends);
    return world.build(p -> p.stage(resume).admit(world.capacity(), world.queue()));
  }

  static void assertWhole(Client client) {
    assertTrue(client.ok(), client.reason());
    assertEquals(" tok".repeat(WHOLE), client.content());
    assertEquals(1, client.chunks.stream().filter(Chunk::last).count());
    assertEquals(
        1, client.chunks.stream().filter(chunk -> chunk.kind() == Chunk.Kind.PRELUDE).count());
    assertEquals(new Usage(10, 0, WHOLE, 0), used(client));
  }

  /** Scripted answers say what they used only if they are asked for it; else tokens are counted. */
  private static Usage used(Client client) {
    return new Usage(10, 0, client.usage().completionTokens(), 0);
  }

  @Test
  void anAnswerThatBreaksOffIsContinuedElsewhere() {
    Scripted a = new Scripted("a", self -> cut(self, 2));
    Scripted b = new Scripted("b", ResumeTest::rest);
    World world = world(RESUME, a, b);
    Client client = world.send();
    world.settle();
    assertWhole(client);
    assertEquals(1, a.calls.size());
    InferenceRequest asked = b.calls.get(0);
    assertEquals(2, given(asked));
    assertEquals(12, asked.info().promptTokens());
    assertEquals(8, asked.info().maxOutputTokens());
    assertEquals(1, world.counter("resume.resumed"));
    assertEquals(1, world.counter("extra-work.taken"));
  }

  @Test
  void aReaderWhoIsSlowMissesNothing() {
    Scripted a = new Scripted("a", self -> cut(self, 3));
    World world = world(RESUME, a, new Scripted("b", ResumeTest::rest));
    Client client = world.send(null, CacheMode.DEFAULT, millis(50));
    world.settle();
    assertWhole(client);
  }

  /** Three endpoints of which it does not matter who is asked first: what counts is the try. */
  private static World byTry(Function<Scripted, IntFunction<Scripted.Act>> acts) {
    return world(RESUME, each("a", acts), each("b", acts), each("c", acts));
  }

  private static Scripted each(String id, Function<Scripted, IntFunction<Scripted.Act>> acts) {
    return new Scripted(
        id, self -> request -> acts.apply(self).apply(request.attempt().number()).apply(request));
  }

  private static void assertEachWasAskedOnce(World world) {
    world.backends.forEach(backend -> assertEquals(1, backend.calls.size(), backend.id));
  }

  @Test
  void aContinuationThatBreaksOffIsContinued() {
    World world =
        byTry(
            self -> number -> number == 1 ? cut(self, 2) : number == 2 ? cut(self, 3) : rest(self));
    Client client = world.send();
    world.settle();
    assertWhole(client);
    assertEachWasAskedOnce(world);
    assertEquals(2, world.counter("resume.resumed"));
  }

  @Test
  void anotherEndpointIsTriedIfTheFirstRefusesTheRest() {
    World world =
        byTry(
            self ->
                number -> number == 1 ? cut(self, 2) : number == 2 ? refuses(self) : rest(self));
    Client client = world.send();
    world.settle();
    assertWhole(client);
    assertEachWasAskedOnce(world);
    assertEquals(1, world.counter("resume.resumed"));
  }

  @Test
  void theCallerIsToldWhyTheAnswerBrokeOffIfNobodyHasTheRest() {
    World world = byTry(self -> number -> number == 1 ? cut(self, 2) : refuses(self));
    Client client = world.send();
    world.settle();
    assertEquals("cut", client.reason());
    assertEquals(" tok tok", client.content());
    assertEquals(2, client.usage().completionTokens());
    assertEachWasAskedOnce(world);
    assertEquals(0, world.counter("resume.resumed"));
  }

  private static Scripted.Act refuses(Scripted self) {
    return self.fails(Failure.overloaded(503, "overloaded", "too much"), millis(1));
  }

  @Test
  void whatHasNoContentYetIsNotContinued() {
    Scripted a = new Scripted("a", self -> cut(self, 0));
    Scripted b = new Scripted("b", ResumeTest::rest);
    World world = world(RESUME, a, b);
    Client client = world.send();
    world.settle();
    assertEquals("cut", client.reason());
    assertEquals(0, b.calls.size());
  }

  @Test
  void whatAnEventTakesBesideItsBytesCounts() {
    VirtualTimeline time = new VirtualTimeline();
    Scripted a = new Scripted("a", self -> cut(self, 5));
    Gateway gateway = little(time, a);
    Client client = Client.send(gateway, Fakes.request(time, "r"));
    time.run();
    assertEquals("cut", client.reason());
    assertTrue(client.text().length() < 1024, "its bytes alone would have found room");
    assertEquals(1, a.calls.size());
  }

  /** A gateway whose answers may keep 1 KiB together. */
  private static Gateway little(VirtualTimeline time, Scripted... backends) {
    Host host = new Host(time, 1).lend(MemoryBudget.class, new MemoryBudget(4 * 1024));
    List<Plugin<Backend>> plugins = Stream.of(backends).map(World::plugin).toList();
    return Gateway.builder(host).pipeline(p -> p.stage(RESUME).backends(plugins)).build();
  }

  @Test
  void anEndpointThatCannotContinueIsNotAsked() {
    Scripted a = new Scripted("a", self -> cut(self, 2));
    Scripted b = new Scripted("b", ResumeTest::rest);
    Scripted c = new Scripted("c", ResumeTest::rest);
    a.continues = false;
    b.continues = false;
    World world = world(RESUME, a, b, c);
    Client client = world.send();
    world.settle();
    assertWhole(client);
    assertEquals(List.of(0, 1), List.of(b.calls.size(), c.calls.size()));
    c.continues = false;
    World without = world(RESUME, new Scripted("a", self -> cut(self, 2)), b);
    without.backends.get(0).continues = false;
    Client broken = without.send();
    without.settle();
    assertEquals("cut", broken.reason());
    assertEquals(0, b.calls.size());
  }

  @Test
  void anAnswerLongerThanItsBoundIsNotContinued() {
    Scripted a = new Scripted("a", self -> self.cut(20, millis(1), 15));
    Scripted b = new Scripted("b", ResumeTest::rest);
    World world = world(RESUME.withMaxBytes(1024), a, b);
    Client client = world.send();
    world.settle();
    assertEquals("cut", client.reason());
    assertEquals(0, b.calls.size());
  }

  @Test
  void allAnswersTogetherKeepAQuarterOfTheMemory() {
    VirtualTimeline time = new VirtualTimeline();
    Scripted a = new Scripted("a", self -> cut(self, 2));
    Scripted b = new Scripted("b", ResumeTest::rest);
    Gateway gateway = little(time, a, b);
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      clients.add(Client.send(gateway, Fakes.request(time, "r" + i)));
    }
    time.run();
    long whole = clients.stream().filter(Client::ok).count();
    assertTrue(whole >= 5 && whole < 10, whole + " answers (expected: those of b, and one of a)");
    assertEquals(whole - 5, gateway.counters().get("resume.resumed"));
    for (int i = 0; i < 4; i++) {
      Client later = Client.send(gateway, Fakes.request(time, "later"));
      time.run();
      assertTrue(later.ok(), "what ended has given its room back");
    }
    long resumed = gateway.counters().getOrDefault("resume.resumed", 0L);
    assertTrue(resumed > whole - 5, "nothing broke off");
  }

  @Test
  void theBudgetForExtraWorkHolds() {
    Scripted a = new Scripted("a", self -> brokenBy(self, 2));
    World world = world(RESUME, a);
    for (int i = 0; i < 100; i++) {
      world.send();
    }
    world.settle();
    long taken = world.counter("extra-work.taken");
    assertTrue(taken > 0 && taken <= 100 * 0.2 + 10 + 1, "taken: " + taken);
    assertTrue(world.counter("resume.budget_denied") > 0);
  }

  /** Breaks off with an error of the server: the reserve is for lost connections only. */
  private static Scripted.Act brokenBy(Scripted self, int tokens) {
    return request ->
        cut(self, tokens)
            .apply(request)
            .map(response -> response.with(new Failing(response.tokens())));
  }

  /** A stream that fails for another reason. */
  private record Failing(TokenStream stream) implements TokenStream {
    private static Failure other() {
      return Failure.overloaded(502, "error_event", "so");
    }

    @Override
    public Future<Chunk> next() {
      return stream.next().recover(thrown -> Future.failedFuture(other()));
    }

    @Override
    public void cancel() {
      stream.cancel();
    }

    @Override
    public Future<Outcome> outcome() {
      return stream
          .outcome()
          .map(
              how ->
                  how.failure() == null
                      ? how
                      : Outcome.failed(other(), how.usage(), how.timings()));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 5, 8, 30})
  void aCallerMayLeaveAtAnyTime(int afterMillis) {
    Scripted a = new Scripted("a", self -> cut(self, 3));
    Scripted b = new Scripted("b", self -> self.late(millis(20)));
    World world = world(RESUME, a, b);
    Client client = world.send();
    world.time.after(millis(afterMillis), client::leave);
    world.settle();
  }

  @Test
  void aDeadlineEndsTheWaitForTheRest() {
    Scripted a = new Scripted("a", self -> cut(self, 2));
    Scripted b = new Scripted("b", Scripted::silent);
    World world = new World(9, a, b);
    Deadline deadline = Options.defaults(Deadline.class).withTotal(Duration.ofMillis(100));
    world.build(p -> p.stage(deadline).stage(RESUME).admit(world.capacity(), world.queue()));
    Client client = world.send();
    world.settle();
    assertEquals("deadline", client.reason());
    assertEquals(" tok tok", client.content());
    assertEquals(millis(100), client.endedNanos);
  }

  /** Whatever breaks, nothing is said twice, left out, or left open. */
  @Property(tries = 200)
  void anAnswerIsWholeOrABeginning(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    Scripted[] backends = new Scripted[3];
    for (int i = 0; i < backends.length; i++) {
      backends[i] = new Scripted("b" + i, self -> request -> any(self, random).apply(request));
    }
    World world = new World(9, backends);
    Resume resume = RESUME.withAttempts(1 + random.nextInt(4));
    world.build(p -> around(random, world, p, resume).admit(world.capacity(), world.queue()));
    for (int i = 0; i < 20; i++) {
      long slow = random.nextInt(3) == 0 ? millis(random.nextInt(5)) : 0;
      PromptKey key = random.nextInt(3) == 0 ? new PromptKey(1, random.nextInt(3)) : null;
      Client client = world.send(key, CacheMode.DEFAULT, slow);
      if (random.nextInt(5) == 0) {
        world.time.after(millis(random.nextInt(30)), client::leave);
      }
    }
    world.settle();
    String whole = " tok".repeat(WHOLE);
    for (Client client : world.clients) {
      assertTrue(whole.startsWith(client.content()), client.content());
      if (client.ok()) {
        assertEquals(whole, client.content());
        assertEquals(WHOLE, client.usage().completionTokens());
      }
    }
  }

  /** The stage, perhaps with others. */
  private static Pipeline around(
      SplittableRandom random, World world, Pipeline pipeline, Resume resume) {
    if (random.nextBoolean()) {
      pipeline.cache(world.cache());
    }
    pipeline.stage(resume);
    if (random.nextBoolean()) {
      pipeline.stage(Options.defaults(Retry.class));
    }
    if (random.nextBoolean()) {
      pipeline.stage(Options.defaults(Hedge.class));
    }
    return pipeline;
  }

  private static Scripted.Act any(Scripted self, SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> refuses(self);
      case 1 -> rest(self);
      case 2 ->
          request -> self.cut(WHOLE - given(request), 0, random.nextInt(WHOLE)).apply(request);
      default -> cut(self, random.nextInt(WHOLE));
    };
  }

  @Test
  void budgetsKnowLostConnections() {
    RetryBudget budget = new RetryBudget(new RetryBudget.Options(0, 0, 1));
    Failure cut = Failure.overloaded(502, "cut", "so");
    Failure busy = Failure.overloaded(503, "overloaded", "so");
    assertEquals(
        List.of(false, true, false),
        List.of(budget.take(busy, 0), budget.take(cut, 0), budget.take(cut, 0)));
  }
}
