package dev.forebay.replay.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.simulation.Answer;
import dev.forebay.simulation.Ending;
import dev.forebay.simulation.ServerEffects;
import dev.forebay.simulation.ServerParameters;
import dev.forebay.simulation.SimulatedServer;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.Usage;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Servers with known constants, as a client sees them. */
class CalibrationTest {

  private static final long MILLI = 1_000_000;

  private final VirtualTimeline timeline = new VirtualTimeline();

  /** What a client writes down of one request. */
  private final class Watched implements Answer {
    private final JsonArray gaps = new JsonArray();
    private final JsonObject line;
    private long last = -1;
    private int tokens;

    Watched(String server, int prompt) {
      line =
          new JsonObject()
              .put("backend", server)
              .put("promptTokens", prompt)
              .put("tries", 0)
              .put("sent", timeline.nanos())
              .put("gapsMicros", gaps);
    }

    @Override
    public void accepted() {}

    @Override
    public void waiting() {}

    @Override
    public void tokens(int count) {
      tokens += count;
      if (last < 0) {
        line.put("first", timeline.nanos());
      } else {
        gaps.add((timeline.nanos() - last) / 1000);
      }
      last = timeline.nanos();
    }

    @Override
    public void ended(Ending how, Usage usage) {
      line.put("end", timeline.nanos()).put("tokens", tokens);
      line.put("how", how.ok() ? "answered" : "refused");
    }
  }

  private List<JsonObject> run(
      int slots, double step, double each, double prefill, double gapMillis) {
    ServerParameters parameters =
        new ServerParameters(
            slots,
            prefill,
            2048,
            step,
            each,
            1_000_000,
            1_000,
            Duration.ofMinutes(10),
            Duration.ofSeconds(10),
            0,
            0,
            1,
            Duration.ofSeconds(5),
            Duration.ZERO,
            ServerEffects.NONE);
    SplittableRandom random = new SplittableRandom(7);
    List<JsonObject> lines = new ArrayList<>();
    for (String server : List.of("a", "b")) {
      SimulatedServer model =
          new SimulatedServer(timeline, parameters, List.of(), 1, request -> random.nextInt(5, 40));
      long at = 0;
      for (int i = 0; i < 150; i++) {
        int prompt = random.nextInt(50, 600);
        timeline.after(at, () -> lines.add(asked(model, server, prompt)));
        at += (long) (random.nextDouble(2) * gapMillis * MILLI);
      }
    }
    timeline.runUntil(timeline.nanos() + 3_600_000L * MILLI);
    return lines;
  }

  private JsonObject asked(SimulatedServer model, String server, int prompt) {
    Watched watched = new Watched(server, prompt);
    RequestInfo info =
        RequestInfo.chat("r", "m", Caller.at(""), timeline.nanos())
            .withPrompt(prompt, null, PrefixHashes.NONE);
    model.submit(
        new InferenceRequest(info, Buffer.buffer(), Call.root(timeline), Attempt.FIRST), watched);
    return watched.line;
  }

  private static void near(double expected, double found, double share) {
    assertEquals(expected, found, share * expected);
  }

  @Test
  void knownConstantsAreFoundAgain() {
    Calibration found = Calibration.of(run(8, 40, 2, 5000, 300));
    assertEquals(2, found.servers());
    near(40, found.stepMillis(), 0.05);
    near(2, found.stepMillisPerRequest(), 0.15);
    near(5000, found.prefillTokensPerSecond(), 0.1);
    assertTrue(found.slots() <= 8, found::toString);
  }

  @Test
  void allSlotsAreSeenWhereRequestsWait() {
    Calibration found = Calibration.of(run(4, 25, 5, 8000, 100));
    assertEquals(4, found.slots());
    near(25, found.stepMillis(), 0.1);
    near(5, found.stepMillisPerRequest(), 0.15);
  }

  @Test
  void theFragmentIsAFleet() {
    String fragment = new Calibration(2, 40.1234, 2, 5012.6, 8, 900, 120).fragment();
    assertTrue(fragment.contains("count: 2\n"), fragment);
    assertTrue(
        fragment.contains(
            "server: { slots: 8, decode-step-millis: 40.123, decode-step-millis-per-request: 2.000,"
                + " prefill-tokens-per-second: 5013, effects: "),
        fragment);
  }

  @Test
  void tooFewAnswersAreAMistake() {
    List<JsonObject> lines = run(8, 40, 2, 5000, 300).subList(0, 19);
    IllegalArgumentException thrown =
        assertThrows(IllegalArgumentException.class, () -> Calibration.of(lines));
    assertTrue(String.valueOf(thrown.getMessage()).contains("19 (expected"), thrown.getMessage());
  }

  @Test
  void hitsAndFurtherTriesDoNotCount() {
    List<JsonObject> lines = run(8, 40, 2, 5000, 300);
    List<JsonObject> others = new ArrayList<>();
    lines.forEach(line -> others.add(line.copy().put("cache", "hit")));
    lines.forEach(line -> others.add(line.copy().put("tries", 1)));
    assertThrows(IllegalArgumentException.class, () -> Calibration.of(others));
    others.addAll(lines);
    assertEquals(Calibration.of(lines), Calibration.of(others));
  }
}
