package dev.forebay.live;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * The file of results: a line for each request, and a last one that says what the client itself
 * took. Times count from the first arrival that counts.
 */
final class Results implements AutoCloseable {

  private final BufferedWriter file;
  private final long origin;
  private final Consumer<IOException> lost;
  private long began = -1;
  private double cpuBefore;
  private long lines;

  /**
   * Begins a file.
   *
   * @param origin when the first request that counts arrives, by {@link System#nanoTime}
   * @param lost is told when a line cannot be written
   */
  Results(Path path, long origin, Consumer<IOException> lost) {
    this.origin = origin;
    this.lost = lost;
    try {
      file = Files.newBufferedWriter(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long origin() {
    return origin;
  }

  /** From now on the client's share of the processors counts. */
  synchronized void begin(long now) {
    began = now;
    cpuBefore = cpuSeconds();
  }

  synchronized void add(Result result) {
    try {
      file.write(result.json(origin));
      file.write('\n');
      lines++;
    } catch (IOException e) {
      lost.accept(e);
    }
  }

  @Override
  public synchronized void close() {
    double seconds = (System.nanoTime() - began) / 1e9;
    double share =
        (cpuSeconds() - cpuBefore) / seconds / Runtime.getRuntime().availableProcessors();
    try (file) {
      file.write(
          "{\"results\":"
              + lines
              + ",\"seconds\":"
              + seconds
              + ",\"processorShare\":"
              + (began < 0 ? 0 : share)
              + "}\n");
    } catch (IOException e) {
      lost.accept(e);
    }
  }

  private static double cpuSeconds() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean system
        ? system.getProcessCpuTime() / 1e9
        : 0;
  }
}
