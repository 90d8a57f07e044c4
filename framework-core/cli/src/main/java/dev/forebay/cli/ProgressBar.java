package dev.forebay.cli;

import dev.forebay.replay.run.Comparison;
import java.io.PrintWriter;
import java.util.Locale;

/** How far a comparison is, in one line of a terminal; nothing elsewhere. */
record ProgressBar(PrintWriter err) implements Comparison.Progress {

  private static final int WIDTH = 30;
  private static final String CLEAR = "\r" + " ".repeat(WIDTH + 52) + "\r";

  @Override
  public void done(int runs, int of, String run) {
    if (Terminal.present()) {
      err.print(runs == of ? CLEAR : line(runs, of, run));
      err.flush();
    }
  }

  static String line(int done, int of, String what) {
    int full = of == 0 ? WIDTH : (int) ((long) WIDTH * done / of);
    return String.format(
        Locale.ROOT,
        "\r%s%s %d/%d %-40.40s",
        "#".repeat(full),
        ".".repeat(WIDTH - full),
        done,
        of,
        what);
  }
}
