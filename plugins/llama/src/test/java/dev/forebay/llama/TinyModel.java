package dev.forebay.llama;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.forebay.gguf.RandomLlama;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A model of random weights, written once per process: what it says is noise. */
public final class TinyModel {

  private static final Path PATH = write();

  private TinyModel() {}

  /** Where it is. Tests that need the engine are skipped where there is none for this machine. */
  public static String path() {
    assumeTrue(KherudEngine.available(), "llama.cpp's library cannot be loaded here");
    return PATH.toString();
  }

  private static Path write() {
    try {
      Path folder = Files.createTempDirectory("forebay-tiny");
      Path path = folder.resolve("tiny.gguf");
      RandomLlama.tiny().write(path, 1);
      folder.toFile().deleteOnExit(); // what was named last is deleted first
      path.toFile().deleteOnExit();
      return path;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
