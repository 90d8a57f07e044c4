package dev.forebay.queuing.letterfile;

import static java.nio.file.StandardOpenOption.APPEND;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.function.Predicate;

/** Lines in a file, and in older ones. Blocks; one call at a time. */
final class RotatedFile {

  private static final FileAttribute<Set<PosixFilePermission>> OWNERS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path path;
  private final long maxBytes;
  private final int files;

  /** Whether the file ends with a whole line that was written here. */
  private boolean whole;

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
    // The last line of an earlier process, or of a full disk, may have been cut off.
    byte[] bytes = ((whole ? "" : "\n") + line + "\n").getBytes(StandardCharsets.UTF_8);
    if (bytes.length > maxBytes) {
      throw new IOException(bytes.length + " bytes (expected: at most " + maxBytes + ")");
    }
    if (Files.exists(path) && Files.size(path) + bytes.length > maxBytes) {
      rotate();
    }
    whole = false;
    own();
    Files.write(path, bytes, APPEND);
    whole = true;
  }

  /** The file is there, and nobody but its owner may read it: lines may hold prompts. */
  private void own() throws IOException {
    boolean owners = path.getFileSystem().supportedFileAttributeViews().contains("posix");
    if (!Files.exists(path)) {
      Files.createFile(path, owners ? new FileAttribute<?>[] {OWNERS} : new FileAttribute<?>[0]);
    } else if (owners && !OWNERS.value().equals(Files.getPosixFilePermissions(path))) {
      Files.setPosixFilePermissions(path, OWNERS.value());
    }
  }

  /**
   * Reads the lines, the newest first, one file at a time.
   *
   * @param more takes a line, and says whether to go on
   */
  void newest(Predicate<String> more) throws IOException {
    for (int number = 0; number < files; number++) {
      Path file = file(number);
      if (Files.exists(file)) {
        byte[] bytes = Files.readAllBytes(file);
        int end = bytes.length;
        while (end > 0) {
          int start = end;
          while (start > 0 && bytes[start - 1] != '\n') {
            start--;
          }
          if (!more.test(new String(bytes, start, end - start, StandardCharsets.UTF_8))) {
            return;
          }
          end = start - 1;
        }
      }
    }
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
