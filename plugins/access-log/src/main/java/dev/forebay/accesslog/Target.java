package dev.forebay.accesslog;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Where lines go; used on one thread. */
abstract class Target {

  private @Nullable OutputStream open;

  /** The stdout of the process. */
  static Target stdout() {
    return new Target() {
      @Override
      OutputStream begin() {
        return new FileOutputStream(FileDescriptor.out);
      }

      @Override
      boolean gone() {
        return false;
      }

      @Override
      void close() {}
    };
  }

  /** A file that is added to, and begun again if it is no longer there. */
  static Target file(Path file) {
    return new Target() {
      @Override
      OutputStream begin() throws IOException {
        return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }

      @Override
      boolean gone() {
        return !Files.exists(file);
      }
    };
  }

  abstract OutputStream begin() throws IOException;

  /** Whether what is open is no longer in its place; this may ask the disk. */
  abstract boolean gone();

  void write(byte[] bytes) throws IOException {
    OutputStream out = open;
    if (out == null) {
      out = new BufferedOutputStream(begin(), 1 << 16);
      open = out;
    }
    out.write(bytes);
  }

  void flush() throws IOException {
    if (open != null) {
      open.flush();
    }
  }

  /** Begins again at the next line, after an error or if the file was moved away. */
  void reopen() {
    try {
      close();
    } catch (IOException e) {
      // what it held is lost, which the error before has told
    }
    open = null;
  }

  void close() throws IOException {
    if (open != null) {
      open.close();
    }
  }
}
