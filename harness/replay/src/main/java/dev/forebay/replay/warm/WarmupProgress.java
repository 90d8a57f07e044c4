package dev.forebay.replay.warm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * How far a warm-up came, in a file of three lines: which list, which start of the gateway, and how
 * many of the list are done. It holds no prompt.
 */
public final class WarmupProgress {

  private final Path file;
  private final String list;
  private final String start;
  private int done;

  private WarmupProgress(Path file, String list, String start, int done) {
    this.file = file;
    this.list = list;
    this.start = start;
    this.done = done;
  }

  /**
   * What a file says of a list; nothing if there is none, if it is another list's, or if the
   * gateway was started since.
   *
   * @param start the id of the gateway's start
   * @throws IllegalArgumentException if the file is something else
   */
  public static WarmupProgress open(Path file, String list, String start) throws IOException {
    if (!Files.exists(file)) {
      return new WarmupProgress(file, list, start, 0);
    }
    List<String> lines = Files.readAllLines(file);
    String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
    if (lines.size() > 3
        || !lines.get(0).startsWith("list ")
        || !last.matches("done \\d{1,9}\\s*")) {
      throw new IllegalArgumentException(
          file + ": no notes of a warm-up (expected: none, or a file that one wrote)");
    }
    boolean same =
        lines.subList(0, lines.size() - 1).equals(List.of("list " + list, "start " + start));
    int done = same ? Integer.parseInt(last.substring(5).trim()) : 0;
    return new WarmupProgress(file, list, start, done);
  }

  /** How many requests of the list are done. */
  public int done() {
    return done;
  }

  /** Notes that one more is done. */
  void next() throws IOException {
    done++;
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, "list " + list + "\nstart " + start + "\ndone " + done + "\n");
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
