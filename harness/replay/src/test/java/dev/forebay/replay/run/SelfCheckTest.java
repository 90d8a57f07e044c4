package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.spi.ConcurrencyLimiter;
import dev.forebay.spi.Doc;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.RequestInfo;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SelfCheckTest {

  @TempDir private Path folder;

  @Test
  void aPluginThatThrowsFailsTheRunByName() {
    String message =
        fails(
            new Foreign("throwing", Kind.THROWS), "[{ admit: { limit: throwing, queue: fifo } }]");
    assertTrue(
        message.startsWith(
            "it, seed 1: self-check: plugin throwing (admit) threw"
                + " java.lang.IllegalStateException: boom at dev.forebay.replay.run.SelfCheckTest"
                + "$Limiter.acquire(SelfCheckTest.java:"),
        message);
  }

  @Test
  void aLimiterThatLeaksIsCaught() {
    String message =
        fails(new Foreign("leaking", Kind.LEAKS), "[{ admit: { limit: leaking, queue: fifo } }]");
    assertEquals("it, seed 1: self-check: admit.in_flight: 2 (expected: 0)", message);
  }

  @Test
  void aTimerThatNeverEndsDoesNotKeepARunFromEnding() {
    Row row =
        Bench.row(
            folder,
            Bench.REGISTRY.with(new Foreign("ticking", Kind.TICKS)),
            "[{ admit: { limit: ticking, queue: fifo } }]",
            trace(at(0), at(400)));
    assertEquals(2, row.ok());
    assertTrue(row.plugin().getOrDefault("admit/ticking.ticks", 0L) > 0);
  }

  private String fails(Foreign provider, String pipeline) {
    return String.valueOf(
        assertThrows(
                SelfCheckException.class,
                () ->
                    Bench.row(
                        folder, Bench.REGISTRY.with(provider), pipeline, trace(at(0), at(400))))
            .getMessage());
  }

  private enum Kind {
    THROWS,
    LEAKS,
    TICKS
  }

  /** A limiter of somebody else's. */
  private record Foreign(String name, Kind how)
      implements Provider<ConcurrencyLimiter, Foreign.Options> {

    @Doc("None.")
    record Options() {}

    @Override
    public Class<ConcurrencyLimiter> kind() {
      return ConcurrencyLimiter.class;
    }

    @Override
    public Class<Options> options() {
      return Options.class;
    }

    @Override
    public ConcurrencyLimiter create(Options options, PluginContext context) {
      if (how == Kind.TICKS) {
        tick(context);
      }
      return new Limiter(how);
    }

    private static void tick(PluginContext context) {
      context.counter("ticks").increment();
      context.timeline().after(100_000_000, () -> tick(context));
    }
  }

  private static final class Limiter implements ConcurrencyLimiter {
    private final Kind how;
    private int out;

    Limiter(Kind how) {
      this.how = how;
    }

    @Override
    public Decision acquire(RequestInfo request) {
      if (how == Kind.THROWS) {
        throw new IllegalStateException("boom");
      }
      out++;
      return new Admitted(outcome -> out -= how == Kind.LEAKS ? 0 : 1);
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
