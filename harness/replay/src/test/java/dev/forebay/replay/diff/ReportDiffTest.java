package dev.forebay.replay.diff;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.forebay.replay.diff.Change.Verdict;
import dev.forebay.replay.diff.ReportDiff.Traffic;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** One report beside another. */
class ReportDiffTest {

  private static JsonObject report(int firstSeed, double... answered) {
    JsonArray rows = new JsonArray();
    for (int i = 0; i < answered.length; i++) {
      rows.add(
          new JsonObject()
              .put("combination", "it")
              .put("seed", firstSeed + i)
              .put("traffic", "of seed " + (firstSeed + i))
              .put("answeredOfOffered", answered[i])
              .put("latencyMillis", new JsonObject().put("p99", 1000 - 100 * answered[i]))
              .put("digest", "of " + answered[i]));
    }
    return new JsonObject().put("scenario", "small").put("mode", "virtual").put("rows", rows);
  }

  private static Change change(ReportDiff diff, String figure) {
    return diff.changes().stream().filter(c -> c.figure().equals(figure)).findFirst().orElseThrow();
  }

  private static Verdict answered(JsonObject before, JsonObject after) {
    return change(ReportDiff.of(before, after), "answeredOfOffered").verdict();
  }

  @Test
  void pairsTellASmallDifferenceThatMeansDoNot() {
    JsonObject before = report(1, 0.5, 0.7, 0.9);
    assertEquals(Verdict.BETTER, answered(before, report(1, 0.51, 0.71, 0.912)));
    assertEquals(Verdict.WORSE, answered(report(1, 0.51, 0.71, 0.912), before));
    JsonObject others = report(11, 0.51, 0.71, 0.912);
    assertFalse(ReportDiff.of(before, others).paired());
    assertEquals(Verdict.CANNOT_TELL, answered(before, others));
  }

  @Test
  void onlyTheFingerprintSaysWhetherTrafficIsTheSame() {
    JsonObject before = report(1, 0.5, 0.7);
    JsonObject renamed = report(1, 0.6, 0.8).put("scenario", "other").put("mode", "live");
    assertEquals(Traffic.SAME, ReportDiff.of(before, renamed).traffic());
    JsonObject longer = report(1, 0.6, 0.8);
    longer.getJsonArray("rows").getJsonObject(1).put("traffic", "of longer answers");
    ReportDiff diff = ReportDiff.of(before, longer);
    assertEquals(Traffic.OTHER, diff.traffic());
    assertFalse(diff.paired());
  }

  @Test
  void rowsWithoutAFingerprintAreNoPairs() {
    JsonObject before = report(1, 0.5, 0.7);
    JsonObject older = report(1, 0.5, 0.7);
    older.getJsonArray("rows").forEach(row -> ((JsonObject) row).remove("traffic"));
    assertEquals(Traffic.UNKNOWN, ReportDiff.of(older, before).traffic());
    assertEquals(Traffic.UNKNOWN, ReportDiff.of(before, older).traffic());
    assertFalse(ReportDiff.of(older, older).paired());
    assertTrue(ReportDiff.of(before, older).alike().isEmpty());
  }

  @Test
  void lessTimeIsBetter() {
    ReportDiff diff = ReportDiff.of(report(1, 0.5, 0.7, 0.9), report(1, 0.61, 0.8, 1.01));
    assertEquals(Verdict.BETTER, change(diff, "latencyMillis.p99").verdict());
    assertTrue(change(diff, "latencyMillis.p99").difference() < 0);
  }

  @Test
  void differencesOfBothSignsCannotTell() {
    assertEquals(
        Verdict.CANNOT_TELL, answered(report(1, 0.5, 0.7, 0.9), report(1, 0.6, 0.6, 0.91)));
  }

  @Test
  void oneSeedHasNoInterval() {
    assertEquals(Verdict.CANNOT_TELL, answered(report(1, 0.5), report(1, 0.9)));
    assertEquals(Verdict.SAME, answered(report(1, 0.5), report(1, 0.5)));
  }

  @Test
  void ofSeedsOnlyCommonOnesAreCompared() {
    ReportDiff diff = ReportDiff.of(report(1, 0.1, 0.7, 0.9), report(2, 0.7, 0.9, 0.2));
    assertTrue(diff.paired());
    assertEquals(2, diff.seeds());
    assertEquals(Verdict.SAME, change(diff, "answeredOfOffered").verdict());
    assertEquals(Set.of("it"), diff.alike());
  }

  @Test
  void unequalVariancesHaveWelchsInterval() {
    Change change =
        change(ReportDiff.of(report(1, 1, 2, 3), report(11, 4, 4.5)), "answeredOfOffered");
    assertEquals(2.25, change.difference(), 1e-9);
    // s²/n = 1/3 and 1/16; freedom 2.66, floored to 2; t = 4.303
    assertEquals(4.303 * Math.sqrt(1 / 3.0 + 1 / 16.0), change.half(), 1e-9);
  }

  @Test
  void figuresThatAReportLacksAreLeftOut() {
    ReportDiff diff = ReportDiff.of(report(1, 0.5, 0.6), report(1, 0.5, 0.6));
    assertEquals(2, diff.changes().size());
  }

  @Test
  void reportsWithoutACommonCombinationAreAMistake() {
    JsonObject other = report(1, 0.5);
    other.getJsonArray("rows").getJsonObject(0).put("combination", "that");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> ReportDiff.of(report(1, 0.5), other));
    assertEquals(
        "diff: no combination is in both reports (in the first: it; in the second: that)",
        e.getMessage());
  }

  @Test
  void conditionsAreAboutVerdictsOrDifferences() {
    ReportDiff worse = ReportDiff.of(report(1, 0.51, 0.71, 0.91), report(1, 0.5, 0.7, 0.9));
    assertEquals(2, FailIf.parse("worse", worse).found(worse).size());
    assertEquals(1, FailIf.parse("it.answeredOfOffered worse", worse).found(worse).size());
    assertEquals(1, FailIf.parse("*.latencyMillis.p99 worse", worse).found(worse).size());
    assertEquals(0, FailIf.parse("it better", worse).found(worse).size());
    assertEquals(2, FailIf.parse("it different", worse).found(worse).size());
    assertEquals(1, FailIf.parse("it.answeredOfOffered < -0.005", worse).found(worse).size());
    assertEquals(0, FailIf.parse("it.answeredOfOffered < -0.02", worse).found(worse).size());
    assertEquals(0, FailIf.parse("it.answeredOfOffered >= 0.005", worse).found(worse).size());
  }

  @Test
  void mistakesInAConditionAreNamed() {
    ReportDiff diff = ReportDiff.of(report(1, 0.5), report(1, 0.5));
    assertMistake("bad", "(expected: such as 'worse'", diff);
    assertMistake("that worse", "combination 'that' (expected: * or it)", diff);
    assertMistake("it.speed worse", "figure 'speed' (expected: * or one of answered", diff);
    assertMistake("it < 3", "a bound is on one figure", diff);
  }

  private static void assertMistake(String condition, String part, ReportDiff diff) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> FailIf.parse(condition, diff));
    assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
  }
}
