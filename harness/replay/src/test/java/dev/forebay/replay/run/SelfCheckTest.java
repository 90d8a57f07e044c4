package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.policy.ConcurrencyLimiter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfCheckTest {

  @TempDir private Path folder;

  @Test
  void aPluginThatThrowsFailsTheRunByName() {
    String message = fails(Throwing.class, "[{ admit: { limit: throwing, queue: fifo } }]");
    assertTrue(
        message.startsWith(
            "it, seed 1: self-check: plugin throwing (admit) threw"
                + " java.lang.IllegalStateException: boom at dev.forebay.replay.run.SelfCheckTest"
                + "$Throwing$1.acquire(SelfCheckTest.java:"),
        message);
  }

  @Test
  void aLimiterThatLeaksIsCaught() {
    String message = fails(Leaking.class, "[{ admit: { limit: leaking, queue: fifo } }]");
    assertEquals("it, seed 1: self-check: admit.in_flight: 2 (expected: 0)", message);
  }

  @Test
  void aTimerThatNeverEndsDoesNotKeepARunFromEnding() {
    Row row =
        Bench.row(
            folder,
            Bench.REGISTRY.with(Ticking.class),
            "[{ admit: { limit: ticking, queue: fifo } }]",
            trace(at(0), at(400)));
    assertEquals(2, row.ok());
    assertTrue(row.plugin().getOrDefault("admit/ticking.ticks", 0L) > 0);
  }

  private String fails(Class<? extends Record> plugin, String pipeline) {
    return String.valueOf(
        assertThrows(
                SelfCheckException.class,
                () ->
                    Bench.row(folder, Bench.REGISTRY.with(plugin), pipeline, trace(at(0), at(400))))
            .getMessage());
  }

  /** Throws when it is asked. */
  @Doc("None.")
  record Throwing() implements Plugin<ConcurrencyLimiter> {

    @Override
    public ConcurrencyLimiter create(PluginContext context) {
      return new Limiter(1) {
        @Override
        public Decision acquire(RequestInfo request) {
          throw new IllegalStateException("boom");
        }
      };
    }
  }

  /** Never takes a permit back. */
  @Doc("None.")
  record Leaking() implements Plugin<ConcurrencyLimiter> {

    @Override
    public ConcurrencyLimiter create(PluginContext context) {
      return new Limiter(0);
    }
  }

  /** Schedules for ever. */
  @Doc("None.")
  record Ticking() implements Plugin<ConcurrencyLimiter> {

    @Override
    public ConcurrencyLimiter create(PluginContext context) {
      tick(context);
      return new Limiter(1);
    }

    private static void tick(PluginContext context) {
      context.counter("ticks").increment();
      context.timeline().after(100_000_000, () -> tick(context));
    }
  }

  private static class Limiter implements ConcurrencyLimiter {
    private final int back;
    private int out;

    /** Takes so many permits back when a call ends. */
    Limiter(int back) {
      this.back = back;
    }

    @Override
    public Decision acquire(RequestInfo request) {
      out++;
      return new Admitted(outcome -> out -= back);
    }

    @Override
    public int limit() {
      return 100;
    }

    @Override
    public int inFlight() {
      return out;
    }
  }
}
