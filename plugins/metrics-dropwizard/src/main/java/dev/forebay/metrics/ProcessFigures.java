package dev.forebay.metrics;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The figures of the process: processors, memory, collector, threads, files, disk. */
final class ProcessFigures {

  private static final Path PROC = Path.of("/proc/self");
  private static final double NANOS = 1e9;
  private static final double KIBIBYTE = 1024;

  private ProcessFigures() {}

  /** Adds them. What the system does not tell is left out. Reads files, so not on an event loop. */
  static void add(Family.Builder to) {
    system(to);
    memory(to);
    collectors(to);
    to.gauge(
        "forebay_process_threads",
        "Threads of the JVM.",
        Map.of(),
        ManagementFactory.getThreadMXBean().getThreadCount());
    to.gauge(
        "forebay_process_start_time_seconds",
        "When the process began, since 1970 UTC.",
        Map.of(),
        ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
    disk(to);
  }

  private static void system(Family.Builder to) {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
      to.counter(
          "forebay_process_cpu_seconds",
          "Processor time that the process used.",
          Map.of(),
          system.getProcessCpuTime() / NANOS);
      if (system instanceof UnixOperatingSystemMXBean unix) {
        to.gauge(
            "forebay_process_open_files",
            "Open files and sockets.",
            Map.of(),
            unix.getOpenFileDescriptorCount());
        to.gauge(
            "forebay_process_max_files",
            "Files and sockets that may be open.",
            Map.of(),
            unix.getMaxFileDescriptorCount());
      }
    }
  }

  private static void memory(Family.Builder to) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    MemoryUsage heap = memory.getHeapMemoryUsage();
    heap(to, "used", heap.getUsed());
    heap(to, "committed", heap.getCommitted());
    heap(to, "max", heap.getMax());
    to.gauge(
        "forebay_process_non_heap_bytes",
        "Memory of classes and code.",
        Map.of(),
        memory.getNonHeapMemoryUsage().getUsed());
    Double resident = numbers(PROC.resolve("status")).get("VmRSS");
    if (resident != null) {
      to.gauge(
          "forebay_process_resident_bytes",
          "Memory that the process holds.",
          Map.of(),
          resident * KIBIBYTE);
    }
  }

  private static void heap(Family.Builder to, String state, long bytes) {
    to.gauge("forebay_process_heap_bytes", "Heap of the JVM.", Map.of("state", state), bytes);
  }

  private static void collectors(Family.Builder to) {
    for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
      Map<String, String> labels = Map.of("collector", each.getName());
      to.counter(
          "forebay_process_gc_seconds",
          "Time of garbage collections.",
          labels,
          Math.max(0, each.getCollectionTime()) / 1e3);
      to.counter(
          "forebay_process_gc_collections",
          "Garbage collections.",
          labels,
          Math.max(0, each.getCollectionCount()));
    }
  }

  private static void disk(Family.Builder to) {
    Map<String, Double> io = numbers(PROC.resolve("io"));
    disk(to, "read", io.get("read_bytes"));
    disk(to, "write", io.get("write_bytes"));
  }

  private static void disk(Family.Builder to, String direction, @Nullable Double bytes) {
    if (bytes != null) {
      to.counter(
          "forebay_process_disk_bytes",
          "Bytes that the process read from disks, or wrote to them.",
          Map.of("direction", direction),
          bytes);
    }
  }

  /** Lines such as {@code VmRSS: 1234 kB}; none if the system has no such file. */
  private static Map<String, Double> numbers(Path file) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (String line : lines(file)) {
      String[] words = line.split("[:\\s]+");
      if (words.length >= 2 && words[1].matches("\\d{1,18}")) {
        numbers.put(words[0], Double.valueOf(words[1]));
      }
    }
    return numbers;
  }

  private static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }
}
