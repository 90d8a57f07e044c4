package dev.forebay.cli;

import java.io.PrintWriter;
import java.util.Locale;

/** How far work on a file is, in one line of a terminal; nothing elsewhere. */
final class ByteBar {

  private static final int WIDTH = 30;
  private static final int STEPS = 1000;
  private static final double MEBIBYTE = 1 << 20;

  private final PrintWriter err;
  private long shown = -1;

  ByteBar(PrintWriter err) {
    this.err = err;
  }

  void at(long done, long of, String what) {
    long step = of == 0 ? STEPS : done * STEPS / of;
    if (step != shown && Terminal.present()) {
      shown = step;
      err.print(line(done, of, what));
      err.flush();
    }
  }

  void clear() {
    if (shown >= 0) {
      err.print("\r" + " ".repeat(WIDTH + 62) + "\r");
      err.flush();
    }
  }

  static String line(long done, long of, String what) {
    int full = (int) (of == 0 ? WIDTH : WIDTH * done / of);
    return String.format(
        Locale.ROOT,
        "\r%s%s %.0f of %.0f MiB %-32.32s",
        "#".repeat(full),
        ".".repeat(WIDTH - full),
        done / MEBIBYTE,
        of / MEBIBYTE,
        what);
  }
}
