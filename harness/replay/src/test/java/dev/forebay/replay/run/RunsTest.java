package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.spi.Plugin;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.RequestInfo;
import dev.forebay.spi.options.Doc;
import dev.forebay.spi.options.Names;
import dev.forebay.spi.policy.Balancer;
import dev.forebay.spi.policy.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One combination that fails costs the others nothing. */
class RunsTest {

  @TempDir private Path folder;

  @Test
  void aPluginThatBlocksEndsItsRunAndIsNamedWithItsCall() {
    Report report = report(List.of(Blocks.class, BlocksInCreate.class, Spins.class));
    assertEquals(
        List.of("baseline", "unbounded-cache", "clairvoyant-balancer"),
        report.cells().stream().map(Cell::combination).toList());
    assertFailed(report, "blocks", "plugin blocks, in its call choose, at ", "RunsTest$Blocking");
    assertFailed(
        report, "blocks-in-create", "plugin blocks-in-create, in its call create, at ", "");
    assertFailed(report, "spins", "plugin spins, in its call choose, at ", "has not returned for");
  }

  @Test
  void aThrowInCreateANullAndAnotherKindAreTold() {
    Report report =
        report(
            List.of(ThrowsInCreate.class, NullInCreate.class, AnotherKind.class, Overflows.class));
    assertEquals(3, report.cells().size());
    assertFailed(
        report,
        "throws-in-create",
        "plugin throws-in-create: create threw java.lang.IllegalStateException: no licence file at"
            + " ",
        "RunsTest$ThrowsInCreate.create(RunsTest.java:");
    assertFailed(
        report,
        "null-in-create",
        "plugin null-in-create: create returned null (expected: a Balancer)",
        "");
    assertFailed(
        report,
        "another-kind",
        "plugin another-kind: create returned a java.lang.String (expected: a Balancer)",
        "");
    assertFailed(
        report,
        "overflows",
        "self-check: plugin overflows (balance) threw java.lang.StackOverflowError at ",
        "RunsTest$Blocking.choose(RunsTest.java:");
  }

  private Report report(List<Class<? extends Record>> balancers) {
    Registry registry = Bench.REGISTRY;
    StringBuilder text = new StringBuilder(Bench.FLEET + "combinations:\n");
    for (Class<? extends Record> balancer : balancers) {
      registry = registry.with(balancer);
      String name = Names.nameOf(balancer);
      text.append("  ").append(name);
      text.append(": { gateway: { pipeline: [{ balance: ").append(name).append(" }] } }\n");
    }
    Scenario scenario = Bench.scenario(folder, registry, text.toString());
    return new Comparison(scenario, scenario.combinations(), Duration.ofSeconds(1))
        .run(seed -> trace(at(0), at(400)), 0, List.of(1L, 2L), 2, (runs, of, run) -> {});
  }

  private static void assertFailed(Report report, String combination, String... parts) {
    String why = report.failed().getOrDefault(combination, "did not fail");
    for (String part : parts) {
      assertTrue(why.contains(part), combination + ": " + why);
    }
  }

  @Doc("None.")
  record ThrowsInCreate() implements Plugin<Balancer> {

    @Override
    public Balancer create(PluginContext context) {
      throw new IllegalStateException("no licence file");
    }
  }

  @Doc("None.")
  record NullInCreate() implements Plugin<Balancer> {

    @Override
    @SuppressWarnings("NullAway") // what it is about
    public Balancer create(PluginContext context) {
      return null;
    }
  }

  @Doc("None.")
  record BlocksInCreate() implements Plugin<Balancer> {

    @Override
    public Balancer create(PluginContext context) {
      block();
      return new Blocking("blocks");
    }
  }

  @Doc("None.")
  record Blocks() implements Misbehaving, Plugin<Balancer> {}

  @Doc("None.")
  record Spins() implements Misbehaving, Plugin<Balancer> {}

  @Doc("None.")
  record Overflows() implements Misbehaving, Plugin<Balancer> {}

  /** Makes a balancer that misbehaves as the name says. */
  interface Misbehaving extends Plugin<Balancer> {

    @Override
    default Balancer create(PluginContext context) {
      return new Blocking(Names.nameOf(getClass()));
    }
  }

  @Doc("None.")
  record AnotherKind() implements Text<Balancer>, Plugin<Balancer> {}

  /** Makes text, of whatever kind it says that it is. */
  interface Text<T> extends Plugin<T> {

    @Override
    @SuppressWarnings("unchecked") // what it is about
    default T create(PluginContext context) {
      return (T) "text";
    }
  }

  /** Code of an author. */
  private record Blocking(String how) implements Balancer {

    @Override
    public Endpoint choose(RequestInfo request, List<Endpoint> candidates) {
      return switch (how) {
        case "spins" -> spin(candidates);
        case "overflows" -> choose(request, candidates);
        default -> {
          block();
          yield candidates.getFirst();
        }
      };
    }

    private static Endpoint spin(List<Endpoint> candidates) {
      while (!Thread.currentThread().isInterrupted()) {
        Thread.onSpinWait();
      }
      return candidates.getFirst();
    }
  }

  private static void block() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
