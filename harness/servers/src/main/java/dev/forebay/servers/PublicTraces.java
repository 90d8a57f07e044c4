package dev.forebay.servers;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds the public traces; tests that need them are skipped, with the reason, where there are none.
 */
public final class PublicTraces {
  private PublicTraces() {}

  /** The path of a file; skips the test where it is not there. */
  public static String file(String name) {
    String root = System.getProperty("forebay.root", ".");
    Path folder =
        Path.of(System.getProperty("forebay.traces", Path.of(root, "../shared/traces").toString()));
    Path file = folder.resolve(name).normalize();
    assumeTrue(
        Files.isReadable(file),
        file + " is not there: give the folder of the public traces by -Dforebay.traces=DIR");
    return file.toString();
  }
}
