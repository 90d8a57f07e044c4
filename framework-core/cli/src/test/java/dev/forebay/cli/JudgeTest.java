package dev.forebay.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.config.Registry;
import dev.forebay.replay.live.ClientProof;
import dev.forebay.replay.live.LiveReport;
import dev.forebay.replay.run.Assertion;
import dev.forebay.replay.run.Combination;
import dev.forebay.replay.run.Comparison;
import dev.forebay.replay.run.Report;
import dev.forebay.replay.run.Scenario;
import dev.forebay.replay.run.ScenarioReader;
import dev.forebay.replay.trace.SyntheticTrace;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class JudgeTest {

  private static final String BASELINE = ScenarioReader.BASELINE;

  private final StringWriter err = new StringWriter();
  private final Report report = report();

  private static Report report() {
    Registry registry = Registry.load(JudgeTest.class.getClassLoader());
    Scenario scenario = ScenarioReader.read("fidelity", registry, name -> null);
    List<Combination> baseline =
        scenario.combinations().stream().filter(one -> one.name().equals(BASELINE)).toList();
    return new Comparison(scenario, baseline)
        .run(
            seed -> SyntheticTrace.generate(scenario.synthetic(), seed).first(5),
            0,
            List.of(1L),
            1,
            (done, total, run) -> {});
  }

  private Judge judge(String... conditions) {
    return new Judge(
        List.of(conditions).stream()
            .map(condition -> Assertion.parse(condition, List.of(BASELINE)))
            .toList(),
        new PrintWriter(err, true));
  }

  private LiveReport sentLateBy(double millis) {
    ClientProof proof = new ClientProof(BASELINE, 1, 5, 0, millis, 100, 0.1, true, 5, 0);
    return new LiveReport(report, List.of(proof), List.of());
  }

  @Test
  void noAssertionHoldsOnFiguresOfALateClient() {
    List<String> late = sentLateBy(1.1).warnings();
    assertEquals(Main.FAILED, judge("baseline.requests >= 5").code(report, late));
    assertTrue(err.toString().contains("the client was late"), err::toString);
    assertTrue(err.toString().contains("sent up to 1.10 ms late"), err::toString);
  }

  @Test
  void withoutAssertionsALateClientIsOnlyTold() {
    assertEquals(Main.OK, judge().code(report, sentLateBy(1.1).warnings()));
    assertEquals("", err.toString());
  }

  @Test
  void aClientInTimeIsJudgedByTheAssertions() {
    List<String> none = sentLateBy(0.9).warnings();
    assertEquals(Main.OK, judge("baseline.requests >= 5").code(report, none));
    assertEquals(Main.FAILED, judge("baseline.requests >= 6").code(report, none));
    assertTrue(err.toString().contains("assertion fell short"), err::toString);
  }
}
