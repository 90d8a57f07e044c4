package dev.forebay.spi.options;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** Says why a file or a folder cannot be used, in words for a message that names its path. */
public final class FileError {

  private FileError() {}

  /**
   * What went wrong, without the path: {@code no permission}. Java's own messages are the path
   * alone for the most common errors.
   */
  public static String words(IOException error) {
    if (error instanceof NoSuchFileException) {
      return "no such file or folder";
    } else if (error instanceof AccessDeniedException) {
      return "no permission";
    } else if (error instanceof FileAlreadyExistsException) {
      return "it exists, and is no folder";
    } else if (error instanceof NotDirectoryException) {
      return "not a folder";
    }
    String said =
        error instanceof FileSystemException of && of.getReason() != null
            ? of.getReason()
            : error.getMessage();
    return said == null ? error.getClass().getSimpleName() : said;
  }
}
