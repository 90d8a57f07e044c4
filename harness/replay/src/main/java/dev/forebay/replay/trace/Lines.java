package dev.forebay.replay.trace;

import dev.forebay.spi.options.FileError;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** The lines of a text file, gzipped or not, of at most {@link #MAX_LENGTH} characters each. */
final class Lines implements AutoCloseable {
  static final int MAX_LENGTH = 4 << 20;

  private final String file;
  private final InputStream bytes;
  private final Reader reader;
  private final char[] buffer = new char[1 << 16];
  private int from;
  private int to;
  private long number;

  Lines(String file) {
    this.file = file;
    this.bytes = open(file);
    this.reader = new InputStreamReader(bytes, StandardCharsets.UTF_8);
  }

  /** The file's bytes, unpacked where they are gzipped, whatever the file's name. */
  static InputStream open(String file) {
    try {
      Path path = Path.of(file);
      if (!Files.isRegularFile(path)) {
        throw new TraceException(
            file
                + ": "
                + (Files.exists(path) ? "not a file" : "no such file")
                + " (expected: a trace)");
      }
      BufferedInputStream raw = new BufferedInputStream(Files.newInputStream(path), 1 << 16);
      return unpacked(raw, file);
    } catch (IOException | IllegalArgumentException e) {
      String why = e instanceof IOException io ? FileError.words(io) : e.getMessage();
      throw new TraceException(file + ": cannot be read: " + why + " (expected: a trace)");
    }
  }

  /** The next line that is not blank; null at the end. */
  @Nullable String next() {
    String line = raw();
    while (line != null && line.isBlank()) {
      line = raw();
    }
    return line;
  }

  /** Where the last line was, for errors: {@code FILE:LINE}. */
  String place() {
    return file + ":" + number;
  }

  /** An error at the last line. */
  TraceException error(String what, String expected) {
    return new TraceException(place() + ": " + what + " (expected: " + expected + ")");
  }

  @Override
  public void close() {
    try {
      bytes.close();
    } catch (IOException e) {
      throw new TraceException(
          file + ": cannot be closed: " + FileError.words(e) + " (expected: a file)");
    }
  }

  private @Nullable String raw() {
    number++;
    StringBuilder line = null;
    while (true) {
      if (from == to && !fill()) {
        return line == null ? null : line.toString();
      }
      int end = from;
      while (end < to && buffer[end] != '\n') {
        end++;
      }
      if (line == null) {
        line = new StringBuilder(Math.max(16, end - from));
      }
      line.append(buffer, from, end - from);
      if (line.length() > MAX_LENGTH) {
        throw error("a line of more than " + MAX_LENGTH + " characters", "shorter lines");
      }
      boolean ended = end < to;
      from = ended ? end + 1 : end;
      if (ended) {
        return trimmed(line);
      }
    }
  }

  private boolean fill() {
    try {
      from = 0;
      to = Math.max(0, reader.read(buffer));
      return to > 0;
    } catch (EOFException e) {
      throw error("the compressed data ends early", "a complete gzip file");
    } catch (ZipException e) {
      throw error("damaged compressed data: " + e.getMessage(), "a sound gzip file");
    } catch (IOException e) {
      throw error("cannot be read: " + FileError.words(e), "a readable file");
    }
  }

  private static String trimmed(StringBuilder line) {
    int length = line.length();
    return length > 0 && line.charAt(length - 1) == '\r'
        ? line.substring(0, length - 1)
        : line.toString();
  }

  private static InputStream unpacked(BufferedInputStream raw, String file) throws IOException {
    raw.mark(2);
    int first = raw.read();
    int second = raw.read();
    raw.reset();
    if (first == 0x1f && second == 0x8b) {
      try {
        return new GZIPInputStream(raw, 1 << 16);
      } catch (EOFException e) {
        raw.close();
        throw new TraceException(
            file + ":1: the compressed data ends early (expected: a complete gzip file)");
      }
    }
    if (first >= 0 && file.endsWith(".gz")) {
      raw.close();
      throw new TraceException(file + ":1: not compressed (expected: a gzip file, by its name)");
    }
    return raw;
  }
}
