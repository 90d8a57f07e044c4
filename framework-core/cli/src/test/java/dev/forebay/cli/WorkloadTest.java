package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.replay.trace.Trace;
import dev.forebay.replay.trace.TraceException;
import dev.forebay.replay.trace.TraceFormats;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recorded trace that is not there. */
class WorkloadTest {

  private static final Registry REGISTRY = Registry.load(WorkloadTest.class.getClassLoader());

  @TempDir private Path folder;

  private Workload workload(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("own.yaml"), text);
    Scenario scenario = ScenarioReader.read(file.toString(), REGISTRY, name -> null);
    return Workload.of(scenario, null, TraceFormats.ALL, 1);
  }

  @Test
  void anOptionalTraceThatIsMissingIsGeneratedAndTheReportSaysSo() throws IOException {
    Workload workload =
        workload("like: overload\ntrace: azure:nowhere/a.csv\ntrace-optional: true\n");
    assertNull(workload.spec());
    Trace trace = workload.trace(1);
    assertEquals("synthetic", trace.format());
    assertTrue(
        trace.notes().get(0).contains("azure:nowhere/a.csv is not there"), "" + trace.notes());
  }

  @Test
  void anotherTraceThatIsMissingIsAMistake() throws IOException {
    Workload workload = workload("like: overload\ntrace: azure:nowhere/a.csv\n");
    assertThrows(TraceException.class, () -> workload.trace(1));
  }

  @Test
  void theRecordedScenariosNameTheirTraces() {
    for (String name : new String[] {"recorded", "recorded-agents"}) {
      Scenario scenario = ScenarioReader.read(name, REGISTRY, variable -> null);
      assertNotNull(scenario.trace(), name);
      assertTrue(scenario.traceOptional(), name);
    }
  }
}
