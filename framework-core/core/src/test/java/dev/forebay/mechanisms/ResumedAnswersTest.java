package dev.forebay.mechanisms;

import static dev.forebay.mechanisms.Fakes.millis;
import static dev.forebay.mechanisms.ResumeTest.RESUME;
import static dev.forebay.mechanisms.ResumeTest.WHOLE;
import static dev.forebay.mechanisms.ResumeTest.assertWhole;
import static dev.forebay.mechanisms.ResumeTest.cut;
import static dev.forebay.mechanisms.ResumeTest.given;
import static dev.forebay.mechanisms.ResumeTest.rest;
import static dev.forebay.mechanisms.ResumeTest.world;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.core.retrying.Retry;
import dev.forebay.spi.Chunk;
import dev.forebay.spi.PromptKey;
import dev.forebay.spi.options.Options;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The stage {@code resume} with unusual answers, and beside other stages. */
class ResumedAnswersTest {

  @Test
  void anAnswerInAnUnknownFormIsNotContinued() {
    Scripted a = new Scripted("a", self -> self.streams(5, millis(1), 2));
    Scripted b = new Scripted("b", ResumeTest::rest);
    World world = world(RESUME, a, b);
    Client client = world.send();
    world.settle();
    assertTrue(!client.ok());
    assertEquals("[0][1]", client.text());
    assertEquals(0, b.calls.size());
    assertEquals(1, world.counter("resume.unfit"));
    assertEquals(0, world.counter("extra-work.taken"), "nobody was asked");
  }

  @Test
  void anAnswerThatHasEndedIsNotContinued() {
    Scripted a = new Scripted("a", self -> self.cut(WHOLE, millis(1), WHOLE + 2));
    Scripted b = new Scripted("b", ResumeTest::rest);
    World world = world(RESUME, a, b);
    Client client = world.send();
    world.settle();
    assertEquals("cut", client.reason());
    assertEquals(0, b.calls.size());
    assertTrue(client.text().contains("\"stop\""));
  }

  @Test
  void contentThatCameWithTheBreakIsGivenOutFirst() {
    Scripted a = new Scripted("a", self -> self.cut(WHOLE, 0, 2));
    Scripted b = new Scripted("b", ResumeTest::rest);
    World world = new World(9, a, b);
    world.build(p -> p.stage(RESUME).stage(Options.defaults(Retry.class)));
    Client client = world.send();
    world.settle();
    assertWhole(client);
    assertEquals(1, given(b.calls.get(0)));
  }

  @Test
  void ofTwoStagesOneContinues() {
    Scripted[] all = {each("a"), each("b"), each("c")};
    World world = new World(9, all);
    world.build(p -> p.stage(RESUME).stage(RESUME.withAttempts(1)));
    Client client = world.send();
    world.settle();
    assertWhole(client);
    assertEquals(
        List.of(0, 2, 3, 4),
        Stream.of(all)
            .flatMap(each -> each.calls.stream())
            .map(ResumeTest::given)
            .sorted()
            .toList());
  }

  /** Breaks off until little is left. */
  private static Scripted each(String id) {
    return new Scripted(
        id,
        self ->
            request ->
                (given(request) == 0
                        ? cut(self, 2)
                        : given(request) < 4 ? cut(self, 1) : rest(self))
                    .apply(request));
  }

  @Test
  void aCacheBelowDoesNotTakeTheRestForTheWhole() {
    Scripted a = new Scripted("a", self -> cut(self, 2));
    Scripted b = new Scripted("b", ResumeTest::rest);
    World world = new World(9, a, b);
    world.build(p -> p.stage(RESUME).cache(world.cache()));
    PromptKey key = new PromptKey(1, 2);
    Client first = world.send(key);
    world.settle();
    assertWhole(first);
    Client second = world.send(key);
    world.settle();
    assertWhole(second);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void emptyEventsWithoutEndAreLeftOut(long interval) {
    List<Chunk> chunks = new ArrayList<>(Scripted.events(WHOLE - 2, false));
    Chunk prelude = chunks.get(0);
    chunks.addAll(2, Collections.nCopies(50_000, prelude));
    Scripted a = new Scripted("a", self -> cut(self, 2));
    Scripted b =
        new Scripted(
            "b", self -> interval == 0 ? self.gives(chunks) : self.gives(chunks, interval));
    World world = world(RESUME, a, b);
    Client client = world.send();
    world.settle();
    assertWhole(client);
  }

  @Test
  void anEmptyEventMayBeTheLast() {
    List<Chunk> chunks = new ArrayList<>(Scripted.events(WHOLE - 2, false));
    Chunk prelude = chunks.get(0);
    chunks.set(chunks.size() - 1, new Chunk(prelude.data(), prelude.kind(), 0, true));
    Scripted a = new Scripted("a", self -> cut(self, 2));
    World world = world(RESUME, a, new Scripted("b", self -> self.gives(chunks)));
    Client client = world.send();
    world.settle();
    assertTrue(client.ok(), client.reason());
  }
}
