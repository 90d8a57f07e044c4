package dev.forebay.spi.options;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class FileErrorTest {

  @TempDir private Path folder;

  @Test
  void aPathThatCannotBeUsedIsToldInWords() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertEquals("no such file or folder", words(() -> Files.size(folder.resolve("none"))));
    assertEquals("it exists, and is no folder", words(() -> Files.createDirectories(file)));
    assertEquals("Not a directory", words(() -> Files.createDirectories(file.resolve("inner"))));
    assertEquals("not a folder", words(() -> list(file)));
  }

  @Test
  void otherErrorsAreToldInTheirOwnWords() {
    assertEquals("no permission", FileError.words(new AccessDeniedException("file")));
    assertEquals(
        "No space left", FileError.words(new FileSystemException("f", null, "No space left")));
    assertEquals("broken", FileError.words(new IOException("broken")));
    assertEquals("IOException", FileError.words(new IOException()));
  }

  private static void list(Path file) throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(file)) {
      all.forEach(each -> {});
    }
  }

  private static String words(Executable failing) {
    return FileError.words(assertThrows(IOException.class, failing));
  }
}
