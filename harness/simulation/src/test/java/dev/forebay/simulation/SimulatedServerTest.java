package dev.forebay.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.PrefixHashes;
import dev.forebay.spi.Registration;
import dev.forebay.spi.Usage;
import dev.forebay.timeline.VirtualTimeline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SimulatedServerTest {

  private static final long SECOND = 1_000_000_000L;
  private static final long MILLI = 1_000_000L;

  private final VirtualTimeline timeline = new VirtualTimeline();

  /** 4 slots, 1,000 tokens/s of prefill in steps of 500, decode 10 ms + 1 ms for each request. */
  private static ServerParameters small() {
    return small(4, 10_000, 8, 16, 1);
  }

  private static ServerParameters small(
      int slots, long kvTokens, int queue, int cacheBlocks, int tokensPerChunk) {
    return new ServerParameters(
        slots,
        1000,
        500,
        10,
        1,
        kvTokens,
        queue,
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        0,
        cacheBlocks,
        tokensPerChunk,
        Duration.ofSeconds(5),
        Duration.ZERO,
        ServerEffects.NONE);
  }

  private static void near(long expected, long actual, long tolerance) {
    assertTrue(
        Math.abs(actual - expected) <= tolerance,
        actual + " ns (expected: " + expected + " ± " + tolerance + ")");
  }

  private SimulatedServer server(ServerParameters parameters, int answer, Fault... faults) {
    return new SimulatedServer(timeline, parameters, List.of(faults), 1, request -> answer);
  }

  private Heard send(SimulatedServer server, String id, int promptTokens) {
    return send(server, Requests.chat(timeline, id, promptTokens));
  }

  private Heard send(SimulatedServer server, InferenceRequest request) {
    Heard heard = new Heard(timeline);
    server.submit(request, heard);
    return heard;
  }

  @Test
  void aLoneRequestTakesItsPrefillAndItsDecodeSteps() {
    SimulatedServer server = server(small(), 11);
    Heard heard = send(server, "a", 1000);
    timeline.run();
    assertEquals(Ending.STOP, heard.ending);
    assertEquals(11, heard.tokens);
    assertEquals(SECOND, heard.firstTokenNanos());
    assertEquals(SECOND + 10 * 11 * MILLI, heard.endedNanos);
    assertEquals(new Usage(1000, 0, 11, 0), heard.usage);
    ServerStats stats = server.stats();
    assertTrue(stats.settled(), stats.toString());
    assertEquals(heard.endedNanos, stats.busyNanos());
    assertEquals(heard.endedNanos, stats.busySlotNanos());
    assertEquals(1000, stats.prefilledTokens());
    assertEquals(11, stats.decodedTokens());
  }

  @Test
  void theRateOfARequestFallsWithTheBatch() {
    SimulatedServer server = server(small(), 101);
    Heard alone = send(server, "a", 1);
    timeline.run();
    List<Heard> batch = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      batch.add(send(server, "b" + i, 1));
    }
    timeline.run();
    long aloneNanos = alone.endedNanos - alone.firstTokenNanos();
    long sharedNanos = batch.get(3).endedNanos - batch.get(3).firstTokenNanos();
    assertEquals(100 * 11 * MILLI, aloneNanos);
    near(100 * 14 * MILLI, sharedNanos, 3 * MILLI);
  }

  private static ServerParameters with(int budget, int cacheBlocks, ServerEffects effects) {
    return new ServerParameters(
        4,
        1000,
        budget,
        10,
        1,
        10_000,
        8,
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        0,
        cacheBlocks,
        1,
        Duration.ofSeconds(5),
        Duration.ZERO,
        effects);
  }

  @Test
  void aDecodeStepTakesLongerWithMoreContext() {
    ServerEffects effects = new ServerEffects(1000, 0, 0, false, false); // 1 us for each token
    SimulatedServer server = server(with(500, 0, effects), 3);
    Heard heard = send(server, "a", 2000);
    timeline.run();
    // two more tokens, over 2,001 + 1 and 2,002 + 1 tokens of context, less the one to come
    long context = heard.endedNanos - heard.firstTokenNanos() - 2 * 11 * MILLI;
    near((2001 + 2002) * 1000L, context, 2001);
  }

  @Test
  void attentionMakesPrefillOfLongPromptsQuadratic() {
    ServerEffects effects = new ServerEffects(0, 1000, 0, false, false);
    SimulatedServer server = server(with(500, 0, effects), 1);
    Heard heard = send(server, "a", 2000);
    timeline.run();
    // 2 s at 1,000 tokens/s, and as much again at a mean of 1,000 tokens before
    assertEquals(4 * SECOND, heard.endedNanos);
  }

  @Test
  void whatIsInThePrefixCacheIsAttendedToAllTheSame() {
    ServerEffects effects = new ServerEffects(0, 1024, 0, false, false);
    SimulatedServer server = server(with(4096, 16, effects), 1);
    PrefixHashes prefix = PrefixHashes.of(1, 2);
    send(server, Requests.of(timeline, "a", 1024, 0, true, prefix));
    timeline.run();
    long before = timeline.nanos();
    Heard hit = send(server, Requests.of(timeline, "b", 2048, 0, true, prefix));
    timeline.run();
    assertEquals(1024, hit.usage.cachedTokens());
    // 1,024 tokens of which each has 1,024 to 2,048 before it: 2.5 times as long
    near((long) (2.5 * 1.024 * SECOND), hit.endedNanos - before, MILLI);
  }

  @Test
  void aMixedStepHidesAShareOfItsShorterPart() {
    long apart = mixed(0);
    long half = mixed(0.5);
    long together = mixed(1);
    assertTrue(together < half && half < apart, together + ", " + half + ", " + apart);
    // beside 500 ms of prefill 11 ms of decoding, in 2 steps
    near(2 * 11 * MILLI, apart - together, MILLI);
    near((apart + together) / 2, half, MILLI);
  }

  /** When the second request has its first token, while the first decodes. */
  private static long mixed(double overlap) {
    VirtualTimeline timeline = new VirtualTimeline();
    ServerEffects effects = new ServerEffects(0, 0, overlap, false, false);
    SimulatedServer server =
        new SimulatedServer(timeline, with(500, 0, effects), List.of(), 1, request -> 1000);
    server.submit(Requests.chat(timeline, "a", 1), new Heard(timeline));
    timeline.runUntil(100 * MILLI);
    Heard second = new Heard(timeline);
    server.submit(Requests.chat(timeline, "b", 1000), second);
    timeline.runUntil(10 * SECOND);
    return second.firstTokenNanos();
  }

  @Test
  void decodingTakesItsTokensOfTheStepsBudget() {
    assertEquals(10, stepsOfPrefill(false));
    assertEquals(20, stepsOfPrefill(true), "one of two tokens is for the request that decodes");
  }

  /** In how many steps 20 prompt tokens are computed, two at a time, beside one that decodes. */
  private static int stepsOfPrefill(boolean inBudget) {
    VirtualTimeline timeline = new VirtualTimeline();
    ServerEffects effects = new ServerEffects(0, 0, 1, inBudget, false);
    SimulatedServer server =
        new SimulatedServer(timeline, with(2, 0, effects), List.of(), 1, request -> 1000);
    Heard first = new Heard(timeline);
    server.submit(Requests.chat(timeline, "a", 1), first);
    timeline.runUntil(100 * MILLI);
    Heard second = new Heard(timeline);
    int before = first.tokens;
    server.submit(Requests.chat(timeline, "b", 20), second);
    while (second.tokens == 0) {
      timeline.runUntil(timeline.nanos() + MILLI);
    }
    return first.tokens - before - 1; // the step under way when the prompt came
  }

  @Test
  void aPrefixCacheInMemoryHasWhatRunningRequestsLeave() {
    assertEquals(1024, cachedBesideALongRequest(false));
    assertEquals(0, cachedBesideALongRequest(true));
  }

  /** Cached tokens of a prompt that comes again, after another has taken most of the memory. */
  private static int cachedBesideALongRequest(boolean inMemory) {
    VirtualTimeline timeline = new VirtualTimeline();
    ServerEffects effects = new ServerEffects(0, 0, 0, false, inMemory);
    SimulatedServer server =
        new SimulatedServer(timeline, with(10_000, 16, effects), List.of(), 1, request -> 5);
    PrefixHashes prefix = PrefixHashes.of(1, 2);
    server.submit(Requests.of(timeline, "a", 1100, 0, true, prefix), new Heard(timeline));
    timeline.run();
    server.submit(Requests.chat(timeline, "long", 9600), new Heard(timeline));
    timeline.run();
    Heard again = new Heard(timeline);
    server.submit(Requests.of(timeline, "b", 1100, 0, true, prefix), again);
    timeline.run();
    return again.usage.cachedTokens();
  }

  @Test
  void theCpuSignalIsTheShareOfTheBestSpeedAndTheMemorySignalWhatIsHeld() {
    SimulatedServer server = server(small(), 101);
    ServerStats idle = server.stats();
    assertEquals(0, idle.cpuSince(idle));
    assertEquals(0, idle.memory());
    send(server, "a", 999);
    timeline.run();
    ServerStats alone = server.stats();
    // 999 ms of prefill; 100 steps of 11 ms, of which a full batch would take 3.5 ms for a request
    assertEquals((999 + 100 * 3.5) / (999 + 100 * 11), alone.cpuSince(idle), 0.001);
    for (int i = 0; i < 4; i++) {
      send(server, "b" + i, 1);
    }
    timeline.runUntil(timeline.nanos() + SECOND / 2);
    ServerStats full = server.stats();
    assertTrue(full.cpuSince(alone) > 0.95, "a full batch: " + full.cpuSince(alone));
    assertEquals(full.kvTokens() / 10_000.0, full.memory());
    assertTrue(full.memory() > 0);
    timeline.runUntil(timeline.nanos() + 20 * SECOND);
    ServerStats later = server.stats();
    timeline.runUntil(timeline.nanos() + 20 * SECOND);
    assertEquals(0, server.stats().cpuSince(later), "idle again");
  }

  @Test
  void anIdleServerHasNoEvents() {
    SimulatedServer server =
        server(
            small(),
            5,
            Fault.repeating(
                Fault.Kind.CRASH,
                1,
                Duration.ofHours(1),
                Duration.ofSeconds(1),
                Duration.ofHours(1),
                0));
    send(server, "a", 10);
    timeline.run();
    assertEquals(0, timeline.pending());
    assertTrue(timeline.nanos() < SECOND);
  }

  @Test
  void aFullLineIsAnswered503() {
    SimulatedServer server = server(small(4, 10_000, 2, 0, 1), 10);
    List<Heard> taken = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      taken.add(send(server, "a" + i, 10));
    }
    Heard refused = send(server, "late", 10);
    assertEquals(Ending.FULL, refused.ending);
    assertFalse(refused.accepted);
    assertEquals(503, Ending.FULL.httpStatus());
    timeline.run();
    for (Heard heard : taken) {
      assertEquals(Ending.STOP, heard.ending);
    }
    assertTrue(server.stats().settled());
  }

  @Test
  void theAccountsLimitIsAnswered429() {
    ServerParameters base = small();
    ServerParameters limited =
        new ServerParameters(
            base.slots(),
            base.prefillTokensPerSecond(),
            base.prefillTokensPerStep(),
            base.decodeStepMillis(),
            base.decodeStepMillisPerRequest(),
            base.kvTokens(),
            base.queueCapacity(),
            base.maxQueueTime(),
            base.keepAlive(),
            2,
            base.prefixCacheBlocks(),
            base.tokensPerChunk(),
            base.coldStart(),
            base.retryAfter(),
            base.effects());
    SimulatedServer server = server(limited, 10);
    send(server, "a", 10);
    send(server, "b", 10);
    assertEquals(Ending.THROTTLED, send(server, "c", 10).ending);
    timeline.run();
    assertEquals(null, send(server, "d", 10).ending);
  }

  @Test
  void whoWaitsGetsKeepAlivesAndInTheEndIsClosed() {
    SimulatedServer server = server(small(1, 1_000_000, 2, 0, 1), 100_000);
    send(server, "long", 10);
    Heard waits = send(server, "waits", 10);
    timeline.runUntil(35 * SECOND);
    assertEquals(3, waits.keepAlives);
    assertEquals(0, waits.tokens);
    timeline.runUntil(600 * SECOND);
    assertEquals(Ending.EXPIRED, waits.ending);
    assertEquals(600 * SECOND, waits.endedNanos);
    assertEquals(59, waits.keepAlives);
    assertEquals(0, server.stats().waiting());
  }

  @Test
  void prefixHitsCutTheTimeToFirstToken() {
    SimulatedServer server = server(small(), 5);
    PrefixHashes prefix = PrefixHashes.of(1, 2, 3);
    Heard cold = send(server, Requests.of(timeline, "cold", 2000, 0, true, prefix));
    timeline.run();
    long start = timeline.nanos();
    Heard warm = send(server, Requests.of(timeline, "warm", 2000, 0, true, prefix));
    timeline.run();
    assertEquals(2 * SECOND, cold.firstTokenNanos());
    assertEquals((2000 - 3 * 512) * MILLI, warm.firstTokenNanos() - start);
    assertEquals(new Usage(2000, 3 * 512, 5, 0), warm.usage);
    assertEquals(3 * 512, server.stats().cachedTokens());
  }

  @Test
  void thePrefixCacheForgetsTailsFirstAndStaysInItsBound() {
    PrefixCache cache = new PrefixCache(3);
    PrefixHashes old = PrefixHashes.of(1, 2, 3);
    cache.touch(old, 3);
    cache.touch(PrefixHashes.of(9), 1);
    assertEquals(3, cache.size());
    assertEquals(2, cache.matching(old));
    cache.touch(PrefixHashes.of(4, 5, 6, 7, 8), 5);
    assertEquals(3, cache.size());
    assertEquals(3, cache.matching(PrefixHashes.of(4, 5, 6, 7, 8)));
  }

  @Test
  void whereMemoryEndsTheLastAdmittedIsPreemptedAndAnsweredLater() {
    SimulatedServer server = server(small(4, 400, 8, 0, 1), 150);
    List<Heard> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      all.add(send(server, "a" + i, 80));
    }
    long most = 0;
    while (timeline.pending() > 0) {
      timeline.runUntil(timeline.nanos() + MILLI);
      most = Math.max(most, server.stats().kvTokens());
    }
    assertTrue(most <= 400 && most > 300, "KV in use: " + most);
    assertTrue(server.stats().preemptions() > 0);
    for (Heard heard : all) {
      assertEquals(Ending.STOP, heard.ending);
      assertEquals(150, heard.tokens);
    }
    assertTrue(server.stats().settled());
  }

  @Test
  void anAnswerThatFillsTheMemoryAloneEndsByLength() {
    SimulatedServer server = server(small(4, 100, 8, 0, 1), 500);
    Heard heard = send(server, "a", 90);
    Heard tooLong = send(server, "b", 100);
    timeline.run();
    assertEquals(Ending.LENGTH, heard.ending);
    assertEquals(Ending.TOO_LONG, tooLong.ending);
    assertTrue(server.stats().settled());
  }

  @Test
  void theCallersBoundEndsByLength() {
    SimulatedServer server = server(small(), 500);
    Heard heard = send(server, Requests.of(timeline, "a", 10, 7, true, PrefixHashes.NONE));
    timeline.run();
    assertEquals(Ending.LENGTH, heard.ending);
    assertEquals(7, heard.tokens);
  }

  @Test
  void chunksOfSeveralTokensCarryThemAll() {
    SimulatedServer server = server(small(4, 10_000, 8, 0, 4), 10);
    Heard heard = send(server, "a", 10);
    timeline.run();
    assertEquals(10, heard.tokens);
    assertEquals(3, heard.tokenNanos.size());
  }

  @Test
  void aCancelFreesSlotAndMemoryAtOnce() {
    SimulatedServer server = server(small(1, 10_000, 8, 0, 1), 1000);
    Heard gone = new Heard(timeline);
    Registration running = server.submit(Requests.chat(timeline, "gone", 100), gone);
    Heard next = send(server, "next", 10);
    timeline.runUntil(SECOND);
    running.cancel();
    assertEquals(1, server.stats().cancelled());
    assertEquals(0, server.stats().waiting(), "the next one was admitted");
    int heard = gone.heard.size();
    timeline.run();
    assertEquals(heard, gone.heard.size(), "a cancelled request hears nothing more");
    assertEquals(Ending.STOP, next.ending);
    assertTrue(server.stats().settled());
  }

  @Test
  void aCrashResetsAllAndTheRestartIsCold() {
    Duration ten = Duration.ofSeconds(10);
    SimulatedServer server =
        server(small(), 10_000, Fault.once(Fault.Kind.CRASH, 1, Duration.ofSeconds(5), ten));
    PrefixHashes prefix = PrefixHashes.of(1);
    List<Heard> lost = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      lost.add(send(server, Requests.of(timeline, "a" + i, 600, 0, true, prefix)));
    }
    timeline.runUntil(6 * SECOND);
    for (Heard heard : lost) {
      assertEquals(Ending.RESET, heard.ending);
      assertEquals(5 * SECOND, heard.endedNanos);
    }
    assertTrue(server.stats().settled());
    timeline.runUntil(19 * SECOND);
    assertEquals(Ending.REFUSED, send(server, "cold start", 10).ending);
    assertEquals(20 * SECOND, server.upAgainNanos());
    timeline.runUntil(20 * SECOND);
    Heard up = send(server, Requests.of(timeline, "up", 600, 5, true, prefix));
    timeline.run();
    assertEquals(Ending.LENGTH, up.ending);
    assertEquals(0, up.usage.cachedTokens(), "the prefix cache was lost");
    assertEquals(1, server.stats().crashes());
  }

  @Test
  void aFlappingServerComesAndGoes() {
    SimulatedServer server =
        server(
            small(),
            1,
            Fault.repeating(
                Fault.Kind.CRASH,
                1,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                0));
    List<Boolean> up = new ArrayList<>();
    for (int second = 5; second < 75; second += 10) {
      timeline.runUntil(second * SECOND);
      up.add(send(server, "at " + second, 1).accepted);
    }
    // 5 s of cold start after each 10 s
    assertEquals(List.of(true, false, true, true, false, true, true), up);
  }

  @Test
  void aSlowServerTakesLonger() {
    Fault slow = Fault.once(Fault.Kind.SLOW, 3, Duration.ofSeconds(100), Duration.ofSeconds(100));
    SimulatedServer server = server(small(), 11, slow);
    Heard fast = send(server, "fast", 1000);
    timeline.runUntil(100 * SECOND);
    Heard heard = send(server, "slow", 1000);
    timeline.run();
    near(3 * fast.endedNanos, heard.endedNanos - 100 * SECOND, 10);
  }

  @Test
  void silentQueueingIsKeepAlivesAndNoWork() {
    SimulatedServer server = server(small(), 5, Fault.always(Fault.Kind.SILENT, 1));
    Heard heard = send(server, "a", 10);
    timeline.run();
    assertTrue(heard.accepted);
    assertEquals(59, heard.keepAlives);
    assertEquals(Ending.EXPIRED, heard.ending);
    assertEquals(0, server.stats().busyNanos());
  }

  @Test
  void faultsOfChanceHitTheirShareAndShowAsTheyShould() {
    assertEquals(Ending.FAILED, only(Fault.Kind.FAIL).ending);
    assertFalse(only(Fault.Kind.FAIL).accepted);
    Heard event = only(Fault.Kind.ERROR_EVENT);
    assertTrue(event.accepted);
    assertEquals(0, event.tokens);
    assertEquals(Ending.ERROR_EVENT, event.ending);
    Heard cut = only(Fault.Kind.CUT);
    assertEquals(Ending.CUT, cut.ending);
    assertTrue(cut.tokens > 0 && cut.tokens < 100, "tokens: " + cut.tokens);
    Heard out = only(Fault.Kind.OUT_OF_RESOURCES);
    assertEquals(Ending.OUT_OF_RESOURCES, out.ending);
    assertTrue(out.tokens < 100);

    SimulatedServer server = server(small(), 5, Fault.always(Fault.Kind.FAIL, 0.2));
    int failed = 0;
    for (int i = 0; i < 2000; i++) {
      failed += send(server, "r" + i, 1).ending == Ending.FAILED ? 1 : 0;
      timeline.run();
    }
    assertEquals(400, failed, 60);
  }

  private Heard only(Fault.Kind kind) {
    SimulatedServer server = server(small(), 100, Fault.always(kind, 1));
    Heard heard = send(server, "a", 10);
    timeline.run();
    assertTrue(server.stats().settled());
    return heard;
  }

  @Test
  void theOracleForeseesAnIdleServerAndABusyOne() {
    SimulatedServer server =
        new SimulatedServer(
            timeline, ServerParameters.DEFAULT, List.of(), 1, AnswerLength.lognormal(7));
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 150; i++) {
      send(server, "load " + i, 100 + random.nextInt(3000));
      if (i == 0 || i == 20 || i == 149) {
        timeline.runUntil(timeline.nanos() + SECOND / 3);
        foresees(server, "probe " + i, i == 0 ? 0.02 : 0.1);
      }
    }
  }

  /** Sends a request, and nothing after it until it is over. */
  private void foresees(SimulatedServer server, String id, double tolerance) {
    InferenceRequest probe = Requests.chat(timeline, id, 700);
    long start = timeline.nanos();
    long foreseen = server.estimatedFinishNanos(probe) - start;
    Heard heard = send(server, probe);
    while (heard.ending == null) {
      timeline.runUntil(timeline.nanos() + MILLI);
    }
    long real = heard.endedNanos - start;
    near(real, foreseen, (long) (real * tolerance));
  }

  @Test
  void theSameSeedGivesTheSameEventsAndAnotherOthers() {
    assertEquals(story(3), story(3));
    assertNotEquals(story(3), story(4));
  }

  private static List<String> story(long seed) {
    VirtualTimeline timeline = new VirtualTimeline();
    SimulatedServer server =
        new SimulatedServer(
            timeline,
            small(),
            List.of(
                Fault.always(Fault.Kind.CUT, 0.1),
                Fault.always(Fault.Kind.FAIL, 0.1),
                Fault.repeating(
                    Fault.Kind.CRASH,
                    1,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(20),
                    0.5)),
            seed,
            AnswerLength.lognormal(1));
    List<String> story = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Heard heard = new Heard(timeline);
      InferenceRequest request = Requests.chat(timeline, "r" + i, 100 + i);
      timeline.after(
          i * 300L * MILLI,
          () -> {
            server.submit(request, heard);
          });
      timeline.after(1000 * SECOND, () -> story.addAll(heard.heard));
    }
    timeline.run();
    story.add(server.stats().toString());
    return story;
  }

  @Property(tries = 200)
  void countsReturnToZeroWhateverIsCancelled(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 5) int slots,
      @ForAll @IntRange(min = 0, max = 6) int queue,
      @ForAll @IntRange(min = 300, max = 2000) int kvTokens) {
    VirtualTimeline virtual = VirtualTimeline.jittered(0, seed);
    SplittableRandom random = new SplittableRandom(seed);
    SimulatedServer server =
        new SimulatedServer(
            virtual,
            small(slots, kvTokens, queue, 4, 1 + random.nextInt(3)),
            List.of(
                Fault.always(Fault.Kind.CUT, 0.1),
                Fault.always(Fault.Kind.OUT_OF_RESOURCES, 0.1),
                Fault.always(Fault.Kind.SILENT, 0.05),
                Fault.repeating(
                    Fault.Kind.CRASH,
                    1,
                    Duration.ofSeconds(3),
                    Duration.ofMillis(10),
                    Duration.ofSeconds(9),
                    1)),
            seed,
            AnswerLength.lognormal(seed));
    List<Heard> all = new ArrayList<>();
    int[] cancels = {0};
    for (int i = 0; i < 60; i++) {
      InferenceRequest request = Requests.chat(virtual, "r" + i, random.nextInt(250));
      Heard heard = new Heard(virtual);
      all.add(heard);
      long cancelAfter = random.nextInt(3) == 0 ? random.nextLong(4 * SECOND) : -1;
      virtual.after(
          random.nextLong(20 * SECOND),
          () -> {
            Registration work = server.submit(request, heard);
            if (cancelAfter >= 0) {
              virtual.after(
                  cancelAfter,
                  () -> {
                    cancels[0] += heard.ending == null ? 1 : 0;
                    work.cancel();
                  });
            }
          });
    }
    while (virtual.pending() > 0) {
      virtual.runUntil(virtual.nanos() + 50 * MILLI);
      ServerStats now = server.stats();
      assertTrue(now.kvTokens() >= 0 && now.kvTokens() <= kvTokens, now.toString());
      assertTrue(now.running() >= 0 && now.running() <= slots, now.toString());
      assertEquals(
          now.submitted(),
          now.refused()
              + now.finished()
              + now.failed()
              + now.cancelled()
              + now.waiting()
              + now.running());
    }
    ServerStats stats = server.stats();
    assertTrue(stats.settled(), stats.toString());
    assertEquals(60, stats.submitted());
    assertEquals(cancels[0], stats.cancelled());
    assertEquals(60 - cancels[0], all.stream().filter(heard -> heard.ending != null).count());
    assertEquals(
        stats.finished(),
        all.stream().filter(heard -> heard.ending != null && heard.ending.ok()).count());
  }
}
