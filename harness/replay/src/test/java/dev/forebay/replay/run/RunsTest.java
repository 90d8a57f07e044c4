package dev.forebay.replay.run;

import static dev.forebay.replay.run.Bench.at;
import static dev.forebay.replay.run.Bench.trace;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.spi.Balancer;
import dev.forebay.spi.Doc;
import dev.forebay.spi.Endpoint;
import dev.forebay.spi.PluginContext;
import dev.forebay.spi.Provider;
import dev.forebay.spi.RequestInfo;
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
    Report report = report("blocks", "blocks-in-create", "spins");
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
    Report report = report("throws-in-create", "null-in-create", "another-kind", "overflows");
    assertEquals(3, report.cells().size());
    assertFailed(
        report,
        "throws-in-create",
        "plugin throws-in-create: create threw java.lang.IllegalStateException: no licence file at"
            + " ",
        "RunsTest$Foreign.create(RunsTest.java:");
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
    assertFailed(report, "overflows", "plugin overflows, in its call choose, at ", "StackOverflow");
  }

  private Report report(String... balancers) {
    Registry registry = Bench.REGISTRY;
    StringBuilder text = new StringBuilder(Bench.FLEET + "combinations:\n");
    for (String name : balancers) {
      registry =
          registry.with(name.equals("another-kind") ? new AnotherKind(name) : new Foreign(name));
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

  /** A balancer that misbehaves as its name says. */
  private record Foreign(String name) implements Provider<Balancer, Foreign.Options> {

    @Doc("None.")
    record Options() {}

    @Override
    public Class<Balancer> kind() {
      return Balancer.class;
    }

    @Override
    public Class<Options> options() {
      return Options.class;
    }

    @Override
    @SuppressWarnings("NullAway") // what it is about
    public Balancer create(Options options, PluginContext context) {
      return switch (name) {
        case "throws-in-create" -> throw new IllegalStateException("no licence file");
        case "null-in-create" -> null;
        case "blocks-in-create" -> {
          block();
          yield new Blocking(name);
        }
        default -> new Blocking(name);
      };
    }
  }

  /** Says that it makes balancers, and makes text. */
  private record AnotherKind(String name) implements Provider<Object, Foreign.Options> {

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"}) // what it is about
    public Class<Object> kind() {
      return (Class) Balancer.class;
    }

    @Override
    public Class<Foreign.Options> options() {
      return Foreign.Options.class;
    }

    @Override
    public Object create(Foreign.Options options, PluginContext context) {
      return "text";
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
