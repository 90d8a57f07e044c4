package dev.forebay.net;

import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the children of a process that was killed, and so could not end them itself: a shell that
 * reads their ids from a pipe, until the pipe ends with the process. There is one for all children;
 * it starts with the first. It asks them to end, and kills them after five seconds. Calls block.
 *
 * <p>Without {@code /bin/sh} there is none, and children outlive a process that is killed.
 */
final class ChildWatch {

  private static final Logger LOG = LoggerFactory.getLogger(ChildWatch.class);
  private static final String SHELL = "/bin/sh";

  /** Signals for the whole group, such as Ctrl-C, are for the process: it ends its children. */
  private static final String SCRIPT =
      """
      trap '' INT TERM HUP
      all=
      while read -r what pid; do
        if [ "$what" = begun ]; then
          all="$all $pid"
        else
          kept=
          for each in $all; do
            [ "$each" = "$pid" ] || kept="$kept $each"
          done
          all=$kept
        fi
      done
      [ -n "$all" ] || exit 0
      kill -TERM $all 2>/dev/null
      sleep 5
      kill -KILL $all 2>/dev/null
      """;

  private static final ChildWatch ONE = new ChildWatch();

  private final Set<Long> children = new LinkedHashSet<>();
  private @Nullable Writer shell;

  private ChildWatch() {}

  /** A child was started. */
  static void begun(long pid) {
    ONE.note("begun", pid);
  }

  /** It has ended. */
  static void ended(long pid) {
    ONE.note("ended", pid);
  }

  private synchronized void note(String what, long pid) {
    if (what.equals("begun")) {
      children.add(pid);
    } else {
      children.remove(pid);
    }
    try {
      Writer running = shell;
      if (running == null) {
        begin();
      } else {
        tell(running, what, pid);
      }
    } catch (IOException e) {
      shell = null; // the next child starts another
      LOG.warn("child processes would outlive this one if it were killed: {}", e.getMessage());
    }
  }

  private void begin() throws IOException {
    if (children.isEmpty() || !Files.isExecutable(Path.of(SHELL))) {
      return;
    }
    Process process =
        new ProcessBuilder(List.of(SHELL, "-c", SCRIPT))
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Writer started = process.outputWriter(StandardCharsets.UTF_8);
    for (Long child : children) {
      tell(started, "begun", child);
    }
    shell = started;
  }

  private static void tell(Writer shell, String what, long pid) throws IOException {
    shell.write(what + " " + pid + "\n");
    shell.flush();
  }
}
