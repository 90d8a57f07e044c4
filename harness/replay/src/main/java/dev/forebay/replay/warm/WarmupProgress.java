package dev.forebay.replay.warm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * How far a warm-up came, in a file of two lines: which list, and how many of it are done. It holds
 * no prompt.
 */
public final class WarmupProgress {

  private final Path file;
  private final String list;
  private int done;

  private WarmupProgress(Path file, String list, int done) {
    this.file = file;
    this.list = list;
    this.done = done;
  }

  /**
   * What a file says of a list; nothing where there is none, or where it is another list's.
   *
   * @throws IllegalArgumentException where the file is something else
   */
  public static WarmupProgress open(Path file, String list) throws IOException {
    if (!Files.exists(file)) {
      return new WarmupProgress(file, list, 0);
    }
    List<String> lines = Files.readAllLines(file);
    if (lines.size() != 2
        || !lines.get(0).startsWith("list ")
        || !lines.get(1).startsWith("done ")) {
      throw new IllegalArgumentException(
          file + ": no notes of a warm-up (expected: none, or a file that one wrote)");
    }
    boolean same = lines.get(0).equals("list " + list);
    return new WarmupProgress(
        file, list, same ? Integer.parseInt(lines.get(1).substring(5).trim()) : 0);
  }

  /** How many requests of the list are done. */
  public int done() {
    return done;
  }

  /** Notes that one more is done. */
  void next() throws IOException {
    done++;
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.writeString(fresh, "list " + list + "\ndone " + done + "\n");
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }
}
