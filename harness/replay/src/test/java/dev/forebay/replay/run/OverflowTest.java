package dev.forebay.replay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.core.stream.Streams;
import dev.forebay.gateway.Gateway;
import dev.forebay.gateway.Host;
import dev.forebay.server.GatewayDocument;
import dev.forebay.spi.Call;
import dev.forebay.spi.Caller;
import dev.forebay.spi.Failure;
import dev.forebay.spi.Headers;
import dev.forebay.spi.InferenceRequest;
import dev.forebay.spi.InferenceRequest.Attempt;
import dev.forebay.spi.InferenceRequest.HttpHead;
import dev.forebay.spi.InferenceResponse;
import dev.forebay.spi.RequestInfo;
import dev.forebay.timeline.VirtualTimeline;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A burst at three times the capacity, in virtual time, with and without callers that take jobs.
 */
class OverflowTest {

  private static final long SECOND = 1_000_000_000L;
  private static final String GATEWAY =
      """
      pipeline:
        - admit: { limit: { plugin: fixed, limit: 16 }, queue: priority, max-wait: 2s }
        - balance: round-robin
      backends: [{ plugin: simulated, id: a, server: { slots: 16 } }]
      jobs: { store: memory, queue: memory, workers: 16 }
      """;

  @TempDir Path folder;

  /** What became of the requests of a run. */
  private static final class Run {
    int sent;
    int answered;
    int deferred;
    int refused;
    int failed;
    long jobsDone;
  }

  private Run run(double perSecond, int seconds, boolean deferrable) throws IOException {
    GatewayDocument document =
        GatewayDocument.read(
            Files.writeString(folder.resolve("gateway.yaml"), GATEWAY),
            Registry.load(getClass().getClassLoader()),
            name -> null);
    VirtualTimeline time = new VirtualTimeline();
    Gateway gateway =
        Gateway.of(document.blueprint(), new Host(time.beside("the gateway's timeline"), 1))
            .start();
    Run run = new Run();
    long gap = (long) (SECOND / perSecond);
    for (long at = SECOND; at < (1 + seconds) * SECOND; at += gap) {
      time.after(at, () -> send(gateway, time, run, deferrable));
    }
    time.runUntil((1 + seconds) * SECOND + 600 * SECOND);
    assertEquals(null, gateway.pluginError());
    assertEquals(0, gateway.open());
    run.jobsDone = Math.round(gateway.gauges().getOrDefault("jobs.kept{state=done}", 0.0));
    assertEquals(run.sent, run.answered + run.deferred + run.refused + run.failed);
    return run;
  }

  private static void send(Gateway gateway, VirtualTimeline time, Run run, boolean deferrable) {
    run.sent++;
    Call call = Call.root(time);
    RequestInfo info = RequestInfo.chat("r" + run.sent, "m", Caller.at("192.0.2.1"), time.nanos());
    Headers headers = deferrable ? Headers.of("prefer", "respond-async, wait=10") : Headers.EMPTY;
    HttpHead head = new HttpHead("/v1/chat/completions", headers);
    gateway
        .serve(new InferenceRequest(info, Buffer.buffer("{}"), call, Attempt.FIRST).with(head))
        .onComplete(
            (response, thrown) -> {
              if (response == null) {
                boolean capacity = Failure.from(thrown).callerStatus() == 503;
                run.refused += capacity ? 1 : 0;
                run.failed += capacity ? 0 : 1;
              } else {
                read(response, run);
              }
            });
  }

  private static void read(InferenceResponse response, Run run) {
    Streams.forEach(response.tokens(), chunk -> {})
        .onComplete(
            (done, thrown) -> {
              if (thrown != null) {
                run.failed++;
              } else if (response.status() == 202) {
                run.deferred++;
              } else {
                run.answered++;
              }
            });
  }

  @Test
  void atThreeTimesTheCapacityWhatIsDeferredIsAnsweredAndNothingIsRefused() throws IOException {
    double capacity = run(200, 20, false).answered / 22.0; // the queue lasts for two seconds more
    Run without = run(3 * capacity, 30, false);
    Run with = run(3 * capacity, 30, true);
    System.out.printf(
        "capacity %.1f/s; without jobs %d of %d refused; with jobs %d refused, %d at once, %d"
            + " deferred, %d of them answered%n",
        capacity,
        without.refused,
        without.sent,
        with.refused,
        with.answered,
        with.deferred,
        with.jobsDone);
    assertTrue(without.refused > without.sent / 2, without.refused + " refused of " + without.sent);
    assertEquals(0, with.refused + with.failed);
    assertTrue(with.answered >= 0.75 * without.answered, with.answered + " at once");
    assertEquals(with.deferred, with.jobsDone);
  }
}
