package dev.forebay.queuing.letterfile;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Lines in a file, and in older ones. Blocks; one call at a time. */
final class RotatedFile {

  private final Path path;
  private final long maxBytes;
  private final int files;
  private boolean begun;

  /** So many files of so many bytes each at most. */
  RotatedFile(Path path, long maxBytes, int files) {
    this.path = path;
    this.maxBytes = maxBytes;
    this.files = files;
  }

  /**
   * Adds a line.
   *
   * @throws IOException if it cannot be written, or is longer than a file may be
   */
  void append(String line) throws IOException {
    // The last line of an earlier process may have been cut off.
    byte[] bytes = ((begun ? "" : "\n") + line + "\n").getBytes(StandardCharsets.UTF_8);
    if (bytes.length > maxBytes) {
      throw new IOException(bytes.length + " bytes (expected: at most " + maxBytes + ")");
    }
    if (Files.exists(path) && Files.size(path) + bytes.length > maxBytes) {
      rotate();
    }
    Files.write(path, bytes, CREATE, APPEND);
    begun = true;
  }

  /** All lines, the newest first. */
  List<String> newest() throws IOException {
    List<String> all = new ArrayList<>();
    for (int number = 0; number < files; number++) {
      Path file = file(number);
      if (Files.exists(file)) {
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        all.addAll(text.lines().toList().reversed());
      }
    }
    return all;
  }

  private void rotate() throws IOException {
    Files.deleteIfExists(file(files - 1));
    for (int number = files - 2; number >= 0; number--) {
      if (Files.exists(file(number))) {
        Files.move(file(number), file(number + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path file(int number) {
    return number == 0 ? path : path.resolveSibling(path.getFileName() + "." + number);
  }
}
