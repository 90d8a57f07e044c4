package dev.forebay.cli;

import dev.forebay.replay.run.Assertion;
import dev.forebay.replay.run.Report;
import java.io.PrintWriter;
import java.util.List;

/**
 * What becomes of a comparison: says which combinations failed and which assertions fell short.
 *
 * @param assertions of the caller
 * @param err is told of it
 */
record Judge(List<Assertion> assertions, PrintWriter err) {

  /** The exit code of a report. */
  int code(Report report) {
    return code(report, List.of());
  }

  /**
   * The exit code of a report whose figures may not be believed.
   *
   * @param warnings why not; empty if they can be. No assertion holds on such figures.
   */
  int code(Report report, List<String> warnings) {
    int code = report.failed().isEmpty() ? Main.OK : Main.FAILED;
    if (code != Main.OK) {
      err.println("forebay: failed: " + String.join(", ", report.failed().keySet()));
    }
    for (Assertion assertion : assertions) {
      Assertion.Verdict verdict = assertion.check(report);
      if (!verdict.holds()) {
        err.println("forebay: assertion fell short: " + verdict.text());
        code = Main.FAILED;
      }
    }
    if (!assertions.isEmpty() && !warnings.isEmpty()) {
      warnings.forEach(warning -> err.println("forebay: " + warning));
      code = Main.FAILED;
    }
    return code;
  }
}
