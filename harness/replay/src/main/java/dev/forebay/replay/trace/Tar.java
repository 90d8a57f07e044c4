package dev.forebay.replay.trace;

import dev.forebay.spi.options.FileError;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/**
 * Reads the regular files of a tar archive (POSIX ustar), gzipped or not. Long names of extensions
 * are not needed here and not read.
 */
final class Tar implements AutoCloseable {
  private static final int BLOCK = 512;
  private static final int MAX_FILE_BYTES = 64 << 20;
  private static final int MAX_ENTRIES = 100_000;

  private final String file;
  private final InputStream in;
  private String name = "";
  private int entries;

  Tar(String file) {
    this.file = file;
    this.in = Lines.open(file);
  }

  /** The bytes of the next regular file; null at the end. */
  byte @Nullable [] next() {
    while (true) {
      byte[] header = bytes(BLOCK);
      if (header[0] == 0) {
        return null;
      }
      if (++entries > MAX_ENTRIES) {
        throw error("more than " + MAX_ENTRIES + " entries", "fewer");
      }
      name = text(header, 0, 100);
      int size = size(header);
      byte[] content = bytes(size);
      bytes((BLOCK - size % BLOCK) % BLOCK);
      if (header[156] == '0' || header[156] == 0) {
        return content;
      }
    }
  }

  /** The name of the last file. */
  String name() {
    return name;
  }

  TraceException error(String what, String expected) {
    String place = name.isEmpty() ? file : file + ":" + name;
    return new TraceException(place + ": " + what + " (expected: " + expected + ")");
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw error("cannot be closed: " + FileError.words(e), "a file");
    }
  }

  private int size(byte[] header) {
    if (!text(header, 257, 5).equals("ustar")) {
      throw error("not a tar archive", "a POSIX tar archive");
    }
    try {
      long size = Long.parseLong(text(header, 124, 12).trim(), 8);
      if (size >= 0 && size <= MAX_FILE_BYTES) {
        return (int) size;
      }
      throw error("a file of " + size + " bytes", "at most " + MAX_FILE_BYTES);
    } catch (NumberFormatException e) {
      throw error("a damaged header", "a POSIX tar archive");
    }
  }

  private byte[] bytes(int count) {
    try {
      byte[] bytes = in.readNBytes(count);
      if (bytes.length < count) {
        throw error("the archive ends early", "a complete tar archive");
      }
      return bytes;
    } catch (EOFException e) {
      throw error("the compressed data ends early", "a complete tar archive");
    } catch (ZipException e) {
      throw error("damaged compressed data: " + e.getMessage(), "a sound gzip file");
    } catch (IOException e) {
      throw error("cannot be read: " + FileError.words(e), "a readable file");
    }
  }

  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.UTF_8);
  }
}
