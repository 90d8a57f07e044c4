package dev.forebay.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What does not outlive this JVM: the processes that it started and the folders of their data. When
 * the JVM ends, the processes are killed first, so that they write into no folder that is removed.
 * A JVM that is killed (SIGKILL) removes nothing.
 */
public final class Temporary {

  private static final int PATIENCE_SECONDS = 5;

  private static final Set<Process> PROCESSES = ConcurrentHashMap.newKeySet();
  private static final Set<Path> FOLDERS = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Temporary::end, "forebay-temporary"));
  }

  private Temporary() {}

  /**
   * Makes an empty folder, in the system's folder for temporary files.
   *
   * @param prefix of its name
   */
  public static Path folder(String prefix) throws IOException {
    Path folder = Files.createTempDirectory(prefix);
    FOLDERS.add(folder);
    return folder;
  }

  /** Removes such a folder with all that is in it. */
  public static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> files = Files.walk(folder)) {
      all = files.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path each : all) {
      Files.deleteIfExists(each);
    }
    FOLDERS.remove(folder);
  }

  /** Kills a process when the JVM ends, unless it is {@link #ended} before. */
  static void process(Process process) {
    PROCESSES.add(process);
  }

  /** A process is over. */
  static void ended(Process process) {
    PROCESSES.remove(process);
  }

  private static void end() {
    PROCESSES.forEach(Process::destroyForcibly);
    try {
      for (Process process : PROCESSES) {
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Path folder : FOLDERS) {
      try {
        delete(folder);
      } catch (IOException e) {
        // the system removes what is temporary
      }
    }
  }
}
