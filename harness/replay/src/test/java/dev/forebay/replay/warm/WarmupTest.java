package dev.forebay.replay.warm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.trace.SyntheticOptions;
import dev.forebay.replay.trace.SyntheticTrace;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WarmupTest {

  private static final long PATIENCE_MILLIS = 60_000;

  @TempDir Path folder;

  /** A gateway whose load and answers are given; its time passes only in pauses. */
  private static final class FakeTarget implements Target {
    private final Queue<Double> loads = new ArrayDeque<>();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final List<String> asked = new ArrayList<>();
    private final List<Long> askedAt = new ArrayList<>();
    private long now;
    private String start = "1";

    @Override
    public String start() {
      return start;
    }

    @Override
    public double load() {
      return loads.isEmpty() ? 0 : loads.remove();
    }

    @Override
    public Answer ask(WarmupRequest request) throws IOException {
      asked.add(request.body());
      askedAt.add(now);
      Answer answer = answers.isEmpty() ? Answer.STORED : answers.remove();
      if (answer == Answer.FAILED && request.body().contains("stop")) {
        throw new IOException("stopped");
      }
      return answer;
    }

    @Override
    public void pause(long millis) {
      now += millis;
    }

    @Override
    public long nowMillis() {
      return now;
    }
  }

  private Path list(String... bodies) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (String body : bodies) {
      lines.append(new JsonObject().put("body", body).encode()).append("\n\n");
    }
    return Files.writeString(folder.resolve("list.jsonl"), lines.toString());
  }

  private Warmup.Figures run(Path list, FakeTarget target, double perSecond) throws Exception {
    WarmupList read = WarmupList.read(list, null, 1000);
    WarmupProgress progress =
        WarmupProgress.open(folder.resolve("done"), read.identity(), target.start());
    return new Warmup(read, target, progress, perSecond, 0.5, PATIENCE_MILLIS)
        .run((done, of) -> {});
  }

  @Test
  void itAsksInOrderAndNotFasterThanItsRate() throws Exception {
    FakeTarget target = new FakeTarget();
    target.answers.addAll(List.of(Target.Answer.STORED, Target.Answer.HIT, Target.Answer.FAILED));
    Warmup.Figures figures = run(list("a", "b", "c"), target, 4);
    assertEquals(List.of("a", "b", "c"), target.asked);
    assertEquals(List.of(0L, 250L, 500L), target.askedAt);
    assertEquals(new Warmup.Figures(3, 1, 0, 1, 0, 0, 0), figures);
  }

  @Test
  void itWaitsWhileTheGatewayIsBusyOrRefuses() throws Exception {
    FakeTarget target = new FakeTarget();
    target.loads.addAll(List.of(0.6, 1.0, 0.4));
    target.answers.add(Target.Answer.BUSY);
    Warmup.Figures figures = run(list("a"), target, 1000);
    assertEquals(List.of(750L, 1750L), target.askedAt);
    assertEquals(1, figures.asked());
    assertEquals(1.75, figures.waitedSeconds());
  }

  @Test
  void itGivesUpAGatewayThatStaysBusyAndGoesOnFromThere() throws Exception {
    Path list = list("a", "b", "c");
    FakeTarget busy = new FakeTarget();
    busy.answers.add(Target.Answer.STORED);
    for (int i = 0; i < 1_000; i++) {
      busy.answers.add(Target.Answer.BUSY);
    }
    Warmup.Figures figures = run(list, busy, 1000);
    assertEquals(1, figures.asked());
    assertEquals(2, figures.left());
    assertTrue(busy.now >= PATIENCE_MILLIS && busy.now < PATIENCE_MILLIS + 6_000, busy.now + " ms");
    FakeTarget idle = new FakeTarget();
    assertEquals(0, run(list, idle, 1000).left());
    assertEquals(List.of("b", "c"), idle.asked);
  }

  @Test
  void whatIsNotKeptIsNotCountedAsWarmed() throws Exception {
    FakeTarget target = new FakeTarget();
    target.answers.addAll(List.of(Target.Answer.BYPASSED, Target.Answer.STORED));
    Warmup.Figures figures = run(list("a", "b"), target, 1000);
    assertEquals(new Warmup.Figures(2, 0, 1, 0, 0, 0, 0), figures);
    assertEquals(Target.Answer.BYPASSED, GatewayTarget.kept("bypass"));
    assertEquals(Target.Answer.BYPASSED, GatewayTarget.kept(""), "no cache at all");
    assertEquals(Target.Answer.STORED, GatewayTarget.kept("joined"));
    assertEquals(Target.Answer.HIT, GatewayTarget.kept("stale"));
  }

  @Test
  void aRunThatWasStoppedGoesOnWhereItWas() throws Exception {
    Path list = list("a", "b", "stop", "d");
    FakeTarget first = new FakeTarget();
    first.answers.addAll(List.of(Target.Answer.STORED, Target.Answer.STORED, Target.Answer.FAILED));
    assertThrows(IOException.class, () -> run(list, first, 1000));
    FakeTarget second = new FakeTarget();
    Warmup.Figures figures = run(list, second, 1000);
    assertEquals(List.of("stop", "d"), second.asked);
    assertEquals(2, figures.before());
    assertEquals(0, run(list, new FakeTarget(), 1000).asked());
    FakeTarget other = new FakeTarget();
    run(list("x"), other, 1000);
    assertEquals(List.of("x"), other.asked, "another list begins anew");
    assertTrue(!Files.readString(folder.resolve("done")).contains("x\""), "no prompts in notes");
  }

  @Test
  void whatWasDoneBeforeTheGatewayWasStartedIsDoneAgain() throws Exception {
    Path list = list("a", "b");
    run(list, new FakeTarget(), 1000);
    assertEquals(2, run(list, new FakeTarget(), 1000).before());
    FakeTarget restarted = new FakeTarget();
    restarted.start = "2";
    Warmup.Figures figures = run(list, restarted, 1000);
    assertEquals(0, figures.before());
    assertEquals(List.of("a", "b"), restarted.asked);
    Files.writeString(folder.resolve("done"), "list 2-0\ndone 2\n");
    assertEquals(2, run(list, new FakeTarget(), 1000).asked(), "notes without a start");
  }

  @Test
  void aLineThatIsWrongIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("list.jsonl"), "{\"body\":{}}\n{\"bod\":1}\n");
    IllegalArgumentException wrong =
        assertThrows(IllegalArgumentException.class, () -> WarmupList.read(file, null, 10));
    assertTrue(
        String.valueOf(wrong.getMessage()).contains("line 2: body: missing"), wrong::toString);
  }

  @Test
  void theRequestsOfOneTenantCanBeChosen() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("list.jsonl"),
            """
            {"tenant":"a","body":{"model":"m"}}
            {"tenant":"b","body":"{\\"model\\": 1.0}","operation":"embedding"}
            """);
    WarmupRequest only = WarmupList.read(file, "b", 10).requests().get(0);
    assertEquals("{\"model\": 1.0}", only.body(), "a body in quotes stays as it is");
    assertEquals(1, WarmupList.read(file, "b", 10).requests().size());
  }

  @Test
  void eachPromptOfATraceIsAskedOnceTheMostFrequentFirst() {
    SyntheticOptions options =
        SyntheticOptions.defaults()
            .with("requests", 2_000)
            .with("popularShare", 1)
            .with("popularPrompts", 50)
            .with("promptTokensMedian", 20)
            .with("promptTokensMean", 20);
    WarmupList list = WarmupList.of(SyntheticTrace.generate(options, 1), "m", null);
    Set<String> bodies = new HashSet<>();
    list.requests().forEach(request -> assertTrue(bodies.add(request.body())));
    assertTrue(bodies.size() <= 50);
    assertTrue(list.requests().get(0).body().contains("prompt 0:"), list.requests().get(0).body());
  }

  @Test
  void theFullestLimitIsTheLoadAndAQueueIsFull() {
    assertEquals(0.5, load("{\"stages\":{\"admit\":{\"limit\":8,\"inFlight\":4,\"queued\":0}}}"));
    assertEquals(1, load("{\"stages\":{\"admit\":{\"limit\":8,\"inFlight\":4,\"queued\":1}}}"));
    assertEquals(0.25, load("{\"open\":2,\"stages\":{\"balance\":{}}}"));
  }

  private static double load(String state) {
    return GatewayTarget.load(new JsonObject(state));
  }
}
